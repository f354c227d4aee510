"""What only someone with the log's key could write, and the verifier still finds: the record contradicts itself."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from exports.archive import Disclosed, Last, build
from tests.exports.sealed import SealedLog, archive_of, worked_log


def test_swapped_entries_do_not_hold(log, run, tmp_path) -> None:
    entries = list(log.entries)
    entries[4] = replace(log.entries[5], index=4)
    entries[5] = replace(log.entries[4], index=5)
    outcome = run(archive_of(log, tmp_path / "a.zip", entries=entries))
    assert outcome.code == 1
    assert "do not give the root" in outcome.row("FAIL", "entries")


@pytest.mark.parametrize("gone", [0, 7, 23])
def test_a_missing_entry_is_named(log, run, tmp_path, gone) -> None:
    entries = [entry for entry in log.entries if entry.index != gone]
    outcome = run(archive_of(log, tmp_path / "a.zip", entries=entries))
    assert outcome.code == 1
    text = outcome.row("FAIL", "entries")
    assert text == (
        f"entry {gone} is missing" if gone < 23 else "23 entries do not give the root that was signed over 24"
    )


def test_an_entry_twice_is_named(log, run, tmp_path) -> None:
    outcome = run(archive_of(log, tmp_path / "a.zip", entries=[*log.entries[:9], log.entries[8], *log.entries[9:]]))
    assert "entry 8" in outcome.row("FAIL", "entries")


def test_an_entry_of_another_log_is_named(log, run, tmp_path) -> None:
    other = worked_log(24, origin="test.example/instance/other")
    entries = [*log.entries[:9], other.entries[9], *log.entries[10:]]
    outcome = run(archive_of(log, tmp_path / "a.zip", entries=entries))
    assert outcome.code == 1
    assert "entry 9" in outcome.row("FAIL", "entries")


def test_a_gap_in_a_tasks_numbers_is_named(run, tmp_path) -> None:
    log = worked_log(5)
    at = log.add("T0", n=9)
    log.add("T0")
    outcome = run(archive_of(log, tmp_path / "a.zip"))
    assert outcome.code == 1
    assert outcome.row("FAIL", "numbers") == f"entry {at} is number 9 of task 'T0', after 2"
    assert outcome.row("ok", "entries"), "the tree itself is in order"


def test_time_that_runs_backwards_is_named(run, tmp_path) -> None:
    log = worked_log(5)
    at = log.add("T0", received_at="2020-01-01T00:00:00.000000Z")
    outcome = run(archive_of(log, tmp_path / "a.zip"))
    assert outcome.code == 1
    assert f"entry {at}" in outcome.row("FAIL", "times")


@pytest.mark.parametrize("field", ["salt", "data", "group"])
def test_a_disclosure_that_does_not_open_its_commit_is_named(log, run, tmp_path, field) -> None:
    entries = list(log.entries)
    wrong = {"salt": bytes(32), "data": b"{}", "group": "text"}
    first = entries[8].disclosed[0]
    entries[8] = replace(entries[8], disclosed=(replace(first, **{field: wrong[field]}),))
    outcome = run(archive_of(log, tmp_path / "a.zip", entries=entries))
    assert outcome.code == 1
    assert "entry 8" in outcome.row("FAIL", "disclosures")


def test_salt_and_bytes_can_not_be_cut_at_another_place(log, run, tmp_path) -> None:
    entries = list(log.entries)
    first = entries[8].disclosed[0]
    moved = Disclosed("content", first.salt + first.data[:1], first.data[1:])
    entries[8] = replace(entries[8], disclosed=(moved,))
    outcome = run(archive_of(log, tmp_path / "a.zip", entries=entries))
    assert outcome.code == 1
    assert "malformed" in outcome.row("FAIL", "entries")


def test_a_disclosure_twice_is_found(log, run, tmp_path) -> None:
    entries = list(log.entries)
    entries[8] = replace(entries[8], disclosed=entries[8].disclosed * 2)
    assert "entry 8" in run(archive_of(log, tmp_path / "a.zip", entries=entries)).row("FAIL", "disclosures")


def erased_log(told: list[int]) -> SealedLog:
    """Entries 1 and 4 lost their content; a `privacy.erased` event tells of `told`."""
    log = worked_log(10)
    for index in (1, 4):
        kept = tuple(item for item in log.entries[index].disclosed if item.group != "content")
        log.entries[index] = replace(log.entries[index], disclosed=kept)
    erasure = {"person": "aaaabbbbccccdddd", "groups": ["content"], "indices": told, "reason": "asked to"}
    log.add(None, "privacy.erased", payload=json.dumps(erasure).encode())
    return log


def test_what_an_erasure_names_is_erased_and_not_missing(run, tmp_path) -> None:
    outcome = run(archive_of(erased_log([1, 4]), tmp_path / "a.zip"))
    assert outcome.code == 0, outcome.text
    assert outcome.row("look", "erased").startswith("2 disclosures")
    assert "absent" not in outcome.text


def test_what_no_erasure_names_is_pointed_out(run, tmp_path) -> None:
    outcome = run(archive_of(erased_log([1]), tmp_path / "a.zip"))
    assert outcome.row("look", "erased").startswith("1 disclosures")
    assert outcome.row("look", "absent").startswith("1 disclosures, the first of entry 4")


def test_a_count_that_differs_from_the_manifests_is_found(log, run, tmp_path, monkeypatch) -> None:
    disclose = build._disclose
    monkeypatch.setattr(build, "_disclose", lambda entry, out: disclose(entry, out) + (entry.index == 3))
    outcome = run(archive_of(log, tmp_path / "a.zip"))
    assert outcome.code == 1
    assert outcome.row("FAIL", "entries").startswith("24 and 30 disclosures; the manifest says")


class TestSelections:
    def test_every_entry_has_its_proof(self, selection, run) -> None:
        outcome = run(selection)
        assert outcome.code == 0, outcome.text
        assert outcome.row("ok", "entries") == "4, each with a proof that it is in the log"
        assert "that a task has no more events than proof.json says" in outcome.text

    def test_an_entry_that_is_not_in_the_log_is_named(self, log, run, tmp_path) -> None:
        forged = replace(log.entries[4], envelope=log.entries[4].envelope.replace(b'"cycle":1', b'"cycle":2'))
        path = archive_of(log, tmp_path / "a.zip", mode="selection", chosen=[1, 4], entries=[log.entries[1], forged])
        outcome = run(path)
        assert outcome.code == 1
        assert outcome.row("FAIL", "entries") == "entry 4 is not in the log by its proof"

    def test_an_entry_at_another_index_is_named(self, log, run, tmp_path) -> None:
        moved = replace(log.entries[4], index=5)
        path = archive_of(log, tmp_path / "a.zip", mode="selection", chosen=[1, 4], entries=[log.entries[1], moved])
        assert "entry 5" in run(path).row("FAIL", "entries")

    def test_a_last_number_that_the_entries_go_beyond_is_found(self, log, run, tmp_path) -> None:
        path = archive_of(log, tmp_path / "a.zip", mode="selection", chosen=[1, 4, 7], last=[Last("T1", 2, 4)])
        assert "goes beyond" in run(path).row("FAIL", "numbers")

    def test_a_task_without_a_last_number_is_found(self, log, run, tmp_path) -> None:
        path = archive_of(log, tmp_path / "a.zip", mode="selection", chosen=[1, 3, 4], last=[Last("T1", 7, 22)])
        assert "does not say how far" in run(path).row("FAIL", "entries")
