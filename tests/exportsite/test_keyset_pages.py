"""Pages by key: each row once, in order, forth and back, whatever is added meanwhile."""

from __future__ import annotations

from datetime import timedelta

import pytest

from audit.log.append import Appender
from audit.models import Log
from audit.queries import scans
from audit.queries.filters import Filters
from exportsite import keyset
from tests.factories import START, make_event, make_project


@pytest.fixture
def log(db: None) -> Log:
    """23 events, four at each minute: ties in time, told apart by their place in the log."""
    return make_project(make_event(f"T{n}", minute=n // 4) for n in range(23)).log


def walk(scan: keyset.Scan, limit: int) -> list[list[int]]:
    """The ids of each page, from the first to the last."""
    pages, cursor = [], None
    while True:
        page = keyset.page(scan, limit=limit, cursor=cursor)
        pages.append([row["id"] for row in page.rows])
        if page.next is None:
            return pages
        cursor = page.next


@pytest.mark.parametrize("oldest_first", [False, True])
@pytest.mark.parametrize("limit", [1, 4, 5, 22, 23, 500])
def test_walking_gives_every_row_once_in_order(log: Log, limit: int, oldest_first: bool) -> None:
    found = [pk for page in walk(scans.events(log, Filters(oldest_first=oldest_first)), limit) for pk in page]
    expected = [log.event_id(index) for index in range(23)]
    assert found == (expected if oldest_first else expected[::-1])


def test_the_previous_page_is_the_one_that_was_left(log: Log) -> None:
    scan = scans.events(log, Filters())
    first = keyset.page(scan, limit=5)
    second = keyset.page(scan, limit=5, cursor=first.next)
    third = keyset.page(scan, limit=5, cursor=second.next)
    back = keyset.page(scan, limit=5, cursor=third.previous)
    assert [row["id"] for row in back.rows] == [row["id"] for row in second.rows]
    assert keyset.page(scan, limit=5, cursor=back.previous).rows == first.rows


def test_the_first_page_has_no_previous_and_the_last_no_next(log: Log) -> None:
    scan = scans.events(log, Filters())
    first = keyset.page(scan, limit=20)
    last = keyset.page(scan, limit=20, cursor=first.next)
    assert first.previous is None
    assert last.next is None
    assert keyset.page(scan, limit=20, cursor=last.previous).previous is None


def test_rows_that_arrive_meanwhile_do_not_shift_a_page(log: Log) -> None:
    scan = scans.events(log, Filters())
    cursor = keyset.page(scan, limit=5).next
    before = keyset.page(scan, limit=5, cursor=cursor).rows
    with Appender(log.project) as appender:
        appender.add(make_event("late", minute=500))
    assert keyset.page(scan, limit=5, cursor=cursor).rows == before


def test_several_values_of_one_filter_are_merged_in_order(db: None) -> None:
    types = ("task.created", "task.submitted", "review.accepted")
    log = make_project(make_event(f"T{n}", types[n % 3], minute=n) for n in range(12)).log
    pages = walk(scans.events(log, Filters(types=types[:2])), 3)
    assert [pk for page in pages for pk in page] == [log.event_id(n) for n in reversed(range(12)) if n % 3 != 2]


def test_an_empty_list_is_an_empty_page(log: Log) -> None:
    page = keyset.page(scans.events(log, Filters(since=START + timedelta(days=9))), limit=5)
    assert (page.rows, page.next, page.previous) == ([], None, None)
