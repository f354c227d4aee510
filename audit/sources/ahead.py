"""Several requests at a time: what comes next is on its way while the last answer is worked on.

Results come in a fixed order, and no more than a stated number wait to be taken: memory does not grow with what there
is to read. An error comes where the result would have come. Who stops early waits for what is on its way already.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

DEPTH = 4
"""Pages that may wait: about as many as come while a batch is written."""


def ahead(pages: Iterator[T], depth: int = DEPTH, idle: Callable[[], object] = lambda: None) -> Iterator[T]:
    """The same pages, each asked for up to `depth` pages before it is handed out. No page may be None.

    Nobody else may use the iterator meanwhile. `idle` is called, in the caller's thread, before the next page is waited
    for: the time for what has to be done sooner or later.
    """
    with _threads(1) as threads:
        coming = deque(threads.submit(next, pages, None) for _ in range(depth))
        while True:
            if not coming[0].done():
                idle()
            page = coming.popleft().result()
            if page is None:
                return
            coming.append(threads.submit(next, pages, None))
            yield page


def by_turns(readings: Sequence[Iterator[T]]) -> Iterator[T]:
    """The first page of each reading, then the second of each that has one, and so on; no page may be None.

    The readings go on at the same time, each one page ahead.
    """
    with _threads(len(readings)) as threads:
        coming = deque((reading, threads.submit(next, reading, None)) for reading in readings)
        while coming:
            reading, page = coming.popleft()
            if (found := page.result()) is not None:
                coming.append((reading, threads.submit(next, reading, None)))
                yield found


def answers(ask: Callable[[T], R], items: Iterable[T], width: int) -> Iterator[tuple[T, R]]:
    """Each item with what `ask` answers to it, in their order; `width` are asked at a time.

    The items are taken by the caller's thread, `ask` is called in others.
    """
    with _threads(width) as threads:
        coming: deque[tuple[T, Future[R]]] = deque()
        for item in items:
            coming.append((item, threads.submit(ask, item)))
            if len(coming) == width:
                asked, answer = coming.popleft()
                yield asked, answer.result()
        for asked, answer in coming:
            yield asked, answer.result()


def listed(page: Callable[[int], R], full: Callable[[R], bool], width: int, *, several: bool = False) -> Iterator[R]:
    """The pages of a list by their numbers, from 0; one that is not full is the last.

    `width` are asked at a time: at once when there are `several` as far as is known, else when the first was full.
    """
    if not several:
        yield (found := page(0))
        if not full(found):
            return
    for _, found in answers(page, count(0 if several else 1), width):
        yield found
        if not full(found):
            return


def side_by_side(asks: Mapping[str, Callable[[], R]]) -> Iterator[tuple[str, R]]:
    """What each of these says, under its name, in their order; all are asked at the same time."""
    return answers(lambda name: asks[name](), asks, len(asks))


@contextmanager
def _threads(number: int) -> Iterator[ThreadPoolExecutor]:
    threads = ThreadPoolExecutor(max(1, number), "ahead")
    try:
        yield threads
    finally:
        threads.shutdown(cancel_futures=True)
