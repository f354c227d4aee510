from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from audit.log.checkpoint import check
from audit.log.envelope import Envelope
from audit.models import ActiveTime, Checkpoint, Log, Project, Source, SyncRun, Task, TaskVersion
from audit.sync import LoadResult

Load = Callable[..., LoadResult]
Held = Callable[[Project], list[Envelope]]
Payloads = Callable[[Project], list[bytes | None]]


@pytest.mark.parametrize(("name", "derived"), [("review.xes", 3), ("review.csv", 2), ("review.ndjson", 2)])
def test_every_event_of_the_file_is_in_the_log(load: Load, golden: Path, name: str, derived: int) -> None:
    result = load(golden / name)
    assert (result.recorded, result.found, result.added, result.already) == (6, 6 + derived, 6 + derived, 0)
    assert result.log_size == 6 + derived + 1


def test_events_stand_task_by_task_in_the_order_of_their_times(load: Load, golden: Path, held: Held) -> None:
    events = held(load(golden / "review.csv").project)
    assert [(event.task, event.type, event.n) for event in events] == [
        (None, "project.updated", 1),
        ("image-1", "task.assigned", 1),
        ("image-1", "task.submitted", 2),
        ("image-1", "time.recorded", 3),
        ("image-1", "review.rejected", 4),
        ("image-2", "task.assigned", 1),
        ("image-2", "activity.recorded", 2),
        ("image-2", "review.accepted", 3),
        (None, "sync.completed", 2),
    ]


def test_tasks_are_as_their_events_leave_them(load: Load, golden: Path) -> None:
    project = load(golden / "review.xes").project
    first, second = Task.objects.filter(project=project).order_by("number")
    assert (first.external_id, first.status, first.stage, first.active_ms) == (
        "image-1",
        "sent back",
        "Review_1",
        61_000,
    )
    assert (second.external_id, second.status, second.events) == ("image-2", "accepted", 4)
    assert ActiveTime.objects.filter(project=project).count() == 1
    assert TaskVersion.objects.filter(task=second).count() == 1


def test_the_first_load_makes_a_source_a_project_and_a_signed_log(load: Load, golden: Path) -> None:
    project = load(golden / "review.csv", zone="Europe/Paris").project
    source = Source.objects.get()
    assert (source.kind, source.name, source.zone) == ("file", "Review", "Europe/Paris")
    assert (project.source_id, project.external_id, project.name) == (source.pk, "Review", "Review")
    log = Log.objects.get(project=project)
    checkpoint = Checkpoint.objects.get(log=log)
    assert check(log, checkpoint).size == log.size == 9


def test_the_log_says_which_file_was_loaded(load: Load, golden: Path, payloads: Payloads) -> None:
    result = load(golden / "review.ndjson")
    data = (golden / "review.ndjson").read_bytes()
    assert json.loads(payloads(result.project)[-1] or b"") == {
        "file": "review.ndjson",
        "sha256": hashlib.sha256(data).hexdigest(),
        "bytes": len(data),
        "found": 8,
        "added": 8,
    }


def test_the_run_is_kept(load: Load, golden: Path) -> None:
    project = load(golden / "review.csv").project
    run = SyncRun.objects.get(project=project)
    assert (run.found, run.added, run.error_text) == (8, 8, "")
    assert run.finished_at is not None
    assert run.finished_at >= run.started_at


def test_people_are_pseudonyms_in_what_is_stored(load: Load, golden: Path, held: Held, payloads: Payloads) -> None:
    project = load(golden / "review.xes").project
    stored = b"".join(content or b"" for content in payloads(project))
    assert "Jürgen".encode() not in stored
    assert b"amara@example.org" not in stored
    submitted = next(event for event in held(project) if event.type == "task.submitted")
    assert submitted.actor is not None
    assert f'"@p:{submitted.actor}/id"'.encode() in stored


def test_people_are_pseudonyms_in_what_stands_before_the_events_that_name_them(
    load: Load, golden: Path, held: Held, payloads: Payloads
) -> None:
    project = load(golden / "review.xes").project
    rejected = next(event for event in held(project) if event.type == "review.rejected")
    details = next(
        content
        for event, content in zip(held(project), payloads(project), strict=True)
        if event.type == "task.updated" and content is not None
    )
    assert json.loads(details)["trace"][2][3] == [
        ["string", "tag", "night"],
        ["string", "tag", f"@p:{rejected.actor}/id"],
    ]


def test_what_a_person_wrote_is_a_disclosure_of_its_own(load: Load, golden: Path, held: Held) -> None:
    events = held(load(golden / "review.csv").project)
    assert [event.type for event in events if event.text is not None] == ["review.rejected"]


def test_a_task_of_a_hundred_thousand_events_is_numbered_without_a_gap(load: Load, held: Held) -> None:
    rows = "".join(f"t,A,2024-01-01T{n // 3600:02}:{n // 60 % 60:02}:{n % 60:02}Z\n" for n in range(80_000))
    rows += "".join(f"t,A,2024-01-01T00:00:00.{n:06}Z\n" for n in range(20_000))
    result = load("task,event,time\n" + rows)
    assert result.recorded == 100_000
    assert [event.n for event in held(result.project) if event.task] == list(range(1, 100_001))
    assert load("task,event,time\n" + rows).added == 0


def test_events_that_are_equal_in_all_are_as_many_as_the_file_has(load: Load) -> None:
    rows = "t,A,2024-01-01T00:00:00Z\n" * 3
    result = load(f"task,event,time\n{rows}")
    assert result.found == 4
    assert load(f"task,event,time\n{rows}").added == 0
    assert load(f"task,event,time\n{rows}t,A,2024-01-01T00:00:00Z\n").added == 1


def test_two_comments_of_one_second_are_two_events_whatever_their_order(load: Load) -> None:
    head = "task,event,time,user,comment\n"
    one, two = (f"t,COMMENT_ADDED,2024-01-01T00:00:00Z,Kim,{text}\n" for text in ("one", "two"))
    assert load(head + one + two).recorded == 2
    assert load(head + two + one).added == 0


def test_ids_that_differ_in_case_only_are_two_tasks(load: Load) -> None:
    project = load("task,event,time\na,A,2024-01-01T00:00:00Z\nA,A,2024-01-01T00:00:00Z\n").project
    assert set(Task.objects.filter(project=project).values_list("external_id", flat=True)) == {"a", "A"}


def test_a_task_is_called_by_its_name(load: Load) -> None:
    project = load("task,event,time,title\n1,A,2024-01-01T00:00:00Z,CT of the lung\n").project
    assert Task.objects.get(project=project).name == "CT of the lung"
