"""Lists of any length: pages by key, never by number, and counts that stop.

A list reads one index in its order. Filters that the index does not answer are tested row by row, and after
`MOST_READ` rows the page is handed over with what it has and a cursor: no combination of filters reads a whole table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any, TypeAlias
from uuid import UUID

from django.core import signing
from django.db import connection

MOST_READ = 20_000
"""Rows of its index that a list reads for one page."""
MOST_COUNTED = 10_000
"""Lists count no further: beyond, they say "10,000+"."""

Condition: TypeAlias = tuple[str, tuple[Any, ...]]
"""SQL with %s for each of the values beside it."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class WrongCursor(ValueError):
    """A cursor that we did not sign, or that belongs to another list."""


@dataclass(frozen=True, slots=True)
class Search:
    """A condition answered by an index that has no order (words): `ids` selects the ids of the rows it finds.

    When it finds more than MOST_READ, the list reads its own index instead and puts `test` to each row.
    """

    ids: Condition
    test: Condition


@dataclass(frozen=True, slots=True)
class Scan:
    """What a list reads: `columns` of `table` (names are ours, never the user's), in the order of `key`.

    `within` are conditions that an index answers together with the order; `one_of` is a column and its admitted
    values, each of them a range of that index; `tests` are put to the rows one by one.
    """

    table: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    within: tuple[Condition, ...] = ()
    one_of: tuple[str, tuple[Any, ...]] | None = None
    tests: tuple[Condition, ...] = ()
    search: Search | None = None
    newest_first: bool = True


@dataclass(frozen=True, slots=True)
class Page:
    """Rows in the list's order; cursors to what follows and what precedes, None at either end.

    `handed_over` says that the page ended because MOST_READ rows were read, not because it was full.
    """

    rows: list[dict[str, Any]]
    next: str | None
    previous: str | None
    handed_over: bool = False


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows match: exactly, or (not `exact`) at least."""

    value: int
    exact: bool

    def __str__(self) -> str:
        return f"{self.value:,}" + ("" if self.exact else "+")


def page(scan: Scan, *, limit: int, cursor: str | None = None) -> Page:
    """One page of at most `limit` rows. A cursor of another list raises WrongCursor."""
    forward, after = (True, None) if not cursor else _read_cursor(scan, cursor)
    resolved = _resolved(scan)
    sql, values = page_sql(resolved, limit=limit, after=after, forward=forward)
    with connection.cursor() as db:
        db.execute(sql, values)
        found = [dict(zip((*scan.columns, "_matches", "_last"), row, strict=True)) for row in db.fetchall()]
    handed_over = bool(found) and found[-1]["_last"]
    rows = [row for row in found if row["_matches"]]
    more = len(rows) > limit
    rows = rows[:limit]
    onward = None
    if more:
        onward = rows[-1]
    elif handed_over:
        onward = found[-1]
    handed_over = handed_over and not more
    first = rows[0] if rows else None
    # Where we came from lies behind us: the row that the cursor named, when this page has none of its own.
    back = None
    if cursor and after is not None:
        back = _write_cursor(scan, not forward, _key(scan, first) if first else after, inclusive=first is None)
    ahead = _write_cursor(scan, forward, _key(scan, onward)) if onward else None
    if forward:
        return Page(rows, ahead, back, handed_over)
    return Page(rows[::-1], back, ahead, handed_over)


def count(scan: Scan) -> Count:
    """How many rows the list has, counted to MOST_COUNTED, looking at no more than MOST_READ."""
    scan = _resolved(scan)
    where, values = _where([*scan.within, *_one_of(scan)])
    with connection.cursor() as db:
        if not scan.tests:
            db.execute(
                f"SELECT count(*) FROM (SELECT 1 FROM {scan.table}{where} LIMIT %s) AS counted",  # noqa: S608
                [*values, MOST_COUNTED + 1],
            )
            (found,) = db.fetchone() or (0,)
            return Count(min(found, MOST_COUNTED), found <= MOST_COUNTED)
        tests, test_values = _all_of(scan.tests)
        inner, inner_values = _ordered(scan, None, True, MOST_READ)
        db.execute(
            f"SELECT count(*), count(*) FILTER (WHERE {tests}) FROM ({inner}) AS read",  # noqa: S608
            [*test_values, *inner_values],
        )
        read, found = db.fetchone() or (0, 0)
    return Count(min(found, MOST_COUNTED), read < MOST_READ and found <= MOST_COUNTED)


def page_sql(scan: Scan, *, limit: int, after: _After | None, forward: bool) -> tuple[str, list[Any]]:
    """The statement of a page: its columns, whether the row matches, and whether it is the last that may be read."""
    columns = ", ".join(scan.columns)
    if not scan.tests:
        inner, values = _ordered(scan, after, forward, limit + 1)
        return f"SELECT {columns}, true, false FROM ({inner}) AS read", values  # noqa: S608
    tests, test_values = _all_of(scan.tests)
    order = _order(scan, forward)
    inner, values = _ordered(scan, after, forward, MOST_READ)
    # The inner rows come one by one, so the outer LIMIT stops the reading as soon as the page is full.
    sql = (
        f"SELECT {columns}, matches, place = %s FROM ("  # noqa: S608
        f"SELECT {columns}, place, coalesce({tests}, false) AS matches FROM ("
        f"SELECT *, row_number() OVER (ORDER BY {order}) AS place FROM ({inner}) AS read) AS read) AS tested "
        f"WHERE matches OR place = %s ORDER BY {order} LIMIT %s"
    )
    return sql, [MOST_READ, *test_values, *values, MOST_READ, limit + 1]


_After: TypeAlias = tuple[tuple[Any, ...], bool]
"""The key that a page starts behind, and whether the row with that key belongs to it."""


def _ordered(scan: Scan, after: Any, forward: bool, limit: int) -> tuple[str, list[Any]]:
    """The index scan in the list's order."""
    conditions = list(scan.within)
    if after is not None:
        key, inclusive = after
        sign = "<" if scan.newest_first == forward else ">"
        places = ", ".join(["%s"] * len(key))
        conditions.append((f"({', '.join(scan.key)}) {sign}{'=' if inclusive else ''} ({places})", key))
    columns, order = ", ".join(scan.columns), _order(scan, forward)
    if scan.one_of is None or len(scan.one_of[1]) == 1:
        where, values = _where([*conditions, *_one_of(scan)])
        return f"SELECT {columns} FROM {scan.table}{where} ORDER BY {order} LIMIT %s", [*values, limit]  # noqa: S608
    # One range of the index for each value, merged in order: `IN` would sort all rows that match.
    column, admitted = scan.one_of
    parts, all_values = [], []
    for value in admitted:
        where, values = _where([*conditions, (f"{column} = %s", (value,))])
        parts.append(f"(SELECT {columns} FROM {scan.table}{where} ORDER BY {order} LIMIT %s)")  # noqa: S608
        all_values += [*values, limit]
    union = " UNION ALL ".join(parts)
    return f"SELECT * FROM ({union}) AS merged ORDER BY {order} LIMIT %s", [*all_values, limit]  # noqa: S608


def _resolved(scan: Scan) -> Scan:
    """The scan with its search turned into a set of ids, or into a test of each row when it finds too many."""
    if scan.search is None:
        return scan
    ids, values = scan.search.ids
    with connection.cursor() as db:
        db.execute(f"SELECT count(*) FROM ({ids} LIMIT %s) AS found", [*values, MOST_READ + 1])  # noqa: S608
        (found,) = db.fetchone() or (0,)
    if found > MOST_READ:
        return replace(scan, search=None, tests=(*scan.tests, scan.search.test))
    # An array, not `IN (SELECT …)`: the planner must fetch these rows by id, not walk the list looking for them.
    chosen = (f"id = ANY(ARRAY({ids} LIMIT {MOST_READ}))", values)
    tests = (*scan.tests, *_one_of(scan))
    return replace(scan, search=None, within=(*scan.within, chosen), one_of=None, tests=tests)


def _one_of(scan: Scan) -> list[Condition]:
    if scan.one_of is None:
        return []
    column, admitted = scan.one_of
    if len(admitted) == 1:
        return [(f"{column} = %s", admitted)]
    return [one_of(column, admitted)]


def one_of(column: str, admitted: Sequence[Any]) -> Condition:
    """The condition that a column has one of these values."""
    return f"{column} IN ({', '.join(['%s'] * len(admitted))})", tuple(admitted)


def _order(scan: Scan, forward: bool) -> str:
    way = "DESC" if scan.newest_first == forward else "ASC"
    return ", ".join(f"{column} {way}" for column in scan.key)


def _all_of(conditions: Sequence[Condition]) -> Condition:
    return " AND ".join(f"({sql})" for sql, _ in conditions), tuple(
        value for _, values in conditions for value in values
    )


def _where(conditions: Sequence[Condition]) -> tuple[str, list[Any]]:
    if not conditions:
        return "", []
    sql, values = _all_of(conditions)
    return f" WHERE {sql}", list(values)


def _key(scan: Scan, row: dict[str, Any]) -> _After:
    return tuple(row[column] for column in scan.key), False


def _signer() -> signing.Signer:
    return signing.Signer(salt="labeltrail.keyset")


def _digest(scan: Scan) -> str:
    """Eight characters that tell one list from another, so that a cursor is not taken for another list's."""
    told = (scan.table, scan.key, scan.within, scan.one_of, scan.tests, scan.search, scan.newest_first)
    return blake2b(repr(told).encode(), digest_size=4).hexdigest()


def _write_cursor(scan: Scan, forward: bool, after: _After, inclusive: bool = False) -> str:
    key = [_plain(value) for value in after[0]]
    times = [isinstance(value, datetime) for value in after[0]]
    return _signer().sign_object([_digest(scan), forward, inclusive, times, *key])


def _plain(value: Any) -> Any:
    """A column's value as JSON can hold it: a time in microseconds, a UUID as text."""
    if isinstance(value, datetime):
        return (value - _EPOCH) // timedelta(microseconds=1)
    return str(value) if isinstance(value, UUID) else value


def _read_cursor(scan: Scan, cursor: str) -> tuple[bool, _After]:
    """The direction and the key that a cursor holds."""
    try:
        digest, forward, inclusive, times, *key = _signer().unsign_object(cursor)
    except (signing.BadSignature, ValueError) as error:
        raise WrongCursor("The cursor is not one of ours, or was altered: start again from the first page.") from error
    if digest != _digest(scan):
        raise WrongCursor("The cursor belongs to another list, or to other filters: start again from the first page.")
    read = tuple(_EPOCH + timedelta(microseconds=v) if time else v for v, time in zip(key, times, strict=True))
    return forward, (read, inclusive)
