"""Files that new events name, fetched before the events go into the log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

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

    def complete(self, events: Sequence[SourceEvent]) -> list[SourceEvent]:
        """The same events, their payloads with the files they name. Raises SourceError when one can't be fetched."""
        wanted = [(place, ref) for place, event in enumerate(events) for ref in self._wanted(event)]
        kept: dict[int, list[KeptFile]] = {}
        for (place, ref), stored in answers(lambda item: self._fetch(item[1]), wanted, AT_A_TIME):
            kept.setdefault(place, []).append(KeptFile(ref.name, stored.sha256, stored.size))
        return [
            event if place not in kept else replace(event, content=with_files(event.content or b"{}", kept[place]))
            for place, event in enumerate(events)
        ]

    def _wanted(self, event: SourceEvent) -> list[FileRef]:
        wanted = [ref for ref in event.files if self.with_media or not ref.media]
        return sorted(wanted, key=lambda ref: ref.name)

    def _fetch(self, ref: FileRef) -> Stored:
        return self.store.put(lambda file: self.source.file(ref, file))
