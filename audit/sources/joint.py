"""Readings that go on side by side, of which none is of use without the others: when one fails, all end."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from typing import Any, TypeVar

T = TypeVar("T")


class GivenUp(Exception):
    """Another reading failed; what that one raised is told, this is not."""


class Joint:
    """One such effort. Readings call `check`, or take what comes through `each`, so that they end soon."""

    def __init__(self) -> None:
        self._over = threading.Event()

    def check(self) -> None:
        """Raises GivenUp when another reading failed."""
        if self._over.is_set():
            raise GivenUp

    def each(self, items: Iterable[T]) -> Iterator[T]:
        """The same items, as long as no reading failed."""
        for item in items:
            self.check()
            yield item

    def done(self, first: Callable[[], T], *others: Callable[[], object]) -> T:
        """What `first` returns when all have ended. Raises what was raised first, without waiting for all the rest."""
        with ThreadPoolExecutor(1 + len(others), "joint") as threads:
            result = threads.submit(first)
            running: list[Future[Any]] = [result, *(threads.submit(one) for one in others)]
            ended, _ = wait(running, return_when=FIRST_EXCEPTION)
            problems = [problem for one in ended if (problem := one.exception()) is not None]
            if problems:
                self._over.set()
                raise next((one for one in problems if not isinstance(one, GivenUp)), problems[0])
        return result.result()
