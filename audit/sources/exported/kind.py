"""What a kind of export is to those who load one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from audit.sources.base import LiveSource, SourceEvent, TaskHistory, TaskPage
from audit.sources.exported.container import Container


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
