"""What an archive holds, in which order, and what its manifest says (docs/contracts.md section 3)."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from exports.archive import VERIFIER, build
from exports.archive.manifest import Counts
from exportsite import canonical
from tests.exports.sealed import SealedLog, archive_of, worked_log

SCHEMA = json.loads((Path(__file__).parents[3] / "docs" / "manifest.schema.json").read_text())


@pytest.fixture(scope="module")
def log() -> SealedLog:
    return worked_log(24)


def members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


Make = Callable[..., dict[str, bytes]]


@pytest.fixture
def make(log, tmp_path) -> Make:
    return lambda **options: members(archive_of(log, tmp_path / "a.zip", **options))


def test_the_members_stand_in_the_contracts_order(make) -> None:
    assert list(make(files={"b.json": b"1", "a/c.json": b"2"})) == [
        "b.json",
        "a/c.json",
        "errors.ndjson",
        "audit/checkpoint.note",
        "audit/entries/000000.jsonl",
        "audit/disclosures/000000.jsonl",
        "audit/verify.py",
        "README.txt",
        "files.ndjson",
        "manifest.json",
        "manifest.note",
    ]


def test_a_selection_has_its_proofs(make) -> None:
    found = make(mode="selection", chosen=[1, 4])
    assert "audit/proof.json" in found
    proof = json.loads(found["audit/proof.json"])
    assert proof["size"] == 24
    assert [item["index"] for item in proof["inclusion"]] == [1, 4]
    assert [item["task"] for item in proof["last"]] == ["T1"]


def test_an_empty_selection_has_an_empty_proof(make) -> None:
    found = make(mode="selection", chosen=[])
    assert json.loads(found["audit/proof.json"]) == {"size": 24, "inclusion": [], "last": []}
    assert not any(name.startswith("audit/entries") for name in found)


def test_without_the_record_there_are_checkpoint_and_verifier(make) -> None:
    assert [name for name in make(mode="none") if name.startswith("audit/")] == [
        "audit/checkpoint.note",
        "audit/verify.py",
    ]


def test_entries_and_disclosures_are_spelled_as_agreed(make, log) -> None:
    found = make()
    first = log.entries[1]
    line = found["audit/entries/000000.jsonl"].splitlines(keepends=True)[1]
    assert line == b'{"index":1,"envelope":' + first.envelope + b"}\n"
    disclosed = [json.loads(line) for line in found["audit/disclosures/000000.jsonl"].splitlines()]
    assert [list(item) for item in disclosed] == [["index", "group", "salt", "bytes"]] * 30
    assert [(item["index"], item["group"]) for item in disclosed][:4] == [
        (0, "content"),
        (1, "content"),
        (1, "text"),
        (2, "content"),
    ]


def test_files_of_entries_are_cut_by_number(make, monkeypatch) -> None:
    monkeypatch.setattr(build, "ENTRIES_PER_FILE", 10)
    found = make()
    sizes = {name: data.count(b"\n") for name, data in found.items() if name.startswith("audit/entries")}
    assert list(sizes.values()) == [10, 10, 4]
    assert list(sizes)[2] == "audit/entries/000002.jsonl"
    for name in sizes:
        indices = {json.loads(line)["index"] for line in found[name].splitlines()}
        other = name.replace("entries", "disclosures")
        assert {json.loads(line)["index"] for line in found[other].splitlines()} <= indices


@pytest.mark.parametrize("mode", ["all", "selection", "none"])
def test_the_manifest_is_canonical_and_fits_its_schema(make, mode) -> None:
    data = make(mode=mode)["manifest.json"]
    manifest = canonical.loads(data)
    jsonschema.validate(manifest, SCHEMA)
    assert manifest["audit"]["mode"] == mode


@pytest.mark.parametrize(
    "change", [{"extra": 1}, {"as_of": 0}, {"key": "x"}, {"filters": {"person": ["Mei"]}}, {"format": "Trail"}]
)
def test_the_schema_refuses_what_does_not_fit(make, change) -> None:
    manifest: dict[str, Any] = {**json.loads(make()["manifest.json"]), **change}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(manifest, SCHEMA)


def test_the_listing_names_every_member_but_the_last_three(make) -> None:
    found = make()
    listed = [json.loads(line) for line in found["files.ndjson"].splitlines()]
    assert [item["path"] for item in listed] == list(found)[:-3]
    for item in listed:
        data = found[item["path"]]
        assert item == {"path": item["path"], "bytes": len(data), "sha256": sha256(data).hexdigest()}
    manifest = json.loads(found["manifest.json"])
    assert manifest["files"] == {"count": len(listed), "sha256": sha256(found["files.ndjson"]).hexdigest()}


def test_a_file_beside_the_archive_is_listed_as_such(log, tmp_path) -> None:
    found = members(archive_of(log, tmp_path / "x.xes.proof.zip", files={"log.xes": b"<log/>"}))
    assert "log.xes" not in found
    first = json.loads(found["files.ndjson"].splitlines()[0])
    assert first == {"path": "log.xes", "bytes": 6, "sha256": sha256(b"<log/>").hexdigest(), "beside": True}
    assert (tmp_path / "x.xes").read_bytes() == b"<log/>"


def test_only_one_file_lies_beside_an_archive(log, tmp_path) -> None:
    with pytest.raises(ValueError, match="can't have"):
        archive_of(log, tmp_path / "x.proof.zip", files={"a": b"", "b": b""})


def test_the_same_content_gives_the_same_bytes(log, tmp_path) -> None:
    first = archive_of(log, tmp_path / "a.zip").read_bytes()
    assert archive_of(log, tmp_path / "b.zip").read_bytes() == first


def test_the_verifier_comes_along(make) -> None:
    assert make()["audit/verify.py"] == VERIFIER.read_bytes()


def test_the_readme_tells_the_check_values(make, log) -> None:
    readme = make()["README.txt"].decode()
    assert "events                24          24           0" in readme
    assert log.origin in readme
    assert f"--key '{log.signer.vkey}'" in readme


@pytest.mark.parametrize(
    ("counts", "found"),
    [
        (Counts({"events": 2}, {"events": 2}), []),
        (Counts({"events": 2}, {"events": 1}, {"events": 1}), []),
        (Counts({"events": 2}, {"events": 1}), ["events: 2 expected, 1 written, 0 skipped"]),
        (Counts({"events": 2}, {"events": 3}), ["events: 2 expected, 3 written, 0 skipped"]),
        (Counts({}, {"labels": 1}), ["labels: 0 expected, 1 written, 0 skipped"]),
        (Counts({"tasks": 1}, {}), ["tasks: 1 expected, 0 written, 0 skipped"]),
    ],
)
def test_check_values_that_do_not_add_up_are_told(counts, found) -> None:
    assert counts.differences() == found
