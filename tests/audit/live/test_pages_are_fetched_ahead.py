"""The next page is asked for while the last one is worked on; nothing else changes by that."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from audit.live.ahead import ahead


def test_pages_come_in_their_order() -> None:
    assert list(ahead(iter(range(1, 50)))) == list(range(1, 50))
    assert list(ahead(iter(()))) == []


def test_the_next_page_is_on_its_way_while_one_is_worked_on() -> None:
    asked = threading.Event()

    def pages() -> Iterator[int]:
        yield 1
        asked.set()
        yield 2

    for page in ahead(pages()):
        assert page == 2 or asked.wait(10)


def test_an_error_comes_where_the_page_would_have_come() -> None:
    def pages() -> Iterator[int]:
        yield 1
        yield 2
        raise ValueError("no third page")

    came = []
    coming = ahead(pages())
    with pytest.raises(ValueError, match="no third page"):
        while True:
            came.append(next(coming))
    assert came == [1, 2]


def test_who_stops_early_leaves_no_thread_behind() -> None:
    before = threading.active_count()
    pages = ahead(iter(range(1, 1000)))
    next(pages)
    pages.close()  # type: ignore[attr-defined]  # a generator
    assert threading.active_count() == before
