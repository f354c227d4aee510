from __future__ import annotations

from pathlib import Path

import pytest

from audit.sources.files import EventFile, FileOptions


def story(path: Path) -> list[tuple[object, ...]]:
    with EventFile(str(path), FileOptions()) as file:
        found = [item.event for item in file.read("review", "") if item.event.instant is not None]
    found.sort(key=lambda event: str(event.instant))
    return [
        (
            event.task,
            event.type,
            event.source_type,
            event.occurred_at,
            event.actor,
            event.actor_kind,
            event.assignee,
            event.stage,
            event.text,
        )
        for event in found
    ]


@pytest.mark.parametrize("other", ["review.csv", "review.ndjson"])
def test_the_same_review_is_the_same_events_whatever_file_it_comes_in(golden: Path, other: str) -> None:
    told = story(golden / "review.xes")
    assert story(golden / other) == told
    assert [event[1] for event in told] == [
        "task.assigned",
        "task.assigned",
        "activity.recorded",
        "task.submitted",
        "review.rejected",
        "review.accepted",
    ]


@pytest.mark.parametrize(("name", "kind"), [("review.xes", "xes"), ("review.csv", "csv"), ("review.ndjson", "ndjson")])
def test_the_kind_of_a_file_is_told_by_its_content(golden: Path, tmp_path: Path, name: str, kind: str) -> None:
    unnamed = tmp_path / "log.txt"
    unnamed.write_bytes((golden / name).read_bytes())
    with EventFile(str(unnamed), FileOptions()) as file:
        assert file.kind == kind
