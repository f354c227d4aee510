"""What had to be concluded while a platform did not tell it, and what it tells itself by now.

A conclusion stays in the log, as everything does. The event that tells the same comes beside it, and one more says that
the conclusion counts no more (`audit.log.superseded`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from audit.live.held import Held, HeldEvent
from audit.live.news import Keyed, News
from audit.live.versions import key_of, parts_of
from audit.log.superseded import SUPERSEDED, Replaced
from audit.sources.base import SourceEvent


def superseded(history: Sequence[Keyed], held: Held, news: News) -> Iterator[SourceEvent]:
    """An event for each conclusion that the log holds and an event of this history replaces, unless it was said."""
    replacing = [(event, key) for event, key in history if event.replaces]
    if not replacing:
        return
    concluded: dict[str, list[HeldEvent]] = {}
    said = {before.source_key for before in held.events.values() if before.type == SUPERSEDED}
    for before in held.events.values():
        if before.derived:
            parts = parts_of(before.source_key)
            concluded.setdefault(parts[0] if parts else before.source_key, []).append(before)
    for event, by in replacing:
        for name in event.replaces:
            of_name = concluded.get(name, ()) or concluded.get(news.thing(event.task or "", name), ())
            for before in of_name:
                told = _superseding(before, by, news)
                if told.source_key is not None and told.source_key not in said:
                    said.add(told.source_key)
                    yield told


def _superseding(before: HeldEvent, by: str, news: News) -> SourceEvent:
    task, name = before.task or "", f"{SUPERSEDED}/{before.source_key}"
    index = before.id - news.log.event_id(0)
    return SourceEvent(
        task=before.task,
        type=SUPERSEDED,
        source_type="sync",
        occurred_at=None,
        instant=None,
        source_key=key_of(news.thing(task, name), news.state(task, name, ""), 0),
        actor_kind="system",
        derived=True,
        content=msgspec.json.encode(Replaced(index, before.n, before.type, before.source_key, by)),
    )
