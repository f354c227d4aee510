from __future__ import annotations

import io
import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from audit.log.envelope import Envelope
from audit.log.verify import verify
from audit.models import ActiveTime, Person, Project, Task
from audit.people import restorer
from audit.sync import LoadResult

Load = Callable[..., LoadResult]
Held = Callable[[Project], list[Envelope]]
Payloads = Callable[[Project], list[bytes | None]]
REPORT = Path(__file__).parents[2] / "golden" / "redbrick" / "report.json"


@pytest.fixture
def told() -> list[dict[str, Any]]:
    """The report as values."""
    found: list[dict[str, Any]] = json.loads(REPORT.read_bytes())
    return found


def of_type(events: list[Envelope], source_type: str) -> list[Envelope]:
    return [event for event in events if event.source_type == source_type]


def test_every_event_reply_time_and_name_is_recorded(load: Load, held: Held, told: list[dict[str, Any]]) -> None:
    result = load(REPORT)
    events = [event for task in told for event in task["events"]]
    replies = sum(len(event.get("replies") or ()) for event in events)
    times = sum("timeSpentMs" in event for event in events)
    assert result.recorded == len(events) + replies
    assert result.added == result.recorded + times + len(told) + 1  # Names of the tasks, and the project's.
    assert {task.name for task in Task.objects.all()} == {task["taskName"] for task in told}
    assert sum(row.milliseconds for row in ActiveTime.objects.all()) == sum(e.get("timeSpentMs", 0) for e in events)
    assert len({(event.task, event.source_key) for event in held(result.project)}) == result.log_size


def test_payloads_hold_nobody_and_read_back_byte_for_byte(load: Load, payloads: Payloads) -> None:
    project = load(REPORT).project
    kept = [content for content in payloads(project) if content is not None]
    assert not any(b"@example.org" in content for content in kept)
    restore, text = restorer(project), REPORT.read_bytes()
    events = [content for content in map(restore, kept) if b'"eventType"' in content]
    assert events
    assert all(content in text for content in events)


def test_a_task_begins_with_its_creation_and_its_name(load: Load, held: Held) -> None:
    trail = [event for event in held(load(REPORT).project) if event.task and event.task.endswith("0002")]
    assert [event.n for event in trail] == list(range(1, len(trail) + 1))
    assert trail[0].type == "task.created"
    assert trail[1].type == "task.updated"
    assert [event.type for event in trail if event.occurred_at is None] == ["comment.added"]


def test_loading_again_adds_nothing(load: Load, told: list[dict[str, Any]]) -> None:
    first = load(REPORT)
    again = load(REPORT)
    assert (again.added, again.already, again.log_size) == (0, first.found, first.log_size)
    assert load(json.dumps(told[::-1])).added == 0


def test_work_that_was_saved_and_vanished_later_stays_as_it_is(
    load: Load, held: Held, told: list[dict[str, Any]]
) -> None:
    project = load(REPORT).project
    (task,) = (task for task in told if task["events"][-1]["eventType"] == "TASK_SAVED")
    saved = task["events"].pop()
    task["events"].append({**saved, "eventType": "TASK_SKIPPED", "createdAt": "2025-03-06T09:00:00.000000+00:00"})
    assert load(json.dumps(told)).added == 1
    assert len(of_type(held(project), "TASK_SAVED")) == 1


def test_a_comment_with_more_replies_adds_those(load: Load, held: Held, told: list[dict[str, Any]]) -> None:
    project = load(REPORT).project
    (comment,) = (e for t in told for e in t["events"] if e.get("isIssue"))
    comment["issueResolved"] = not comment["issueResolved"]
    comment["replies"].append({**comment["replies"][0], "commentId": "c-new", "commentText": "Done."})
    before = len(of_type(held(project), "COMMENT_ADDED"))
    assert load(json.dumps(told)).added == 1
    after = of_type(held(project), "COMMENT_ADDED")
    assert len(after) == before + 1
    assert after[-1].source_key == "c-new"


def test_people_who_are_called_otherwise_later_double_nothing(load: Load, told: list[dict[str, Any]]) -> None:
    load(REPORT)
    renamed = json.dumps(told).replace("labeler@example.org", "a0000000-0000-4000-8000-000000000002")
    assert load(renamed).added == 0


def test_a_task_that_comes_twice_in_a_report_counts_once(load: Load, told: list[dict[str, Any]]) -> None:
    twice = load(json.dumps([*told, *deepcopy(told)]))
    assert load(REPORT).added == 0
    spent = sum(event.get("timeSpentMs", 0) for task in told for event in task["events"])
    assert sum(row.milliseconds for row in ActiveTime.objects.all()) == spent
    assert twice.added == load(REPORT, project="Once").added


def test_a_task_that_comes_again_with_another_reply_adds_the_reply(load: Load, told: list[dict[str, Any]]) -> None:
    once = load(json.dumps(told), project="Once").added
    later = deepcopy(told)
    (comment,) = (e for t in later for e in t["events"] if e.get("isIssue"))
    comment["replies"].append({**comment["replies"][0], "commentId": "c-new", "commentText": "Done."})
    assert load(json.dumps([*told, *later])).added == once + 1


def test_a_new_name_is_a_new_version_of_the_task(load: Load, told: list[dict[str, Any]]) -> None:
    load(REPORT)
    told[0]["taskName"] = "renamed"
    assert load(json.dumps(told)).added == 1
    assert Task.objects.get(external_id=told[0]["taskId"]).name == "renamed"


def test_a_report_that_is_damaged_at_its_end_adds_nothing(load: Load, told: list[dict[str, Any]]) -> None:
    told[-1]["events"].append({"eventType": "TASK_MOVED"})
    with pytest.raises(Exception, match="createdAt is missing"):
        load(json.dumps(told))
    assert not Project.objects.exists()


def test_the_record_holds(load: Load) -> None:
    project = load(REPORT).project
    assert Person.objects.filter(project=project).count() > 3
    assert verify(project.log).problems == []


def test_the_command_says_what_the_file_was_read_as(db: None) -> None:
    out, err = io.StringIO(), io.StringIO()
    call_command("load", str(REPORT), "--project", "Review", stdout=out, stderr=err)
    assert "Read as a report of RedBrick (--kind redbrick)." in err.getvalue()
    assert out.getvalue().startswith("project ")
