"""An export of an earlier log size shows tasks as the events before it left them."""

from __future__ import annotations

import json
import zipfile

from exports.run import make_export
from tests.factories import make_event, make_project, time_event, worked_task


def test_stage_and_name_are_those_of_then(db, exported) -> None:
    project = make_project(
        [
            make_event("T1", "task.created", 0),
            make_event("T1", "task.updated", 1, content=b'{"name":"First name"}', derived=True, stage=None),
            make_event("T1", "task.submitted", 2, to_stage="Review"),
            make_event("T1", "task.updated", 3, content=b'{"name":"Second name"}', derived=True, stage=None),
            make_event("T1", "review.accepted", 4, stage="Review", to_stage="Done"),
        ]
    )
    shown = []
    for size in range(1, 6):
        _, tasks = exported(project, as_of=size)
        shown.append((tasks[0]["taskName"], tasks[0]["currentStageName"], len(tasks[0]["events"])))
    assert shown == [
        ("T1", "Label", 1),
        ("First name", "Label", 2),
        ("First name", "Review", 3),
        ("Second name", "Review", 4),
        ("Second name", "Done", 5),
    ]


def test_tasks_that_came_later_are_not_there(db, exported) -> None:
    project = make_project([*worked_task("T1"), *worked_task("T2", 300)])
    _, tasks = exported(project, as_of=8)
    assert [task["taskId"] for task in tasks] == ["T1"]


def test_the_status_filter_means_the_status_of_then(db, exported) -> None:
    project = make_project([*worked_task("T1"), *worked_task("T2", 300)])
    _, now = exported(project, filters={"status": "accepted"})
    _, then = exported(project, filters={"status": "accepted"}, as_of=12)
    _, sent_back = exported(project, filters={"status": "sent back"}, as_of=13)
    assert [task["taskId"] for task in now] == ["T1", "T2"]
    assert [task["taskId"] for task in then] == ["T1"]
    assert [task["taskId"] for task in sent_back] == ["T2"]


def test_active_time_that_was_revised_later_is_that_of_then(db, tmp_path) -> None:
    project = make_project(
        [
            make_event("T1", "task.created", 0),
            time_event("T1", 1, 1_000, cycle=1),
            time_event("T1", 2, 1_500, cycle=1, type_="time.revised"),
        ]
    )
    shown = []
    for size in (1, 2, 3):
        export = make_export(project, "trail", as_of=size, output=tmp_path / "t.zip", force=True)
        with zipfile.ZipFile(export.files[0]["path"]) as archive:
            shown.append([row["timeSpent"] for row in json.loads(archive.read("active_time.json"))])
    assert shown == [[], [1_000], [1_500]]


def test_a_late_event_does_not_undo_the_stage(db, exported) -> None:
    project = make_project(
        [
            make_event("T1", "task.submitted", 10, to_stage="Review"),
            make_event("T1", "task.assigned", 1, stage="Label"),
            make_event("T1", "review.accepted", 20, stage="Review", to_stage="Done"),
        ]
    )
    _, tasks = exported(project, as_of=2)
    assert tasks[0]["currentStageName"] == "Review"
    assert [event["late"] for event in tasks[0]["events"]] == [False, True]
