from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from audit.log.envelope import Envelope
from audit.models import Disclosure, Project, Task
from audit.sync import LoadResult

Load = Callable[..., LoadResult]
Held = Callable[[Project], list[Envelope]]
Payloads = Callable[[Project], list[bytes | None]]
REST = b'"event":"A","time":"2024-01-01T00:00:00Z"'


@pytest.mark.parametrize(
    "line",
    [
        b'{"task":"1",%b,"x":1.10,"x":1e400,"x":-0}' % REST,
        b'{"task":"1",%b,"half":"\\ud800","nul":"\\u0000"}' % REST,
        b'{"task":"1",%b,"rtl":"\xe2\x80\xae abc","emoji":"\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x9a\x80"}' % REST,
        b' { "task":"1", %b }' % REST,
    ],
)
def test_a_line_is_stored_byte_for_byte(load: Load, payloads: Payloads, line: bytes) -> None:
    project = load(line + b"\n").project
    assert payloads(project)[1] == line


def test_text_that_looks_like_a_person_is_no_person(load: Load, payloads: Payloads) -> None:
    line = b'{"task":"1",%b,"actor":"Kim","comment":"@p:aaaaaaaaaaaaaaaa/id","class":"@@p:x"}' % REST
    project = load(line + b"\n").project
    stored = json.loads(payloads(project)[1] or b"")
    assert stored["comment"] == "@@p:aaaaaaaaaaaaaaaa/id"
    assert stored["class"] == "@@@p:x"
    assert bytes(Disclosure.objects.get(group="text").data) == b"@p:aaaaaaaaaaaaaaaa/id"


def test_a_nul_becomes_a_replacement_in_columns(load: Load, held: Held) -> None:
    project = load(
        b'{"task":"a\\u0000",%b,"actor":"K\\u0000","stage":"s\\u0000","comment":"c\\u0000"}\n' % REST
    ).project
    assert Task.objects.get(project=project).external_id == "a\ufffd"
    event = held(project)[1]
    assert (event.task, event.stage) == ("a\ufffd", "s\ufffd")
    assert event.actor is not None


def test_names_of_the_greatest_length_are_recorded(load: Load) -> None:
    row = {name: chr(1) * 1000 for name in ("task", "event", "stage", "to_stage", "actor", "assignee", "event_id")}
    line = json.dumps({**row, "time": "2024-01-01T00:00:00Z"})
    assert load(line + "\n").recorded == 1


def test_markup_and_statements_are_text(load: Load) -> None:
    text = "<script>alert(1)</script>'; DROP TABLE audit_event; --"
    project = load(f'task,event,time,title\n"{text}",A,2024-01-01T00:00:00Z,"{text}"\n').project
    task = Task.objects.get(project=project)
    assert (task.external_id, task.name) == (text, text)


def test_times_at_both_ends_of_the_calendar_are_recorded(load: Load) -> None:
    rows = "1,A,0001-01-01T00:00:00Z\n1,A,9999-12-31T23:59:59.999999Z\n"
    task = Task.objects.get(project=load("task,event,time\n" + rows).project)
    assert (task.first_at.year, task.last_at.year) == (1, 9999)
