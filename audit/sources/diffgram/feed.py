"""The project's event feed: the newest thousand at a time, with days and no times of day.

Older events are asked for by days. Of a day with more than a thousand events the oldest can't be told; that is said.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import msgspec

from audit.sources.base import SourceError, SourceEvent, Untold
from audit.sources.diffgram import client as wire
from audit.sources.diffgram.client import DiffgramClient
from audit.sources.diffgram.people import Members
from audit.sources.diffgram.spool import Spool, Told
from audit.sources.diffgram.tell import told
from audit.sources.values import Item, item, text, whole

OWN = frozenset({"export_generation"})
"""What reading the project brings about itself: each pass makes exports."""


@dataclass(frozen=True, slots=True)
class Feed:
    """The events that came, oldest first: those of tasks by the task's id, and the project's own."""

    spool: Spool
    lost: tuple[str, ...] = ()
    """Days of which not all events can be told."""

    def of(self, task: str | None) -> list[bytes]:
        """The events of a task, or the project's own."""
        return [raw for kind, raw in self.spool.events(task) if kind not in OWN]

    def untold(self) -> Untold | None:
        """Of what the feed is silent: events of `lost` days, which it may have told when they were fewer."""
        lost = frozenset(self.lost)
        return Untold(event=lambda _, at: at in lost) if lost else None


def read_feed(client: DiffgramClient, spool: Spool) -> Feed:
    """All events that can be told, in the spool instead of what it held of them."""
    spool.forget_events()
    lost: list[str] = []
    until: date | None = None
    while True:
        page = [_told(raw) for raw in client.events(until=until)]
        added = spool.add(page)
        if len(page) < wire.FEED:
            return Feed(spool, tuple(lost))
        oldest = date.fromisoformat(min(event.day for event in page))
        if len({event.day for event in page}) == 1:
            # The day is full: what came before it is asked for, the rest of it can't be.
            lost.append(oldest.isoformat())
            until = oldest - timedelta(days=1)
        elif not added and until is not None:
            until = oldest - timedelta(days=1)
        else:
            until = oldest  # Again with its own day, of which some are still to come.


def feed_events(task: str | None, rows: list[bytes], members: Members) -> Iterator[SourceEvent]:
    """The feed's events of a task, or of the project."""
    for raw in rows:
        entry = item(raw)
        actor, kind = members.member(whole(entry, "member_id"))
        yield told(
            task,
            text(entry, "kind") or "event",
            raw,
            at=text(entry, "time_created"),
            key=f"event/{_id(raw)}",
            actor=actor,
            actor_kind=kind,
            # The task's own time of creation is exact.
            plain=text(entry, "kind") == "task_created",
        )


def lost_events(feed: Feed) -> Iterator[SourceEvent]:
    """A note for each day of which not all events can be told."""
    for day in feed.lost:
        yield SourceEvent(
            task=None,
            type="activity.recorded",
            source_type="EVENTS_LOST",
            occurred_at=None,
            instant=None,
            source_key=f"events-lost/{day}",
            actor_kind="system",
            derived=True,
            content=msgspec.json.encode({"day": day, "told": wire.FEED}),
        )


def _id(raw: bytes) -> int:
    found = whole(item(raw), "id")
    if found is None:
        raise SourceError("answer", "Diffgram sent an event without a number")
    return found


def _told(raw: bytes) -> Told:
    entry: Item = item(raw)
    try:
        day = date.fromisoformat((text(entry, "time_created") or "")[:10])
    except ValueError:
        raise SourceError("answer", "Diffgram sent an event without a day") from None
    kind, task = text(entry, "kind") or "", whole(entry, "task_id")
    return Told(_id(raw), None if task is None or kind in OWN else str(task), kind, day.isoformat(), raw)
