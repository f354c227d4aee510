"""What comes next is asked for while the last answer is worked on; nothing else changes by that."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial

import pytest

from audit.sources.ahead import ahead, answers, by_turns, listed, side_by_side


def test_pages_come_in_their_order() -> None:
    assert list(ahead(iter(range(1, 50)))) == list(range(1, 50))
    assert list(ahead(iter(()))) == []


def test_the_next_page_is_on_its_way_while_one_is_worked_on() -> None:
    asked = threading.Event()

    def pages() -> Iterator[int]:
        yield 1
        asked.set()
        yield 2

    for page in ahead(pages(), 1):
        assert page == 2 or asked.wait(10)


@pytest.mark.parametrize("depth", [1, 3])
def test_no_more_pages_wait_than_were_asked_for(depth: int) -> None:
    made = threading.Semaphore(0)
    count = 0

    def pages() -> Iterator[int]:
        nonlocal count
        for number in range(100):
            count += 1
            made.release()
            yield number

    coming = ahead(pages(), depth)
    for taken in range(1, 20):
        next(coming)
        assert made.acquire(timeout=10)
        assert count <= taken + depth
    coming.close()  # type: ignore[attr-defined]  # a generator


@pytest.mark.parametrize("depth", [1, 4])
def test_an_error_comes_where_the_page_would_have_come(depth: int) -> None:
    def pages() -> Iterator[int]:
        yield 1
        yield 2
        raise ValueError("no third page")

    came = []
    coming = ahead(pages(), depth)
    with pytest.raises(ValueError, match="no third page"):
        while True:
            came.append(next(coming))
    assert came == [1, 2]


def test_who_stops_early_leaves_no_thread_behind() -> None:
    before = threading.active_count()
    readings: list[Iterator[object]] = [
        ahead(iter(range(1, 1000))),
        by_turns([iter(range(1, 1000)), iter(range(1, 1000))]),
        answers(str, range(1, 1000), 5),
    ]
    for reading in readings:
        next(reading)
        reading.close()  # type: ignore[attr-defined]  # a generator
    assert threading.active_count() == before


def test_readings_take_turns_until_each_is_at_its_end() -> None:
    assert list(by_turns([iter("abc"), iter(""), iter("1"), iter("xy")])) == ["a", "1", "x", "b", "y", "c"]
    assert list(by_turns([])) == []


def test_readings_go_on_at_the_same_time() -> None:
    together = threading.Barrier(3, timeout=10)

    def pages() -> Iterator[int]:
        together.wait()
        yield 1

    assert list(by_turns([pages(), pages(), pages()])) == [1, 1, 1]


def test_an_error_of_one_reading_ends_all() -> None:
    def broken() -> Iterator[str]:
        yield "1"
        raise ValueError("no more")

    coming = by_turns([iter("abc"), broken()])
    assert [next(coming), next(coming), next(coming)] == ["a", "1", "b"]
    with pytest.raises(ValueError, match="no more"):
        next(coming)


@pytest.mark.parametrize("items", [0, 1, 4, 5, 50])
def test_answers_come_in_the_order_of_the_questions(items: int) -> None:
    assert list(answers(str, range(items), 5)) == [(item, str(item)) for item in range(items)]


def test_no_more_is_asked_at_a_time_than_stated() -> None:
    lock = threading.Lock()
    under_way = most = 0
    together = threading.Barrier(4, timeout=10)

    def ask(item: int) -> int:
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
        together.wait()
        with lock:
            under_way -= 1
        return item

    assert len(list(answers(ask, range(40), 4))) == 40
    assert most == 4


def test_a_question_that_fails_does_so_in_its_turn() -> None:
    def ask(item: int) -> int:
        if item == 3:
            raise ValueError("not this one")
        return item

    came = []
    with pytest.raises(ValueError, match="not this one"):
        for item, _ in answers(ask, range(10), 4):
            came.append(item)
    assert came == [0, 1, 2]


def test_what_has_to_be_done_is_done_while_a_page_is_waited_for() -> None:
    go_on = threading.Event()
    steps: list[object] = []

    def pages() -> Iterator[int]:
        yield 1
        assert go_on.wait(10)
        yield 2

    def idle() -> None:
        steps.append("idle")
        if 1 in steps:
            go_on.set()

    for page in ahead(pages(), 1, idle):
        steps.append(page)
    assert "idle" in steps[steps.index(1) : steps.index(2)]


def _numbered(pages: list[list[int]], asked: list[int]) -> Iterator[list[int]]:
    def page(number: int) -> list[int]:
        asked.append(number)
        return pages[number] if number < len(pages) else []

    return listed(page, lambda found: len(found) == 2, 3)


@pytest.mark.parametrize("pages", [[[]], [[1]], [[1, 2], [3, 4], []], [[1, 2], [3, 4], [5, 6], [7, 8], [9]]])
def test_a_list_ends_with_the_page_that_is_not_full(pages: list[list[int]]) -> None:
    assert list(_numbered(pages, [])) == pages


def test_a_list_of_one_page_is_asked_for_once() -> None:
    asked: list[int] = []
    assert list(_numbered([[1]], asked)) == [[1]]
    assert asked == [0]


def test_a_list_that_is_known_to_be_long_is_asked_for_at_once() -> None:
    together = threading.Barrier(3, timeout=10)

    def page(number: int) -> list[int]:
        if number < 3:
            together.wait()
        return [number] if number < 3 else []

    assert list(listed(page, bool, 3, several=True)) == [[0], [1], [2], []]


def test_what_is_asked_side_by_side_comes_in_its_order() -> None:
    together = threading.Barrier(3, timeout=10)

    def ask(name: str) -> str:
        together.wait()
        return name * 2

    asks = {name: partial(ask, name) for name in "abc"}
    assert list(side_by_side(asks)) == [("a", "aa"), ("b", "bb"), ("c", "cc")]
