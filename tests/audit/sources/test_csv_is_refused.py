from __future__ import annotations

from collections.abc import Callable

import pytest

from audit.sources.files import opening

Refusal = Callable[..., str]
HEAD = "task,event,time\n"
ROW = "1,A,2024-01-01T00:00:00Z\n"


def test_a_byte_that_is_no_utf8_is_named_with_its_line(refusal: Refusal) -> None:
    found = refusal((HEAD + ROW).encode() + "1,J\xfcrgen,2024-01-01T00:00:00Z\n".encode("latin-1"))
    assert found == "3: byte 4 of the line (0xFC) is not UTF-8; save the file as UTF-8"


def test_utf16_is_refused(refusal: Refusal) -> None:
    assert refusal((HEAD + ROW).encode("utf-16")) == "None: this text is UTF-16; save it as UTF-8"


@pytest.mark.parametrize(("row", "cells"), [("1,A", 2), ("1,A,2024-01-01T00:00:00Z,more", 4)])
def test_a_row_that_does_not_fit_its_header_is_refused(refusal: Refusal, row: str, cells: int) -> None:
    assert refusal(HEAD + ROW + row).startswith(f"3: the row has {cells} cells, the header 3")


def test_a_quote_that_never_closes_is_refused(refusal: Refusal) -> None:
    found = refusal(HEAD + ROW + '1,"A,2024-01-01T00:00:00Z\n' + ROW)
    assert found.startswith("3: this row can't be read")
    assert "is a quote never closed" in found


def test_text_after_a_closing_quote_is_refused(refusal: Refusal) -> None:
    assert refusal(HEAD + '1,"A"B,2024-01-01T00:00:00Z\n').startswith("2: this row can't be read")


def test_two_columns_of_one_name_are_refused(refusal: Refusal) -> None:
    assert refusal("task,event,time,x,x\n") == '1: two columns are named "x"; give each its own name'


def test_a_header_without_rows_is_refused(refusal: Refusal) -> None:
    assert refusal(HEAD) == "None: there is no event in this file"


def test_an_empty_first_line_is_refused(refusal: Refusal) -> None:
    assert refusal("\n" + HEAD + ROW, kind="csv").startswith("1: the first line is empty")


def test_a_line_without_end_is_refused(refusal: Refusal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "MAX_LINE", 1_000)
    assert refusal(HEAD + ROW + "x" * 2_000).startswith("3: the line is longer than 64 MiB")


def test_a_file_whose_lines_end_as_on_old_macintoshes_is_refused(refusal: Refusal) -> None:
    assert "this row can't be read" in refusal((HEAD + ROW).replace("\n", "\r"))


@pytest.mark.parametrize("missing", ["task", "event", "time"])
def test_a_file_without_a_required_column_is_refused_with_what_it_has(refusal: Refusal, missing: str) -> None:
    found = refusal(HEAD.replace(missing, "other") + ROW)
    assert found.startswith(f"1: no column holds the {missing} (looked for: ")
    assert '"other"' in found
    assert f"--column {missing}=NAME" in found


@pytest.mark.parametrize(("row", "field"), [(",A,2024-01-01", "task"), ("1,,2024-01-01", "event"), ("1,A,", "time")])
def test_a_row_without_a_required_value_is_refused(refusal: Refusal, row: str, field: str) -> None:
    assert refusal(HEAD + row) == f'2: the {field} is empty (column "{field}")'


@pytest.mark.parametrize("cycle", ["-1", "1.5", "one", "2147483648", "٣"])
def test_a_cycle_that_is_no_whole_number_is_refused(refusal: Refusal, cycle: str) -> None:
    found = refusal(f"task,event,time,cycle\n1,A,2024-01-01T00:00:00Z,{cycle}\n")
    assert found == f'2: the cycle "{cycle}" is not a whole number from 0 to 2,147,483,647'


def test_a_name_that_no_index_could_hold_is_refused(refusal: Refusal) -> None:
    found = refusal(f"task,event,time,stage\n1,A,2024-01-01T00:00:00Z,{'é' * 501}\n")
    assert "2: the stage" in found
    assert "has 1,002 bytes, at most 1,000 are possible" in found


def test_an_error_text_shows_what_would_act_unseen(refusal: Refusal) -> None:
    found = refusal("task,event,time\n1,A,\u202e\x1b[31m\n")
    assert "\u202e" not in found
    assert "\x1b" not in found
    assert "U+202E" in found
