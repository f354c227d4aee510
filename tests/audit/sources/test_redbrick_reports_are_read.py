from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from audit.sources.base import SourceEvent
from audit.sources.files import EventFile, FileEvent, FileOptions
from audit.sources.files.eventnames import REDBRICK

Read = Callable[..., list[FileEvent]]
Trails = Callable[..., list[SourceEvent]]
REPORT = Path(__file__).parents[2] / "golden" / "redbrick" / "report.json"
AT = "2025-03-01T09:00:00.000000+00:00"


def report(*events: dict[str, Any], **task: Any) -> str:
    """A report of one task; each event has a type and a time unless it says otherwise."""
    whole = [{"eventType": "TASK_SUBMITTED", "createdAt": AT, **event} for event in events]
    return json.dumps([{"taskId": "t-1", "taskName": "A", "currentStageName": "Label", **task, "events": whole}])


def one(read: Read, event: dict[str, Any], **options: Any) -> SourceEvent:
    return read(report(event), **options)[0].event


def test_all_fifteen_types_are_those_of_the_table(read: Read) -> None:
    found = {(f.event.source_type, f.event.type) for f in read(REPORT.read_bytes()) if not f.event.derived}
    assert found == set(REDBRICK.items())


def test_a_report_is_known_by_its_content(read: Read, tmp_path: Path) -> None:
    path = tmp_path / "report"
    for content in (REPORT.read_bytes(), gzip.compress(REPORT.read_bytes()), b"\xef\xbb\xbf" + REPORT.read_bytes()):
        path.write_bytes(content)
        with EventFile(str(path), FileOptions()) as file:
            assert file.kind == "redbrick"
            told = json.loads(REPORT.read_bytes())
            list(file.read("a project", ""))
            replies = sum(len(event.get("replies") or ()) for task in told for event in task["events"])
            assert file.events == sum(len(task["events"]) for task in told) + replies


@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf", b"\n\n"])
def test_a_task_a_line_is_the_same_report(read: Read, tmp_path: Path, start: bytes) -> None:
    lines = [json.dumps(task).encode() for task in json.loads(REPORT.read_bytes())]
    assert len(lines) > 1
    array, spread = b"[%b]" % b",".join(lines), start + b"\n\n".join(lines) + b"\n"
    assert [found.event for found in read(spread)] == [found.event for found in read(array)]


def test_the_kind_that_is_named_counts(read: Read) -> None:
    far = report({"eventType": "NEW"}).replace("[{", '[{"more": "' + "x" * 20_000 + '", ', 1)
    assert [found.event.type for found in read(far, kind="redbrick")] == ["activity.recorded"]


def test_a_payload_is_the_event_byte_for_byte(read: Read) -> None:
    spelled = f'{{  "createdAt":"{AT}",\n\t"eventType" : "TASK_MOVED", "n": 1.50, "é": "\\u00e9"}}'
    (found,) = read(f'[{{"taskId": "t-1", "events": [ {spelled} ]}}]')
    assert found.event.content == spelled.encode()


def test_an_unknown_type_is_recorded_under_its_own_name(read: Read) -> None:
    event = one(read, {"eventType": "TASK_FROZEN"})
    assert (event.type, event.source_type) == ("activity.recorded", "TASK_FROZEN")


def test_a_mapping_says_what_a_type_is(read: Read) -> None:
    assert one(read, {"eventType": "TASK_FROZEN"}, types=["TASK_FROZEN=task.skipped"]).type == "task.skipped"


@pytest.mark.parametrize(
    ("event", "actor", "kind", "assignee"),
    [
        ({"updatedBy": "a@x.org"}, "a@x.org", "person", None),
        ({"eventType": "TASK_CREATED", "createdBy": "a@x.org"}, "a@x.org", "person", None),
        ({"eventType": "TASK_CREATED"}, None, "unknown", None),
        ({"updatedBy": "System"}, None, "system", None),
        ({"updatedBy": "API Key - robot"}, "API Key - robot", "service", None),
        ({"eventType": "TASK_MOVED", "updatedBy": "API Key - robot"}, "API Key - robot", "service", None),
        ({"eventType": "TASK_MOVED", "updatedBy": "a@x.org"}, None, "unknown", None),
        ({"eventType": "TASK_ASSIGNED", "assignee": "a@x.org"}, None, "unknown", "a@x.org"),
        ({"eventType": "TASK_REASSIGNED", "assignee": "a", "prevAssignee": "b"}, None, "unknown", "a"),
        ({"eventType": "TASK_UNASSIGNED", "prevAssignee": "b"}, None, "unknown", "b"),
        ({"eventType": "TASK_SKIPPED", "assignee": "a"}, "a", "person", None),
        ({"eventType": "TASK_SAVED", "assignee": "a"}, "a", "person", None),
        ({"eventType": "COMMENT_ADDED", "createdBy": "a"}, "a", "person", None),
    ],
)
def test_who_did_it_and_to_whom(
    read: Read, event: dict[str, Any], actor: str | None, kind: str, assignee: str | None
) -> None:
    found = one(read, event)
    assert (found.actor and found.actor.external_id, found.actor_kind) == (actor, kind)
    assert (found.assignee and found.assignee.external_id) == assignee


def test_everybody_whom_an_event_names_is_known_with_the_address(read: Read) -> None:
    inner = {"user": "c@x.org", "labelsId": None, "scores": [{"user": "d@x.org", "score": 0.5}]}
    event = one(
        read,
        {
            "updatedBy": "a@x.org",
            "prevAssignee": "b@x.org",
            "consensusInfo": [inner],
            "consensusUsers": [{"assignee": "e@x.org", "status": "ASSIGNED"}],
            "prevConsensusUsers": [{"assignee": "System", "status": None}, {"assignee": None}],
        },
    )
    assert {person.email for person in event.people} == {f"{letter}@x.org" for letter in "abcde"}


def test_time_spent_is_active_time_of_who_did_it(trails: Trails) -> None:
    event = {"timeSpentMs": 1500, "stage": "Label", "updatedBy": "a@x.org"}
    submitted, _, time = trails(report(event))
    assert (time.type, time.derived, time.stage, time.actor) == ("time.recorded", True, "Label", submitted.actor)
    assert json.loads(time.content or b"")["milliseconds"] == 1500


def test_without_active_time_there_is_none(trails: Trails) -> None:
    assert [event.type for event in trails(report({"timeSpentMs": 5}), active_time="none")] == [
        "task.submitted",
        "task.updated",
    ]


def test_the_name_of_a_task_follows_its_first_event(trails: Trails) -> None:
    last = trails(report({}, taskName="site 02/CASE"))[-1]
    assert (last.type, last.derived, last.content) == ("task.updated", True, b'{"name":"site 02/CASE"}')


def test_a_task_without_events_says_nothing_and_one_without_a_name_has_none(trails: Trails) -> None:
    two = '[{"taskId":"a","taskName":"A","events":[]},' + report({}, taskName=None)[1:]
    assert [event.type for event in trails(two)] == ["task.submitted"]


def test_comments_and_replies_are_events_with_their_words(read: Read) -> None:
    reply = {"commentId": "c-2", "commentText": "Yes.", "createdBy": "b@x.org", "stage": "Check"}
    said = {"commentId": "c-1", "commentText": "In scope?", "createdBy": "a@x.org", "stage": "Label"}
    first, second = (found.event for found in read(report({"eventType": "COMMENT_ADDED", **said, "replies": [reply]})))
    assert (first.type, first.text, first.source_key) == ("comment.added", "In scope?", "c-1")
    assert (second.type, second.text, second.source_key) == ("comment.added", "Yes.", "c-2")
    assert (second.occurred_at, second.instant, second.stage) == (None, None, "Check")
    assert second.actor is not None
    assert second.actor.email == "b@x.org"
    assert second.content == b'{"replyTo":"c-1","reply":' + json.dumps(reply).encode() + b"}"


def test_equal_events_of_one_moment_are_told_apart_by_counting(read: Read) -> None:
    keys = [found.event.source_key for found in read(report({}, {"stage": "B"}, {"eventType": "TASK_MOVED"}))]
    assert keys == [f"TASK_SUBMITTED/{AT}/0", f"TASK_SUBMITTED/{AT}/1", f"TASK_MOVED/{AT}/0"]


def test_a_time_without_a_zone_is_of_the_zone_that_is_named(read: Read) -> None:
    event = one(read, {"createdAt": "2025-03-01T09:00:00"}, zone="Europe/Paris")
    assert event.instant is not None
    assert event.instant.isoformat() == "2025-03-01T08:00:00+00:00"


def test_half_a_character_is_replaced_and_nul_is_kept_from_names(read: Read) -> None:
    event = one(read, {"eventType": "COMMENT_ADDED", "commentText": "a\ud800b\0", "stage": "L\0"})
    assert (event.text, event.stage) == ("a\ufffdb\ufffd", "L\ufffd")
    assert b'"a\\ufffdb\\u0000"' in (event.content or b"")


def test_brackets_quotes_and_escapes_in_words_are_words(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    words = ['"}]', "\\", '\\"', "{[", "é\n", "\\\\", ""]
    text = report(*({"eventType": "COMMENT_ADDED", "commentText": word} for word in words))
    for size in (1, 2, 3, 7):
        monkeypatch.setattr("audit.sources.files.opening.CHUNK", size)
        assert [found.event.text or "" for found in read(text, kind="redbrick")] == words
