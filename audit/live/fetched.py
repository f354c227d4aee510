"""Files that new events name, fetched before the events go into the log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

from audit.files import KeptFile, store, with_files
from audit.sources.ahead import answers
from audit.sources.base import FileRef, LiveSource, SourceEvent
from exportsite.storage import Stored

AT_A_TIME = 5
"""Files that are fetched at the same time."""


class Fetcher:
    """Fetches files from one platform into the store; those that people look at only `with_media`."""

    def __init__(self, source: LiveSource, *, with_media: bool) -> None:
        self.source = source
        self.with_media = with_media
        self.store = store()

    def complete(self, of_tasks: Sequence[Sequence[SourceEvent]]) -> Iterator[list[SourceEvent]]:
        """The same events of each task, their payloads with the files they name.

        Files of one task are fetched while those before are waited for. Raises SourceError when one can't be fetched,
        after the tasks before it.
        """
        wanted = [
            ((task, place), ref)
            for task, events in enumerate(of_tasks)
            for place, event in enumerate(events)
            for ref in self._wanted(event)
        ]
        kept: dict[tuple[int, int], list[KeptFile]] = {}
        fetched = answers(lambda item: self._fetch(item[1]), wanted, AT_A_TIME)
        left = Counter(task for (task, _), _ in wanted)
        for task, events in enumerate(of_tasks):
            for (where, ref), stored in islice(fetched, left[task]):
                kept.setdefault(where, []).append(KeptFile(ref.name, stored.sha256, stored.size))
            yield [_with(event, kept.pop((task, place), ())) for place, event in enumerate(events)]

    def _wanted(self, event: SourceEvent) -> list[FileRef]:
        wanted = [ref for ref in event.files if self.with_media or not ref.media]
        return sorted(wanted, key=lambda ref: ref.name)

    def _fetch(self, ref: FileRef) -> Stored:
        return self.store.put(lambda file: self.source.file(ref, file))


def _with(event: SourceEvent, files: Sequence[KeptFile]) -> SourceEvent:
    return replace(event, content=with_files(event.content or b"{}", files)) if files else event
