"""`xes`: attributes as the source had them, else as the record has them; XML that others read."""

from __future__ import annotations

import json
from typing import Any

import pytest
from lxml import etree

from exports.formats.base import ProjectInfo
from exports.formats.events.xes import XesFormat
from tests.exports.formats.snapshots import Made, Shot, event, write

XES = XesFormat()
SPACE = "{http://www.xes-standard.org/}"
DERIVED = "eeeeffffgggghhhh"


def tree(made: Made) -> etree._Element:
    return etree.fromstring(made.files["log.xes"])


def attributes(element: etree._Element) -> list[list[Any]]:
    """[tag, key, value], nested ones as a fourth item: as payloads have them."""
    found: list[list[Any]] = []
    for child in element:
        tag = etree.QName(child).localname
        if tag in ("trace", "event", "extension", "global", "classifier"):
            continue
        item = [tag, child.get("key"), child.get("value")]
        found.append([*item, attributes(child)] if len(child) else item)
    return found


def events(made: Made) -> list[list[list[Any]]]:
    return [attributes(element) for element in tree(made).iter(f"{SPACE}event")]


def restored(*given: list[Any], **more: Any) -> Made:
    content = json.dumps({"event": list(given)}).encode()
    return write(XES, Shot([("T1", [event(0, content=content, **more)])]))


GIVEN = [
    ["string", "concept:name", "Register"],
    ["string", "org:resource", "Pete"],
    ["date", "time:timestamp", "2010-12-30T14:32:00.000+01:00"],
    ["int", "cost", "50"],
    ["float", "share", "0.10"],
    ["boolean", "ok", "TRUE"],
    ["id", "identity:id", "7f7e"],
    ["string", "nested", "x", [["string", "inner", "y", [["int", "deep", "1"]]]]],
    ["list", "several", None, [["values", None, None, [["string", "a", "1"], ["string", "a", "2"]]]]],
]


def test_attributes_of_an_xes_event_come_back_as_they_were() -> None:
    made = restored(*GIVEN)
    assert events(made) == [GIVEN]
    assert made.errors == []


def test_attributes_of_traces_and_log_come_back_too() -> None:
    trace = [["string", "concept:name", "T1"], ["string", "variant", "A"]]
    log = [["string", "creator", "ProM"], ["container", "meta", None, [["int", "events", "3"]]]]
    shot = Shot([("T1", [])], details={"T1": json.dumps({"trace": trace}).encode()})
    shot.project = ProjectInfo("file", "P-1", "Lungs", "o", json.dumps({"name": "x", "zone": "", "log": log}).encode())
    root = tree(write(XES, shot))
    assert attributes(root) == log
    assert attributes(root.find(f"{SPACE}trace")) == trace


def test_a_trace_without_a_name_gets_its_tasks() -> None:
    shot = Shot([("T1", [])], details={"T1": b'{"trace":[["string","variant","A"]]}'})
    found = attributes(tree(write(XES, shot)).find(f"{SPACE}trace"))
    assert found[0] == ["string", "concept:name", "T1"]
    assert found[-1] == ["string", "variant", "A"]


def test_an_event_of_another_source_is_written_from_its_envelope() -> None:
    row = event(0, source_type="Submit", assignee=DERIVED, to_stage="Review", cycle=2, text="Done", content=b'{"a":1}')
    assert events(write(XES, Shot([("T1", [row])]))) == [
        [
            ["string", "concept:name", "Submit"],
            ["string", "org:resource", "amara@example.org"],
            ["date", "time:timestamp", "2026-03-02T08:00:00Z"],
            ["string", "lifecycle:transition", "complete"],
            ["string", "type", "task.submitted"],
            ["string", "stage", "Label"],
            ["string", "toStage", "Review"],
            ["int", "cycle", "2"],
            ["string", "assignee", DERIVED],
            ["string", "text", "Done"],
        ]
    ]


def test_what_was_not_recorded_has_no_attribute() -> None:
    row = event(0, actor=None, occurred_at=None, instant=None, stage=None)
    keys = [item[1] for item in events(write(XES, Shot([("T1", [row])])))[0]]
    assert keys == ["concept:name", "lifecycle:transition", "type"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2026-03-02T09:00:00+01:00", "2026-03-02T09:00:00+01:00"),
        ("2026-03-02T08:00:00.5Z", "2026-03-02T08:00:00.5Z"),
        ("2026-03-02T08:00:00", "2026-03-02T08:00:00.000+00:00"),
        ("2026-03-02 08:00", "2026-03-02T08:00:00.000+00:00"),
        ("02/03/2026", "2026-03-02T08:00:00.000+00:00"),
    ],
)
def test_a_time_is_the_sources_own_text_when_xml_can_read_it_else_its_instant(text, shown) -> None:
    found = events(write(XES, Shot([("T1", [event(0, occurred_at=text)])])))[0]
    assert ["date", "time:timestamp", shown] in found


def test_a_timestamp_that_is_none_is_written_as_its_instant_and_told() -> None:
    made = restored(["string", "concept:name", "a"], ["date", "time:timestamp", "2026-03-02 08:00:00"])
    assert events(made)[0][1] == ["date", "time:timestamp", "2026-03-02T08:00:00.000+00:00"]
    assert [error["code"] for error in made.errors] == ["time"]


def test_another_date_that_is_none_is_written_as_text_and_told() -> None:
    made = restored(["string", "concept:name", "a"], ["date", "due", "tomorrow"])
    assert events(made)[0][1] == ["string", "due", "tomorrow"]
    assert made.errors[0]["asset"] == "T1"
    assert "tomorrow" in made.errors[0]["text"]


@pytest.mark.parametrize("text", ["<&>\"'", "a\tb\nc\rd", "Ünï \U0001f9e0 \u202e", " lead", "]]>", "&amp;", "\ufffd"])
def test_every_text_that_xml_can_hold_survives(text) -> None:
    made = restored(["string", "concept:name", text], ["string", text, "key"])
    assert events(made)[0] == [["string", "concept:name", text], ["string", text, "key"]]
    assert made.errors == []


@pytest.mark.parametrize("text", ["a\x00b", "\x0b", "\x1b[2J", "\ufffe", "\uffff"])
def test_what_xml_can_not_hold_is_replaced_and_told(text) -> None:
    made = restored(["string", "concept:name", text])
    assert "\ufffd" in events(made)[0][0][2]
    assert made.errors[0]["code"] == "character"
    assert made.errors[0]["text"].startswith("event 0:")
    assert made.written["events"] == 1


@pytest.mark.parametrize(
    "content",
    [
        b'{"event":[["trace","concept:name","x"]]}',
        b'{"event":[["string\\"/><trace","k","v"]]}',
        b'{"event":[["string","k"]]}',
        b'{"event":[["string",null,"v"]]}',
        b'{"event":[["string","k",5]]}',
        b'{"event":[[["string"],"k","v"]]}',
        b'{"event":[["string","k","v",["x"]]]}',
        b'{"event":"click"}',
        b'{"event":{"a":1}}',
        b'["event"]',
        b"not json",
        b'{"event":' + b'[["list","k",null,' * 70 + b"[]" + b"]]" * 70 + b"}",
    ],
)
def test_a_payload_that_only_looks_like_xes_is_not_taken_for_it(content) -> None:
    made = write(XES, Shot([("T1", [event(0, source_type="Click", content=content)])]))
    assert events(made)[0][0] == ["string", "concept:name", "Click"]
    assert len(list(tree(made).iter(f"{SPACE}trace"))) == 1


def test_with_pseudonyms_tokens_are_shown_as_them() -> None:
    content = json.dumps(
        {
            "event": [
                ["string", "concept:name", "a"],
                ["string", "org:resource", f"@p:{DERIVED}/name.1"],
                ["string", "x", "@@p:y"],
            ]
        }
    ).encode()
    made = write(XES, Shot([("T1", [event(0, content=content)])]), people="pseudonyms")
    assert events(made)[0][1:] == [["string", "org:resource", DERIVED], ["string", "x", "@p:y"]]


def test_with_names_a_text_that_looks_like_a_token_stays_as_it_is() -> None:
    token = f"@p:{DERIVED}/name"
    assert events(restored(["string", "concept:name", token]))[0][0][2] == token


def test_extensions_globals_and_classifier_are_declared() -> None:
    root = tree(write(XES, Shot([("T1", [event(0)])])))
    assert root.tag == f"{SPACE}log"
    assert [item.get("prefix") for item in root.findall(f"{SPACE}extension")] == ["concept", "time", "org", "lifecycle"]
    for element in (*root.iter(f"{SPACE}trace"), *root.iter(f"{SPACE}event")):
        assert "concept:name" in [item[1] for item in attributes(element)], "as the globals promise"
