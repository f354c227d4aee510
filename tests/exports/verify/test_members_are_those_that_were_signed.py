"""The members are those that the signed manifest lists: none more, none fewer, none twice, none changed."""

from __future__ import annotations

import hashlib
import json
import zipfile

import pytest

from exports.archive import zipwriter
from exportsite.digests import Digests


def test_a_genuine_archive_holds(whole, run, log) -> None:
    outcome = run(whole, "--key", log.signer.vkey)
    assert outcome.code == 0, outcome.text
    assert outcome.row("ok", "entries") == "24, and they give the signed root"
    assert "HOLDS" in outcome.text
    assert "Not proven:" in outcome.text


def test_written_again_unchanged_it_still_holds(whole, run, rewrite) -> None:
    assert run(rewrite(whole, dict)).code == 0


@pytest.mark.parametrize(
    "name",
    [
        "trail.json",
        "errors.ndjson",
        "audit/checkpoint.note",
        "audit/verify.py",
        "README.txt",
        "audit/entries/000000.jsonl",
    ],
)
def test_a_changed_member_is_named(whole, run, rewrite, name) -> None:
    outcome = run(rewrite(whole, lambda members: {**members, name: members[name] + b" "}))
    assert outcome.code == 1
    assert name in outcome.row("FAIL", "members")


@pytest.mark.parametrize("name", ["trail.json", "audit/disclosures/000000.jsonl", "audit/verify.py", "files.ndjson"])
def test_a_missing_member_is_found(whole, run, rewrite, name) -> None:
    outcome = run(rewrite(whole, lambda members: {key: data for key, data in members.items() if key != name}))
    assert outcome.code == 1
    assert "FAIL  members" in outcome.text


@pytest.mark.parametrize("name", ["manifest.json", "manifest.note"])
def test_without_a_signed_manifest_nothing_holds(whole, run, rewrite, name) -> None:
    outcome = run(rewrite(whole, lambda members: {key: data for key, data in members.items() if key != name}))
    assert outcome.code in (1, 2)


@pytest.mark.parametrize("place", [0, 3, -1])
def test_an_unlisted_member_is_named(whole, run, rewrite, place) -> None:
    def add(members: dict[str, bytes]) -> dict[str, bytes]:
        items = list(members.items())
        items.insert(place if place >= 0 else len(items), ("extra.txt", b"not signed"))
        return dict(items)

    outcome = run(rewrite(whole, add))
    assert outcome.code == 1
    assert "extra.txt" in outcome.row("FAIL", "members")


def test_members_in_another_order_are_found(whole, run, rewrite) -> None:
    assert run(rewrite(whole, lambda members: dict(sorted(members.items())))).code == 1


def test_a_listing_that_was_mended_is_not_the_signed_one(whole, run, rewrite) -> None:
    def forge(members: dict[str, bytes]) -> dict[str, bytes]:
        forged = {**members, "trail.json": b"[]\n"}
        lines = [json.loads(line) for line in members["files.ndjson"].splitlines()]
        lines[0].update(bytes=3, sha256=hashlib.sha256(b"[]\n").hexdigest())
        forged["files.ndjson"] = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
        return forged

    outcome = run(rewrite(whole, forge))
    assert outcome.code == 1
    assert outcome.row("FAIL", "members") == "files.ndjson is not the one that was signed"


def test_a_manifest_that_was_mended_is_not_the_signed_one(whole, run, rewrite) -> None:
    def forge(members: dict[str, bytes]) -> dict[str, bytes]:
        manifest = json.loads(members["manifest.json"])
        manifest["counts"]["written"]["events"] = 23
        return {**members, "manifest.json": json.dumps(manifest).encode()}

    outcome = run(rewrite(whole, forge))
    assert outcome.code == 1
    assert outcome.row("FAIL", "manifest") == "manifest.json is not the one that was signed"


@pytest.mark.parametrize("name", ["../../etc/cron.d/x", "/etc/x", "a\\..\\b", "C:x", "a\x07", "a//b", "./a"])
def test_a_name_that_leads_out_is_refused_and_named(whole, run, rewrite, monkeypatch, name) -> None:
    monkeypatch.setattr(zipwriter, "check_name", lambda name: None)
    outcome = run(rewrite(whole, lambda members: {**members, name: b""}))
    assert outcome.code in (1, 2)
    assert "the header of" in outcome.text
    assert "ok    members" not in outcome.text


def test_a_name_that_stands_twice_is_refused_and_named(whole, run, tmp_path) -> None:
    with zipfile.ZipFile(whole) as source, (tmp_path / "a.zip").open("wb") as out:
        writer = zipwriter.ZipWriter(out)
        for name in [*source.namelist(), "trail.json"]:
            writer._names = Digests()
            writer.write(name, source.read(name))
        writer.close()
    outcome = run(tmp_path / "a.zip")
    assert outcome.code in (1, 2)
    assert "trail.json" in outcome.text
    assert "ok    members" not in outcome.text


def test_a_zip_packed_by_another_program_is_not_taken_for_ours(whole, run, tmp_path) -> None:
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as copy:
        for name in source.namelist():
            copy.writestr(name, source.read(name))
    outcome = run(tmp_path / "a.zip")
    assert outcome.code in (1, 2)
    assert "not as Labeltrail writes it" in outcome.text
