"""--earlier: the log must still begin with what was signed before."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.exports.sealed import archive_of, worked_log


@pytest.mark.parametrize("size", [1, 2, 7, 16, 23, 24])
def test_an_earlier_checkpoint_of_the_same_log_holds(log, whole, run, tmp_path, size) -> None:
    (tmp_path / "kept.note").write_text(log.checkpoint(size))
    outcome = run(whole, "--earlier", tmp_path / "kept.note")
    assert outcome.code == 0, outcome.text
    assert f"still begins with the {size} events" in outcome.text


def test_an_earlier_archive_serves_as_well(log, whole, run, tmp_path) -> None:
    kept = archive_of(log, tmp_path / "kept.zip", size=9, mode="none")
    outcome = run(whole, "--earlier", kept)
    assert outcome.code == 0
    assert "still begins with the 9 events" in outcome.text


def test_several_are_compared_each(log, whole, run, tmp_path) -> None:
    (tmp_path / "a").write_text(log.checkpoint(3))
    (tmp_path / "b").write_text(log.checkpoint(20))
    assert run(whole, "--earlier", tmp_path / "a", "--earlier", tmp_path / "b").text.count("still begins") == 2


def test_a_log_that_was_rewritten_is_found(log, run, tmp_path) -> None:
    (tmp_path / "kept.note").write_text(log.checkpoint(10))
    rewritten = worked_log(4, signer=log.signer)
    rewritten.add("T1", "task.skipped")
    for index in range(5, 24):
        rewritten.add(f"T{index % 3}")
    path = archive_of(rewritten, tmp_path / "a.zip")
    assert run(path, "--key", log.signer.vkey).code == 0, "nothing in it tells"
    outcome = run(path, "--key", log.signer.vkey, "--earlier", tmp_path / "kept.note")
    assert outcome.code == 1
    assert "the log was rewritten" in outcome.text


@pytest.mark.parametrize("change", [{"origin": "test.example/instance/other"}, {"signer": None}])
def test_a_checkpoint_of_another_log_or_key_does_not_count(log, whole, run, tmp_path, change) -> None:
    other = replace(log, **change)
    (tmp_path / "kept.note").write_text(other.checkpoint(10))
    assert run(whole, "--earlier", tmp_path / "kept.note").code == 1


def test_a_later_checkpoint_is_no_earlier_one(log, run, tmp_path) -> None:
    (tmp_path / "kept.note").write_text(log.checkpoint(24))
    outcome = run(archive_of(log, tmp_path / "a.zip", size=20), "--earlier", tmp_path / "kept.note")
    assert outcome.code == 1
    assert "no earlier state of this log" in outcome.text


def test_what_can_not_be_compared_is_not_passed_over(log, selection, run, tmp_path) -> None:
    (tmp_path / "kept.note").write_text(log.checkpoint(10))
    outcome = run(selection, "--earlier", tmp_path / "kept.note")
    assert outcome.code == 1
    assert "can't be compared" in outcome.text


def test_a_selection_of_the_same_size_can_be_compared(log, selection, run, tmp_path) -> None:
    (tmp_path / "kept.note").write_text(log.checkpoint(24))
    assert run(selection, "--earlier", tmp_path / "kept.note").code == 0


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"PK\x03\x04", b"no note\n"])
def test_what_is_no_checkpoint_is_not_passed_over(whole, run, tmp_path, content) -> None:
    (tmp_path / "kept.note").write_bytes(content)
    assert run(whole, "--earlier", tmp_path / "kept.note").code == 1
    assert run(whole, "--earlier", tmp_path / "not there").code == 1
