from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from audit.sources.files import FileEvent

Read = Callable[..., list[FileEvent]]
TIME = "2024-01-01T00:00:00Z"


def test_the_payload_is_the_row_under_the_names_of_its_header(read: Read) -> None:
    (found,) = read(f'task,event,time,Score,"a ""b"""\n1,A,{TIME},0.50,\n')
    assert found.event.content == b'{"task":"1","event":"A","time":"%b","Score":"0.50","a \\"b\\"":""}' % TIME.encode()


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_one_of_the_header(read: Read, delimiter: str) -> None:
    rows = [["task", "event", "time", "note"], ["1", "A", TIME, "x"]]
    (found,) = read("\n".join(delimiter.join(row) for row in rows))
    assert json.loads(found.event.content or b"")["note"] == "x"


def test_delimiters_inside_quotes_of_the_header_do_not_count(read: Read) -> None:
    (found,) = read(f'"task";"event";"time";"a,b,c,d,e,f"\n"1";"A";"{TIME}";"x"\n')
    assert found.event.task == "1"


def test_cells_hold_line_ends_and_quotes(read: Read) -> None:
    first, second = read(f'task,event,time,comment\n1,A,{TIME},"one\r\ntwo ""2"""\n1,B,{TIME},\n')
    assert first.event.text == 'one\r\ntwo "2"'
    assert (first.line, second.line) == (2, 4)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_line_ends_and_empty_lines_are_no_content(read: Read, end: str) -> None:
    found = read(end.join(["task,event,time", f"1,A,{TIME}", "", f"2,B,{TIME}", ""]))
    assert [(item.event.task, item.event.occurred_at) for item in found] == [("1", TIME), ("2", TIME)]


def test_a_byte_order_mark_is_no_part_of_the_first_column(read: Read) -> None:
    (found,) = read(b"\xef\xbb\xbf" + f"task,event,time\n1,A,{TIME}\n".encode())
    assert json.loads(found.event.content or b"").keys() == {"task", "event", "time"}


def test_text_in_any_script_stays_as_it_is(read: Read) -> None:
    text = "שלום 👩‍🚀 \u202eabc"
    (found,) = read(f"task,event,time,comment\n{text},A,{TIME},{text}\n")
    assert (found.event.task, found.event.text) == (text, text)


def test_a_nul_is_replaced_in_names_and_stays_in_the_payload(read: Read) -> None:
    (found,) = read(f"task,event,time,stage\nt\0,A,{TIME},s\0\n")
    assert (found.event.task, found.event.stage) == ("t\ufffd", "s\ufffd")
    assert b'"t\\u0000"' in (found.event.content or b"")


def test_a_comment_longer_than_other_readers_take_is_read(read: Read) -> None:
    (found,) = read(f"task,event,time,comment\n1,A,{TIME},{'x' * 300_000}\n")
    assert len(found.event.text or "") == 300_000
