"""Fetching the next page while the last one is worked on: platform and database need not wait for each other."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def ahead(pages: Iterator[T]) -> Iterator[T]:
    """The same pages, each asked for when the one before is handed out. Nobody else may use their source meanwhile.

    An error comes where the page would have come. A caller that stops early waits for the page that is on its way.
    """
    with ThreadPoolExecutor(1, "ahead") as thread:
        coming = thread.submit(next, pages, None)
        while (page := coming.result()) is not None:
            coming = thread.submit(next, pages, None)
            yield page
