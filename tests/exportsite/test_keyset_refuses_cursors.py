"""Cursors are ours and of one list: anything else is refused, not guessed at."""

from __future__ import annotations

import pytest
from django.core import signing

from audit.models import Log
from audit.queries import scans
from audit.queries.filters import Filters
from exportsite import keyset
from tests.factories import make_event, make_project


@pytest.fixture
def log(db: None) -> Log:
    return make_project(make_event(f"T{n}", minute=n) for n in range(5)).log


@pytest.mark.parametrize("cursor", ["x", "a:b", "\0", "é" * 50, "0" * 5000, "WzFd:AAAA"])
def test_it_refuses_what_it_did_not_sign(log: Log, cursor: str) -> None:
    with pytest.raises(keyset.WrongCursor, match="not one of ours"):
        keyset.page(scans.events(log, Filters()), limit=2, cursor=cursor)


def test_it_refuses_a_cursor_that_was_altered(log: Log) -> None:
    scan = scans.events(log, Filters())
    cursor = keyset.page(scan, limit=2).next
    assert cursor is not None
    altered = cursor.replace(cursor[10], "A" if cursor[10] != "A" else "B", 1)
    with pytest.raises(keyset.WrongCursor):
        keyset.page(scan, limit=2, cursor=altered)


def test_it_refuses_a_cursor_signed_for_something_else(log: Log) -> None:
    with pytest.raises(keyset.WrongCursor):
        keyset.page(scans.events(log, Filters()), limit=2, cursor=signing.dumps([1, 2]))


@pytest.mark.parametrize(
    "other", [Filters(oldest_first=True), Filters(stages=("Label",)), Filters(types=("task.saved",))]
)
def test_it_refuses_a_cursor_of_other_filters_or_another_order(log: Log, other: Filters) -> None:
    cursor = keyset.page(scans.events(log, Filters()), limit=2).next
    with pytest.raises(keyset.WrongCursor, match="another list"):
        keyset.page(scans.events(log, other), limit=2, cursor=cursor)
