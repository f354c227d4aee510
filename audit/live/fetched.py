"""Files that new events name, fetched before the events go into the log."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from msgspec.structs import replace

from audit.files import KeptFile, store, with_files
from audit.sources.base import FileRef, LiveSource, SourceEvent
from exportsite.storage import Stored

AT_A_TIME = 8
"""Files that are fetched at the same time."""
COMING = 64
"""Files that may be on their way while more pages are read."""


class Fetcher:
    """Fetches files from one platform into the store; those that people look at only `with_media`."""

    def __init__(self, source: LiveSource, *, with_media: bool) -> None:
        self.source = source
        self.with_media = with_media
        self.store = store()

    def fetch(self, ref: FileRef) -> Stored:
        """Put the file into the store. Raises SourceError; several may be asked for at a time."""
        return self.store.put(lambda file: self.source.file(ref, file))

    def wanted(self, event: SourceEvent) -> list[FileRef]:
        """The files of the event that are to be kept, by their names."""
        wanted = [ref for ref in event.files if self.with_media or not ref.media]
        return sorted(wanted, key=lambda ref: ref.name)


@dataclass(frozen=True, slots=True)
class _History:
    task: str
    events: Sequence[SourceEvent]
    files: Sequence[tuple[int, FileRef, Future[Stored]]]
    """Each with the place of its event."""

    def is_done(self) -> bool:
        return all(future.done() for _, _, future in self.files)

    def complete(self) -> list[SourceEvent]:
        """The events, their payloads with the files they name. Raises SourceError when one could not be fetched."""
        kept: dict[int, list[KeptFile]] = {}
        for place, ref, future in self.files:
            stored = future.result()
            kept.setdefault(place, []).append(KeptFile(ref.name, stored.sha256, stored.size))
        return [_with(event, kept.get(place, ())) for place, event in enumerate(self.events)]


class Completing:
    """Events of tasks that wait for their files, and are handed out in the order in which they were added.

    Files are fetched meanwhile, several at a time, of several pages. One that can't be fetched is raised as SourceError
    where its task would have come; that task, and those after it, are never handed out.
    """

    def __init__(self, fetcher: Fetcher) -> None:
        self._fetcher = fetcher
        self._threads = ThreadPoolExecutor(AT_A_TIME, "files")
        self._waiting: deque[_History] = deque()
        self._coming = 0

    def close(self) -> None:
        """Fetch no more; what is on its way is waited for."""
        self._threads.shutdown(cancel_futures=True)

    def add(self, task: str, events: Sequence[SourceEvent]) -> None:
        """Take the next task's events, and begin to fetch their files."""
        files = [
            (place, ref, self._threads.submit(self._fetcher.fetch, ref))
            for place, event in enumerate(events)
            if event.files
            for ref in self._fetcher.wanted(event)
        ]
        self._waiting.append(_History(task, events, files))
        self._coming += len(files)

    def waits_for(self, tasks: Collection[str]) -> bool:
        """Whether one of these tasks was added and not handed out."""
        return any(history.task in tasks for history in self._waiting)

    def done(self) -> Iterator[list[SourceEvent]]:
        """Those whose turn it is and whose files are there."""
        return self._taken(self._coming)

    def some(self) -> Iterator[list[SourceEvent]]:
        """The same, and more, until no more than COMING files are on their way."""
        return self._taken(COMING)

    def all(self) -> Iterator[list[SourceEvent]]:
        """All that were added, each when its files are there."""
        while self._waiting:
            yield self._next()

    def _taken(self, most: int) -> Iterator[list[SourceEvent]]:
        while self._waiting and (self._coming > most or self._waiting[0].is_done()):
            yield self._next()

    def _next(self) -> list[SourceEvent]:
        history = self._waiting[0]
        events = history.complete()
        self._waiting.popleft()
        self._coming -= len(history.files)
        return events


def _with(event: SourceEvent, files: Sequence[KeptFile]) -> SourceEvent:
    return replace(event, content=with_files(event.content or b"{}", files)) if files else event
