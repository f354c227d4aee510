"""PATH may be a file with its proof beside it, the proof, or a folder with a report's attachments."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import pytest

from tests.exports.sealed import archive_of


@pytest.fixture
def single(log, tmp_path) -> Path:
    archive_of(log, tmp_path / "log.xes.proof.zip", files={"log.xes": b"<log/>"})
    return tmp_path / "log.xes"


@pytest.mark.parametrize("suffix", ["", ".proof.zip"])
def test_a_file_with_its_proof_holds(single, run, suffix) -> None:
    outcome = run(Path(f"{single}{suffix}"))
    assert outcome.code == 0, outcome.text


def test_both_may_be_renamed_together(single, run, tmp_path) -> None:
    shutil.move(single, tmp_path / "other")
    shutil.move(f"{single}.proof.zip", tmp_path / "other.proof.zip")
    assert run(tmp_path / "other").code == 0


def test_a_changed_file_is_found(single, run) -> None:
    single.write_bytes(b"<log />")
    outcome = run(single)
    assert outcome.code == 1
    assert "log.xes" in outcome.row("FAIL", "members")


def test_a_missing_file_is_found(single, run) -> None:
    single.unlink()
    assert run(Path(f"{single}.proof.zip")).code == 1


@pytest.fixture
def folder(log, whole, tmp_path) -> Path:
    """Attachments of a report, saved."""
    target = tmp_path / "attachments"
    target.mkdir()
    with zipfile.ZipFile(whole) as archive:
        (target / "checkpoint.note").write_bytes(archive.read("audit/checkpoint.note"))
        (target / "entries.jsonl").write_bytes(archive.read("audit/entries/000000.jsonl"))
        (target / "disclosures.jsonl").write_bytes(archive.read("audit/disclosures/000000.jsonl"))
    return target


def test_a_reports_attachments_hold(folder, run, log) -> None:
    outcome = run(folder, "--key", log.signer.vkey)
    assert outcome.code == 0, outcome.text
    assert outcome.row("ok", "entries") == "24, and they give the signed root"


def test_a_selection_among_attachments_holds(folder, selection, run, log) -> None:
    with zipfile.ZipFile(selection) as archive:
        (folder / "proof.json").write_bytes(archive.read("audit/proof.json"))
        (folder / "entries.jsonl").write_bytes(archive.read("audit/entries/000000.jsonl"))
        (folder / "disclosures.jsonl").write_bytes(archive.read("audit/disclosures/000000.jsonl"))
    outcome = run(folder, "--key", log.signer.vkey)
    assert outcome.code == 0, outcome.text
    assert "4, each with a proof" in outcome.row("ok", "entries")


def test_attachments_without_disclosures_hold_and_say_so(folder, run, log) -> None:
    (folder / "disclosures.jsonl").unlink()
    outcome = run(folder, "--key", log.signer.vkey)
    assert outcome.code == 0
    assert outcome.row("look", "absent").startswith("30 disclosures")


def test_attachments_need_a_key(folder, run) -> None:
    outcome = run(folder)
    assert outcome.code == 2
    assert "--key" in outcome.text


@pytest.mark.parametrize("name", ["checkpoint.note", "entries.jsonl", "disclosures.jsonl"])
def test_a_changed_attachment_is_found(folder, run, log, name) -> None:
    data = bytearray((folder / name).read_bytes())
    data[len(data) // 2] ^= 1
    (folder / name).write_bytes(data)
    assert run(folder, "--key", log.signer.vkey).code == 1


@pytest.mark.parametrize("name", ["checkpoint.note", "entries.jsonl"])
def test_a_missing_attachment_is_found(folder, run, log, name) -> None:
    (folder / name).unlink()
    assert run(folder, "--key", log.signer.vkey).code in (1, 2)
