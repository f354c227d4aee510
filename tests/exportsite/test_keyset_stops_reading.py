"""A list reads a bounded number of rows for a page, and counts only so far."""

from __future__ import annotations

import pytest
from django.db import connection

from audit.models import Log
from audit.queries import scans
from audit.queries.filters import Filters
from exportsite import keyset
from exportsite.keyset import Count
from tests.factories import AMARA, MEI, make_event, make_project

RARE = Filters(types=("task.submitted",), stages=("Review",))
"""`type` drives, `stage` is tested row by row."""


@pytest.fixture
def log(db: None, monkeypatch: pytest.MonkeyPatch) -> Log:
    """40 events, of which the oldest two alone are at Review; lists may read 10 rows for a page."""
    monkeypatch.setattr(keyset, "MOST_READ", 10)
    monkeypatch.setattr(keyset, "MOST_COUNTED", 5)
    return make_project(
        make_event(
            f"T{n}", actor=MEI if n % 2 else AMARA, minute=n, stage="Review" if n < 2 else "Label", text=f"note {n}"
        )
        for n in range(40)
    ).log


def test_it_hands_over_after_so_many_rows_with_a_cursor_that_goes_on(log: Log) -> None:
    scan = scans.events(log, RARE)
    page = keyset.page(scan, limit=5)
    hops = 0
    while page.next and not page.rows:
        assert page.handed_over
        page = keyset.page(scan, limit=5, cursor=page.next)
        hops += 1
    assert hops == 3
    assert [row["id"] for row in page.rows] == [log.event_id(1), log.event_id(0)]


def test_it_hands_over_on_the_way_back_too(log: Log) -> None:
    scan = scans.events(log, RARE)
    page = keyset.page(scan, limit=5)
    while page.next:
        page = keyset.page(scan, limit=5, cursor=page.next)
    for _ in range(6):
        if page.previous is None:
            break
        page = keyset.page(scan, limit=5, cursor=page.previous)
        assert len(page.rows) <= 2
    assert page.previous is None


def test_a_full_page_is_not_handed_over(log: Log) -> None:
    page = keyset.page(scans.events(log, Filters(types=("task.submitted",), stages=("Label",))), limit=5)
    assert len(page.rows) == 5
    assert not page.handed_over


def test_the_statement_reads_no_more_rows_than_it_may(log: Log) -> None:
    sql, values = keyset.page_sql(scans.events(log, RARE), limit=5, after=None, forward=True)
    with connection.cursor() as db:
        db.execute("EXPLAIN (ANALYZE, FORMAT JSON, TIMING OFF) " + sql, values)
        (plan,) = db.fetchone() or ([],)
    read: list[int] = []
    todo = [plan[0]["Plan"]]
    while todo:
        node = todo.pop()
        todo += node.get("Plans", [])
        read.append(node["Actual Rows"])
    assert max(read) == 10


def test_counts_stop_and_say_so(log: Log) -> None:
    assert keyset.count(scans.events(log, Filters())) == Count(5, exact=False)
    assert str(keyset.count(scans.events(log, Filters()))) == "5+"
    assert keyset.count(scans.events(log, RARE)) == Count(0, exact=False)


def test_small_counts_are_exact(log: Log) -> None:
    assert keyset.count(scans.events(log, Filters(stages=("Review",)))) == Count(2, exact=True)


def test_words_that_too_many_rows_have_are_tested_row_by_row(log: Log) -> None:
    scan = scans.events(log, Filters(words="'note':*"))
    page = keyset.page(scan, limit=3)
    assert [row["id"] for row in page.rows] == [log.event_id(n) for n in (39, 38, 37)]


def test_words_that_few_rows_have_are_found_wherever_they_are(log: Log) -> None:
    page = keyset.page(scans.events(log, Filters(words="'0':*")), limit=3)
    assert [row["id"] for row in page.rows] == [log.event_id(0)]
    assert not page.handed_over
