from __future__ import annotations

from collections.abc import Callable

import pytest

from audit.sources.files import opening

Refusal = Callable[..., str]
REST = b'"event":"A","time":"2024-01-01T00:00:00Z"'
GOOD = b'{"task":"1",%b}\n' % REST


@pytest.mark.parametrize(
    "line",
    [
        b'{"task":"1",%b' % REST,
        b'{"task":"1",%b}}' % REST,
        b'{"task":01,%b}' % REST,
        b'{"task":NaN,%b}' % REST,
        b'{"task":"a\x01",%b}' % REST,
        b'{"task":"1",}',
        b"{'task':'1'}",
        b'{"task":tru,%b}' % REST,
    ],
)
def test_a_line_that_is_not_json_is_refused_with_its_number(refusal: Refusal, line: bytes) -> None:
    assert refusal(GOOD + line + b"\n" + GOOD).startswith("2: this line is not JSON: ")


def test_a_line_that_is_no_object_is_refused(refusal: Refusal) -> None:
    assert refusal(GOOD + b"[1]\n") == "2: this line is JSON, but no object; write one object a line"


def test_an_array_is_refused(refusal: Refusal) -> None:
    assert refusal(b"[%b]" % GOOD).startswith("1: this is a JSON array; write one object a line")


def test_one_document_over_many_lines_is_refused(refusal: Refusal) -> None:
    assert "NDJSON has one object a line" in refusal(b'{\n  "task": "1"\n}\n')


def test_a_byte_that_is_no_utf8_is_named_with_its_line(refusal: Refusal) -> None:
    assert refusal(GOOD + b'{"task":"\xff",%b}' % REST).startswith("2: byte 10 of the line (0xFF) is not UTF-8")


def test_utf16_is_refused(refusal: Refusal) -> None:
    assert refusal(GOOD.decode().encode("utf-16")) == "None: this text is UTF-16; save it as UTF-8"


@pytest.mark.parametrize("value", [b'{"id":"1"}', b'["1"]'])
@pytest.mark.parametrize("more", [b"", b',"half":"\\udc00"'])
def test_an_object_where_a_name_belongs_is_refused(refusal: Refusal, value: bytes, more: bytes) -> None:
    found = refusal(b'{"task":"1",%b,"user":%b%b}\n' % (REST, value, more))
    assert found.startswith('1: "user" holds an object or a list, a text or a number was expected')


def test_nesting_without_end_is_refused(refusal: Refusal) -> None:
    assert "1: " in refusal(b'{"task":"1",%b,"x":%b}' % (REST, b"[" * 200_000 + b"]" * 200_000))


@pytest.mark.parametrize("field", [b"task", b"actor", b"assignee", b"event_id", b"actor_name", b"actor_email"])
def test_half_a_character_is_refused_where_it_would_make_two_names_one(refusal: Refusal, field: bytes) -> None:
    line = b'{"case":"1",%b,"%b":"\\ud800"}\n' % (REST, field)
    assert "has half of a character (a lone surrogate)" in refusal(line)


def test_a_line_without_end_is_refused(refusal: Refusal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "MAX_LINE", 1_000)
    assert refusal(GOOD + b'{"x":"%b"}' % (b"x" * 2_000)).startswith("2: the line is longer than 64 MiB")


def test_a_line_without_a_task_is_refused_with_the_keys_so_far(refusal: Refusal) -> None:
    found = refusal(b'{"item":"1",%b}\n' % REST)
    assert found.startswith("1: no column holds the task")
    assert found.endswith('The file has: "item", "event", "time"')
