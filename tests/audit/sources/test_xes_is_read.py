from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from audit.sources.files import EventFile, FileEvent, FileOptions

Read = Callable[..., list[FileEvent]]
EVENT = (
    '<event><string key="concept:name" value="A"/><date key="time:timestamp" value="2024-01-01T00:00:00Z"/>{}</event>'
)


def log(inside: str = "", *, name: str = "1", trace: str = "", head: str = "") -> str:
    return f'{head}<log><trace><string key="concept:name" value="{name}"/>{trace}{EVENT.format(inside)}</trace></log>'


def test_the_payload_is_the_attributes_in_the_order_of_the_file(read: Read) -> None:
    (found,) = read(log('<float key="score" value="0.50"/><boolean key="b" value="true"/>'))
    assert found.event.content == (
        b'{"event":[["string","concept:name","A"],["date","time:timestamp","2024-01-01T00:00:00Z"],'
        b'["float","score","0.50"],["boolean","b","true"]]}'
    )


def test_nested_attributes_are_a_fourth_item(read: Read) -> None:
    (found,) = read(log('<string key="a" value="1"><int key="b" value="2"/></string><string key="c" value="3"/>'))
    assert json.loads(found.event.content or b"")["event"][2:] == [
        ["string", "a", "1", [["int", "b", "2"]]],
        ["string", "c", "3"],
    ]


def test_a_list_has_no_value_of_its_own(read: Read) -> None:
    (found,) = read(log('<list key="l"><values><string key="x" value="1"/></values></list>'))
    assert json.loads(found.event.content or b"")["event"][2] == [
        "list",
        "l",
        None,
        [["values", None, None, [["string", "x", "1"]]]],
    ]


def test_attributes_in_another_order_and_with_more_to_them_are_read(read: Read) -> None:
    (found,) = read(log('<string value="Kim" extra="!" key="org:resource"/>'))
    assert found.event.actor is not None
    assert found.event.actor.external_id == "Kim"


def test_a_transition_other_than_completion_is_part_of_the_name(read: Read) -> None:
    (found,) = read(log('<string key="lifecycle:transition" value="schedule"/>'))
    assert (found.event.type, found.event.source_type) == ("activity.recorded", "A/schedule")


@pytest.mark.parametrize("transition", ["complete", "COMPLETE", ""])
def test_a_completion_is_the_activity_itself(read: Read, transition: str) -> None:
    (found,) = read(log(f'<string key="lifecycle:transition" value="{transition}"/>'))
    assert found.event.source_type == "A"


def test_what_a_trace_says_besides_its_name_is_a_task_update(read: Read) -> None:
    event, details = read(log(trace='<string key="site" value="02"/>'))
    assert event.event.type == "activity.recorded"
    assert (details.event.type, details.event.task, details.event.derived) == ("task.updated", "1", True)
    assert details.event.occurred_at is None
    assert details.event.content == b'{"trace":[["string","concept:name","1"],["string","site","02"]]}'


def test_a_trace_with_nothing_but_its_name_says_no_more(read: Read) -> None:
    assert [found.event.type for found in read(log())] == ["activity.recorded"]


def test_what_the_log_says_goes_with_name_and_zone_of_the_project(golden: Path) -> None:
    with EventFile(str(golden / "review.xes"), FileOptions()) as file:
        *_, last = file.read("Review", "Europe/Paris")
    assert (last.event.task, last.event.type) == (None, "project.updated")
    assert json.loads(last.event.content or b"") == {
        "name": "Review",
        "zone": "Europe/Paris",
        "log": [["string", "creator", "a pen & paper"]],
    }


def test_declarations_are_no_events(golden: Path) -> None:
    with EventFile(str(golden / "review.xes"), FileOptions()) as file:
        assert b"UNKNOWN" not in b"".join(found.event.content or b"" for found in file.read("Review", ""))
        assert file.events == 6


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [
        ("utf-8", "UTF-8"),
        ("utf-16", "UTF-16"),
        ("iso-8859-1", "ISO-8859-1"),
        ("utf-8-sig", "UTF-8"),
        ("cp1252", "windows-1252"),
    ],
)
def test_xml_comes_in_the_encoding_that_it_declares(read: Read, encoding: str, declared: str) -> None:
    text = log(name="Jürgen’s"[:6], head=f'<?xml version="1.0" encoding="{declared}"?>')
    (found,) = read(text.encode(encoding))
    assert found.event.task == "Jürgen"


def test_character_references_and_cdata_are_xml_and_read_as_such(read: Read) -> None:
    (found,) = read(log(name="a&#x1F600;&amp;&quot;&#10;b", head="<!-- a log --><?pi?>"))
    assert found.event.task == 'a\U0001f600&"\nb'


def test_the_line_of_an_event_is_where_it_starts(read: Read) -> None:
    (found,) = read(log(head="\n\n\n"))
    assert found.line == 4


def test_an_event_across_the_pieces_in_which_a_file_is_read_is_whole(read: Read) -> None:
    events = "".join(EVENT.format(f'<string key="n" value="{"x" * 997}{n}"/>') for n in range(1000))
    found = read(f'<log><trace><string key="concept:name" value="1"/>{events}</trace></log>')
    assert [json.loads(item.event.content or b"")["event"][2][2] for item in found] == [
        "x" * 997 + str(n) for n in range(1000)
    ]
