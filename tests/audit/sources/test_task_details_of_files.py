from __future__ import annotations

import json
from collections.abc import Callable

from audit.sources.base import SourceEvent
from audit.sources.files import FilesReading

Trails = Callable[..., list[SourceEvent]]


def details(events: list[SourceEvent]) -> list[SourceEvent]:
    return [event for event in events if event.type == "task.updated"]


def row(task: str, second: int, name: str) -> str:
    return f"{task},A,2024-01-01T00:00:{second:02}Z,{name}\n"


def test_a_name_is_told_at_the_line_where_it_is_new(trails: Trails) -> None:
    rows = row("1", 9, "new") + row("1", 1, "old") + row("1", 5, "") + row("1", 6, "old")
    found = details(trails("task,event,time,title\n" + rows))
    assert [(event.task, event.derived, event.occurred_at, event.content) for event in found] == [
        ("1", True, "2024-01-01T00:00:01Z", b'{"name":"old"}'),
        ("1", True, "2024-01-01T00:00:09Z", b'{"name":"new"}'),
    ]


def test_each_task_has_its_own_name(trails: Trails) -> None:
    found = details(trails("task,event,time,title\n" + row("1", 1, "one") + row("2", 2, "") + row("1", 3, "one")))
    assert [(event.task, event.content) for event in found] == [("1", b'{"name":"one"}')]


def trace(name: str, attribute: str, title: str = "") -> str:
    inside = '<string key="concept:name" value="A"/><date key="time:timestamp" value="2024-01-01T00:00:00Z"/>'
    inside += f'<string key="title" value="{title}"/>' if title else ""
    return f'<trace><string key="concept:name" value="{name}"/>{attribute}<event>{inside}</event></trace>'


def test_a_task_in_several_traces_is_described_by_all_of_them_once(trails: Trails) -> None:
    first, second = '<string key="a" value="1"/>', '<string key="b" value="2"/>'
    traces = trace("t", first) + trace("u", first) + trace("t", second, "Title") + trace("t", first)
    found = details(trails(f"<log>{traces}</log>"))
    assert [(event.task, event.source_type) for event in found] == [("t", "name"), ("t", "trace"), ("u", "trace")]
    name = ["string", "concept:name", "t"]
    assert json.loads(found[1].content or b"") == {"trace": [name, ["string", "a", "1"], name, ["string", "b", "2"]]}
    assert FilesReading().task_details(found[0].content or b"").name == "Title"


def test_details_that_differ_have_different_keys(trails: Trails) -> None:
    (first,) = details(trails("task,event,time,title\n" + row("1", 1, "a")))
    (same,) = details(trails("task,event,time,title\n" + row("1", 1, "a") + row("1", 2, "a")))
    (other,) = details(trails("task,event,time,title\n" + row("1", 1, "b")))
    assert first.key_fields == same.key_fields != other.key_fields
