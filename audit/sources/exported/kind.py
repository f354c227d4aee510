"""What a kind of export is to those who load one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from audit.sources.base import LiveSource, ProjectDetails, SourceEvent, TaskHistory, TaskPage
from audit.sources.exported.container import Container
from audit.sources.files.errors import BadFile, quoted

PAGE = 100
"""Tasks in a page."""
PAGE_BYTES = 8 * 1024 * 1024
"""Bytes of payloads after which a page ends: several pages wait to be written, and a video's labels may be megabytes.
"""


@dataclass(frozen=True, slots=True)
class ExportKind:
    """A kind of export. `platform` is the kind of source whose payloads it holds (`audit.sources.READINGS`).

    `open` gets the container and the name of the project into which it is loaded.
    """

    slug: str
    title: str
    platform: str
    recognises: Callable[[Container], bool]
    open: Callable[[Container, str], FileSource]


class FileSource(LiveSource):
    """An export as a source: what is in it is told once. That a task is not in it does not mean that it is gone."""

    cannot_tell: tuple[str, ...] = ("An export shows a project at one moment: what is not in it may still be there.",)

    def __init__(self, container: Container, name: str) -> None:
        self.container = container
        self.name = name

    def check(self) -> ProjectDetails:
        """The project is called as it was asked to be."""
        return ProjectDetails(name=self.name, zone="UTC")

    def count(self) -> int:
        """Not known beforehand: a load never asks."""
        raise NotImplementedError

    def task_pages(self, since: datetime | None = None) -> Iterator[TaskPage]:
        """All tasks of the export, in its order."""
        raise NotImplementedError

    def task(self, external_id: str) -> TaskHistory | None:
        """A load never asks for one."""
        return None

    def time_pages(self) -> Iterator[tuple[SourceEvent, ...]]:
        """Active times beside those that tasks tell; most exports have none."""
        return iter(())

    def close(self) -> None:
        """Nothing is held open: the container is closed by who opened it."""


def once(found: Iterable[tuple[str, int | None, TaskHistory]], things: str) -> Iterator[TaskHistory]:
    """The histories, each with the path and line where it begins. Raises BadFile for two of one id.

    `things` with an id are called so in the text: "tasks with the id".
    """
    seen: set[str] = set()
    for path, line, history in found:
        if history.task in seen:
            raise BadFile(path, line, f"there are two {things} {quoted(history.task)}")
        seen.add(history.task)
        yield history


def in_pages(histories: Iterable[TaskHistory], size: int = PAGE) -> Iterator[TaskPage]:
    """The histories in pages, in their order: of so many, or of fewer large ones."""
    page: list[TaskHistory] = []
    length = 0
    for history in histories:
        page.append(history)
        length += sum(len(event.content or b"") for event in history.events)
        if len(page) == size or length >= PAGE_BYTES:
            yield TaskPage(tuple(page))
            page, length = [], 0
    if page:
        yield TaskPage(tuple(page))
