"""`trail` looks like RedBrick's get_task_events and get_active_time, with further keys of ours."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta

import pytest

from audit.eventtypes import TYPES
from exports.formats.base import TimeRow
from exports.formats.events.trail import SDK_TYPES, TrailFormat, event_type
from tests.exports.formats.snapshots import AT, Shot, event, write

TRAIL = TrailFormat()
ASSIGNEE = "eeeeffffgggghhhh"


def trail(shot: Shot, **values: str | bool) -> list[dict]:
    return json.loads(write(TRAIL, shot, **values).files["trail.json"])


def one(type_: str, **more) -> dict:
    shot = Shot([("T1", [event(0, type_, **more)])])
    shot.names[ASSIGNEE] = "mei@example.org"
    return trail(shot)[0]["events"][0]


def test_a_task_has_the_sdks_four_keys() -> None:
    found = trail(Shot([("T1", [event(0, "task.created")]), ("T2", [])]))
    assert [list(task) for task in found] == [["taskId", "taskName", "currentStageName", "events"]] * 2
    assert found[0]["taskId"] == "T1"
    assert found[0]["taskName"] == "name of T1"
    assert found[0]["currentStageName"] == "Review"
    assert found[1]["events"] == []


def test_the_fifteen_types_of_the_sdk_are_called_as_there() -> None:
    assert len(SDK_TYPES) == len(set(SDK_TYPES.values())) == 15
    assert set(SDK_TYPES) <= set(TYPES)
    assert len({event_type(name) for name in TYPES}) == len(TYPES), "no two types share a name"
    assert event_type("label.created") == "LABEL_CREATED"


@pytest.mark.parametrize(
    ("type_", "keys"),
    [
        ("task.created", {"createdBy": "amara@example.org"}),
        ("task.submitted", {"updatedBy": "amara@example.org"}),
        ("review.rejected", {"updatedBy": "amara@example.org"}),
        ("task.assigned", {"assignee": "mei@example.org"}),
        ("task.reassigned", {"assignee": "mei@example.org"}),
        ("task.unassigned", {"prevAssignee": "mei@example.org"}),
        ("task.skipped", {"assignee": "mei@example.org"}),
        ("comment.added", {"createdBy": "amara@example.org"}),
    ],
)
def test_people_stand_under_the_sdks_keys(type_, keys) -> None:
    assignee = ASSIGNEE if "signed" in type_ or type_ == "task.skipped" else None
    found = one(type_, assignee=assignee)
    named = {key: found[key] for key in ("createdBy", "updatedBy", "assignee", "prevAssignee") if key in found}
    assert named == keys


def test_a_comment_has_its_text() -> None:
    found = one("comment.added", text="Lesion 2?")
    assert found["commentText"] == found["text"] == "Lesion 2?"


def test_the_records_own_facts_come_along() -> None:
    found = one("activity.recorded", source_type="Queued", to_stage="Next", cycle=3, late=True, derived=True)
    expected = {
        "eventType": "ACTIVITY_RECORDED", "type": "activity.recorded", "sourceType": "Queued", "n": 1, "index": 0,
        "toStage": "Next", "cycle": 3, "late": True, "derived": True, "text": None, "actor": "aaaabbbbccccdddd",
        "actorKind": "person", "receivedAt": "2026-03-02T09:00:00.000000Z", "stage": "Label",
        "createdAt": "2026-03-02T08:00:00Z", "instant": "2026-03-02T08:00:00.000000+00:00",
    }  # fmt: skip
    assert {key: found[key] for key in expected} == expected


def test_a_time_that_was_not_recorded_is_null() -> None:
    found = one("task.updated", occurred_at=None, instant=None)
    assert (found["createdAt"], found["instant"]) == (None, None)


def test_payloads_come_only_when_asked_for_and_byte_for_byte() -> None:
    content = b'{"b":1.0,"a":1e2, "a":"\\u00e9"}'
    shot = Shot([("T1", [event(0, content=content), event(1)])])
    assert "payload" not in trail(shot)[0]["events"][0]
    made = write(TRAIL, shot, payload=True)
    assert b'"payload":' + content + b"}" in made.files["trail.json"]
    assert json.loads(made.files["trail.json"])[0]["events"][1]["payload"] is None


def test_line_ends_inside_of_payloads_do_not_break_lines() -> None:
    shot = Shot([("T1", [event(0, content=b'{\n "a": 1,\r\n "b": "x\\ny"\n}')]), ("T2", [])])
    lines = write(TRAIL, shot, payload=True, encoding="ndjson").files["trail.ndjson"].splitlines()
    assert len(lines) == 2
    assert json.loads(lines[0])["events"][0]["payload"] == {"a": 1, "b": "x\ny"}


def test_lines_and_array_say_the_same() -> None:
    shot = Shot([("T1", [event(0), event(1, text="x")]), ("T2", [event(2)]), ("T3", [])])
    lines = write(TRAIL, shot, encoding="ndjson").files["trail.ndjson"].splitlines()
    assert [json.loads(line) for line in lines] == trail(shot)


TIME = TimeRow(7, "T1", "Label", 2, "aaaabbbbccccdddd", 1_500, AT, AT + timedelta(minutes=5), AT)


def test_active_time_has_the_sdks_keys() -> None:
    rows = json.loads(write(TRAIL, Shot([("T1", [])], [TIME])).files["active_time.json"])
    assert rows == [
        {
            "orgId": None,
            "projectId": "P-1",
            "stageName": "Label",
            "taskId": "T1",
            "completedBy": "amara@example.org",
            "timeSpent": 1_500,
            "completedAt": "2026-03-02T08:05:00.000000+00:00",
            "cycle": 1,
            "startedAt": "2026-03-02T08:00:00.000000+00:00",
            "actor": "aaaabbbbccccdddd",
            "index": 7,
        }
    ]


def test_active_time_without_an_end_ends_when_it_was_told() -> None:
    row = TimeRow(7, "T1", "", None, None, 1_500, None, None, AT)
    found = json.loads(write(TRAIL, Shot([("T1", [])], [row])).files["active_time.json"])[0]
    assert found["completedAt"] == "2026-03-02T08:00:00.000000+00:00"
    assert (found["stageName"], found["cycle"], found["completedBy"], found["startedAt"]) == (None, None, None, None)


def rows_of(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode(), newline="")))


def test_a_table_has_an_event_a_row() -> None:
    shot = Shot([("T1", [event(0), event(1, text='He said "no", twice\r\nand left')]), ("T2", [event(2)])], [TIME])
    made = write(TRAIL, shot, encoding="csv")
    rows = rows_of(made.files["trail.csv"])
    assert [(row["taskId"], row["index"], row["late"]) for row in rows] == [
        ("T1", "0", "false"),
        ("T1", "1", "false"),
        ("T2", "2", "false"),
    ]
    assert rows[1]["text"] == 'He said "no", twice\r\nand left'
    assert rows_of(made.files["active_time.csv"])[0]["timeSpent"] == "1500"
    assert made.files["trail.csv"].endswith(b"\r\n")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", '=HYPERLINK("http://x")'])
def test_no_cell_of_a_table_is_a_formula(text) -> None:
    shot = Shot([(text, [event(0, source_type=text, stage=text, text=text)])])
    rows = rows_of(write(TRAIL, shot, encoding="csv").files["trail.csv"])
    for column in ("taskId", "sourceType", "stage", "text"):
        assert rows[0][column] == f"'{text}"
    assert trail(shot)[0]["taskId"] == text, "JSON is the lossless form"


def test_every_table_cell_of_hostile_events_is_plain() -> None:
    cells = [
        cell
        for row in rows_of(write(TRAIL, Shot([("=T", [event(0, text="=x")])]), encoding="csv").files["trail.csv"])
        for cell in row.values()
    ]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))]
