from __future__ import annotations

from collections.abc import Callable

import pytest

from audit.sources.files import BadOption, xes

Refusal = Callable[..., str]
A = '<string key="concept:name" value="A"/>'
T = '<date key="time:timestamp" value="2024-01-01T00:00:00Z"/>'
EVENT = f"<event>{A}{T}</event>"
TRACE = f'<trace><string key="concept:name" value="1"/>{EVENT}</trace>'

LAUGHS = '<!DOCTYPE log [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
EXTERNAL = '<!DOCTYPE log [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
DTD = '<!DOCTYPE log SYSTEM "http://localhost/xes.dtd">'


@pytest.mark.parametrize("doctype", [LAUGHS, EXTERNAL, DTD])
def test_a_document_type_is_refused_before_any_entity_is_read(refusal: Refusal, doctype: str) -> None:
    assert refusal(f"\n{doctype}<log>{TRACE}</log>").startswith(
        "2: the file declares a document type (DOCTYPE); remove it"
    )


def test_an_entity_that_nobody_declared_is_refused(refusal: Refusal) -> None:
    assert "undefined entity; entities are refused" in refusal(f'<log>{TRACE}<string key="a" value="&lol;"/></log>')


@pytest.mark.parametrize("end", [10, 40, 120, -1])
def test_a_truncated_log_is_refused(refusal: Refusal, end: int) -> None:
    assert "not well-formed XML" in refusal(f"<log>\n{TRACE}</log>"[:end])


def test_a_log_that_ends_too_early_says_so(refusal: Refusal) -> None:
    assert "the file ends too early: was it cut off?" in refusal(f"<log>{TRACE}")


def test_xml_that_is_something_else_is_refused(refusal: Refusal) -> None:
    assert refusal("<html><body/></html>") == '1: this XML is no XES: its root is "html", not <log>'


def test_bytes_in_another_encoding_than_the_declared_one_are_refused_with_their_line(refusal: Refusal) -> None:
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<log>\n<string key="a" value="J\xfcrgen"/>{TRACE}</log>'
    found = refusal(text.encode("latin-1"))
    assert found.startswith("3: this is not well-formed XML, column ")
    assert "is the text in the encoding that its first line names?" in found


def test_an_encoding_that_does_not_exist_is_refused(refusal: Refusal) -> None:
    assert "save it as UTF-8" in refusal(f'<?xml version="1.0" encoding="klingon"?><log>{TRACE}</log>')


def test_a_trace_without_a_name_is_refused_with_its_line(refusal: Refusal) -> None:
    assert refusal(f"<log>\n<trace>{EVENT}</trace></log>").startswith("2: this trace has no concept:name")


def test_a_trace_that_names_itself_after_its_events_is_refused(refusal: Refusal) -> None:
    assert "no concept:name (before its events)" in refusal(f"<log><trace>{EVENT}{A}</trace></log>")


def test_an_event_outside_of_a_trace_is_refused(refusal: Refusal) -> None:
    assert refusal(f"<log>\n{EVENT}</log>").startswith("2: this event stands outside of a trace")


def test_an_event_without_time_is_refused(refusal: Refusal) -> None:
    found = refusal(f'<log><trace><string key="concept:name" value="1"/>\n<event>{A}</event></trace></log>')
    assert found.startswith("2: no column holds the time (looked for: time, timestamp,")
    assert 'The file has: "concept:name"' in found


def test_an_element_without_a_key_is_refused(refusal: Refusal) -> None:
    assert 'the element "string" has no key' in refusal(
        TRACE.replace(T, '<string value="1"/>').join(("<log>", "</log>"))
    )


def test_attributes_nested_too_deep_are_refused(refusal: Refusal) -> None:
    deep = '<string key="a" value="b">' * 100 + "</string>" * 100
    assert "more than 64 attributes inside one another" in refusal(TRACE.replace(T, T + deep).join(("<log>", "</log>")))


def test_a_log_without_events_is_refused(refusal: Refusal) -> None:
    assert refusal("<log></log>") == "None: there is no event in this file"


def test_a_log_that_goes_on_without_an_event_is_refused(refusal: Refusal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xes, "MAX_SILENCE", 300_000)
    assert "pass without the end of an event" in refusal(f'<log><string key="a" value="{"x" * 900_000}"/>{TRACE}</log>')


def test_attributes_of_a_log_that_have_no_end_are_refused(refusal: Refusal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xes, "MAX_CONTENT", 1_000)
    attribute = '<string key="a" value="0123456789"/>'
    assert "have more than 64 MiB" in refusal(f"<log>{attribute * 200}{TRACE}</log>")


def test_a_name_too_long_for_a_task_is_refused(refusal: Refusal) -> None:
    assert "is too long for a task's id" in refusal(f"<log>{TRACE}</log>".replace('value="1"', f'value="{"x" * 1001}"'))


def test_the_task_of_xes_is_the_trace_and_no_column(refusal: Refusal) -> None:
    with pytest.raises(BadOption, match="in XES the task is the trace"):
        refusal(f"<log>{TRACE}</log>", columns=["task=site"])
