from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from audit.sources.files import BadFile, BadOption, EventFile, FileOptions, jsonarray

Refusal = Callable[..., str]
AT = b'"createdAt":"2025-03-01T09:00:00Z"'
EVENT = b'{"eventType":"TASK_SAVED",%b}' % AT
GOOD = b'{"taskId":"t-1","taskName":"A","currentStageName":"Label","events":[%b]}' % EVENT


def with_event(event: bytes) -> bytes:
    return b'[\n%b,\n{"taskId":"t-2","events":[%b,%b]}]' % (GOOD, EVENT, event)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"[%b" % GOOD, "1: the file ends before the array does: it was cut off"),
        (b"[\n%b,\n" % GOOD, "3: the file ends before the array does: it was cut off"),
        (b"[%b,\n%b" % (GOOD, GOOD[:-9]), "2: the file ends in the object that begins here: it was cut off"),
        (b'[%b,{"a":"' % GOOD, "1: the file ends in the object that begins here: it was cut off"),
        (b'[%b,{"a":"\\' % GOOD, "1: the file ends in the object that begins here: it was cut off"),
        (b"[%b,\n]" % GOOD, '2: "]" stands where an object or a comma was expected'),
        (b"[%b\n%b]" % (GOOD, GOOD), '2: "{" stands where an object or a comma was expected'),
        (b"[%b,7]" % GOOD, '1: "7" stands where an object or a comma was expected'),
        (b"[%b]\n[%b]" % (GOOD, GOOD), "2: something follows the end of the array"),
        (b"[%b]]" % GOOD, "1: something follows the end of the array"),
        (b'[{"taskId":"t-1","events":[}]]', "1: this task: this is not JSON"),
        (b'[{"taskId":"t-1",\n\n"events":[nul]}]', "3: this task: this is not JSON"),
        (b'[{"taskId":7,"events":[]}]', "1: this task: it is not as RedBrick writes one: Expected `str`, got `int`"),
        (b'[{"taskId":"t","events":{}}]', "1: this task: it is not as RedBrick writes one: Expected `array`"),
        (b'[{"taskId":"t","events":null}]', "1: this task: it is not as RedBrick writes one: Expected `array`"),
        (b'[%b,\n{"taskId":"t"}]' % GOOD, "2: this task: it is not as RedBrick writes one: Object missing required"),
        (b'[{"taskId":"","events":[]}]', "1: this task: its taskId is empty"),
        (b'[{"taskId":"t","events":[]}]', "None: there is no event in this file"),
        (b'[%b,\n{"taskId":"\n\xff","events":[]}]' % GOOD, "3: 0xFF is not UTF-8"),
        (b'[{"taskId":"t","events":[],"x":%b}]' % (b"[" * 200_000 + b"]" * 200_000), "nested too deep"),
        (b'[{"taskId":"%b","events":[]}]' % (b"t" * 1_001), 'the taskId "ttt'),
    ],
)
def test_what_is_no_whole_report_is_refused_with_its_line(refusal: Refusal, content: bytes, text: str) -> None:
    assert text in refusal(content)


@pytest.mark.parametrize(
    ("event", "text"),
    [
        (b"7", 'an object was expected, not "7"'),
        (b"{%b}" % AT, "eventType is missing"),
        (b'{"eventType":null,%b}' % AT, "eventType is missing"),
        (b'{"eventType":7,%b}' % AT, "eventType is not a text"),
        (b'{"eventType":"%b",%b}' % (b"T" * 1_001, AT), "has 1,001 bytes, at most 1,000 are possible"),
        (b'{"eventType":"T"}', "createdAt is missing"),
        (b'{"eventType":"T","createdAt":"yesterday"}', '"yesterday" is not a time'),
        (
            b'{"eventType":"T","createdAt":"2025-03-01T09:00:00"}',
            "has no zone; name the zone that is meant with --zone",
        ),
        (b'{"eventType":"T",%b,"stage":[]}' % AT, "stage is not a text"),
        (b'{"eventType":"T",%b,"user":"%b"}' % (AT, b"u" * 1_001), 'the person "uuu'),
        (b'{"eventType":"T",%b,"timeSpentMs":-1}' % AT, "timeSpentMs is not a number of milliseconds from 0"),
        (b'{"eventType":"T",%b,"timeSpentMs":"5"}' % AT, "timeSpentMs is not a number of milliseconds from 0"),
        (b'{"eventType":"T",%b,"timeSpentMs":true}' % AT, "timeSpentMs is not a number of milliseconds from 0"),
        (b'{"eventType":"T",%b,"timeSpentMs":1000000000000001}' % AT, "from 0 to 1,000,000,000,000,000"),
        (b'{"eventType":"T",%b,"score":1e999}' % AT, "this can't be read"),
        (b'{"eventType":"COMMENT_ADDED",%b,"replies":{"a":1}}' % AT, "its replies are not a list"),
        (b'{"eventType":"COMMENT_ADDED",%b,"replies":[null]}' % AT, 'an object was expected, not "null"'),
        (
            b'{"eventType":"COMMENT_ADDED",%b,"commentId":"c","replies":[{"commentId":"c"}]}' % AT,
            'another event of this task has the id "c"',
        ),
        (
            b'{"eventType":"COMMENT_ADDED",%b,"commentId":"TASK_SAVED/2025-03-01T09:00:00Z/0"}' % AT,
            'another event of this task has the id "TASK_SAVED/',
        ),
    ],
)
def test_an_event_that_cannot_be_read_is_named_with_its_task(refusal: Refusal, event: bytes, text: str) -> None:
    found = refusal(with_event(event))
    assert found.startswith('3: event 2 of task "t-2": ')
    assert text in found


def test_a_task_that_is_too_large_is_refused(refusal: Refusal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsonarray, "MAX_ITEM", 1_000)
    large = b'{"taskId":"t-2","events":[],"x":"%b"}' % (b"x" * 1_000)
    assert refusal(b"[%b,\n%b]" % (GOOD, large)).startswith("2: the object that begins here has more than 64 MiB")
    monkeypatch.setattr("audit.sources.files.opening.CHUNK", 100)
    assert refusal(b"[%b,\n%b]" % (GOOD, large)).startswith("2: the object that begins here has more than 64 MiB")


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"[]", "1: this JSON array is empty: there is no task in it"),
        (b'[{"taskId":"t","items":[]}]', "load it with --kind redbrick"),
        (b'["taskId","events"]', "1: this is a JSON array; write one object a line"),
    ],
)
def test_another_array_is_no_report(refusal: Refusal, content: bytes, text: str) -> None:
    assert text in refusal(content)


def test_a_line_that_is_no_task_is_named(refusal: Refusal) -> None:
    good = GOOD.replace(b"\n", b" ")
    assert refusal(good + b'\n{"taskId":\n').startswith("2: this task: this is not JSON")
    assert "2: " in refusal(good + b"\n[]\n")


@pytest.mark.parametrize("content", [b"task,event,time\n", b"<log/>", b"\xff\xfe[\0"])
def test_what_is_neither_array_nor_tasks_is_refused_when_the_kind_is_named(refusal: Refusal, content: bytes) -> None:
    found = refusal(content, kind="redbrick")
    assert found in ("1: this is not a JSON array", "None: this text is UTF-16; save it as UTF-8")


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"columns": ["actor=updatedBy"]}, "--column: a report of RedBrick has fields of its own"),
        ({"active_time": "pairs"}, "--active-time pairs: a report of RedBrick has no starts"),
    ],
)
def test_options_that_make_no_sense_are_refused_by_name(
    refusal: Refusal, tmp_path: Path, options: dict[str, object], text: str
) -> None:
    path = tmp_path / "report.json"
    path.write_bytes(b"[%b]" % GOOD)
    with pytest.raises(BadOption, match=text):
        EventFile(str(path), FileOptions.parse(**options))  # type: ignore[arg-type]


def test_columns_of_a_report_cannot_be_listed(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_bytes(b"[%b]" % GOOD)
    with EventFile(str(path), FileOptions()) as file, pytest.raises(BadOption, match="--list-columns"):
        file.sample()


def test_a_gzip_that_was_cut_off_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "report.json.gz"
    path.write_bytes(gzip.compress(b"[%b]" % b",".join([GOOD] * 100))[:-20])
    with pytest.raises(BadFile, match="cut off"), EventFile(str(path), FileOptions()) as file:
        list(file.read("a project", ""))
