"""Temporary tables give back what was put in, however many rows there are, and to whichever thread asks."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from exportsite.temporary import CHUNK, TemporaryTables

TABLE = "CREATE TABLE told (n INTEGER PRIMARY KEY, said TEXT UNIQUE)"
ADD = "INSERT OR IGNORE INTO told (said) VALUES (?)"


def test_rows_are_given_in_their_order_however_many() -> None:
    tables = TemporaryTables(TABLE)
    count = 2 * CHUNK + 7
    assert tables.changed(ADD, ((f"{n}",) for n in range(count))) == count
    assert [said for (said,) in tables.each("SELECT said FROM told ORDER BY n")] == [f"{n}" for n in range(count)]
    assert tables.rows("SELECT count(*) FROM told WHERE n > ?", CHUNK) == [(CHUNK + 7,)]


def test_what_is_there_already_is_not_counted_as_changed() -> None:
    tables = TemporaryTables(TABLE)
    assert (tables.change(ADD, "a"), tables.change(ADD, "a"), tables.changed(ADD, [("a",), ("b",)])) == (1, 0, 1)


def test_a_source_that_fails_leaves_what_came_before_and_can_be_gone_on_with() -> None:
    def rows() -> Iterator[tuple[str]]:
        yield from ((f"{n}",) for n in range(CHUNK))
        raise ConnectionError

    tables = TemporaryTables(TABLE)
    with pytest.raises(ConnectionError):
        tables.changed(ADD, rows())
    assert tables.changed(ADD, [("more",)]) == 1
    assert tables.rows("SELECT count(*) FROM told") == [(CHUNK + 1,)]


def test_several_threads_may_write_while_one_reads() -> None:
    tables = TemporaryTables(TABLE)
    with ThreadPoolExecutor(4) as threads:
        added = threads.map(lambda part: tables.changed(ADD, ((f"{part}-{n}",) for n in range(CHUNK))), range(4))
        assert sum(added) == 4 * CHUNK
    reading = tables.each("SELECT n FROM told ORDER BY n")
    assert next(reading) == (1,)
    reading.close()
    tables.close()
