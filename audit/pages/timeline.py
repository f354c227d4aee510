"""A trail as the page tells it: days, the events of each, and the pauses between."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, timedelta

from audit.queries.records import EventRow
from exportsite.clock import elapsed

PAUSE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Item:
    """A line of the timeline: of kind "day" or "gap" with `text`, or "event" with `event` and the time it recorded."""

    kind: str
    text: str = ""
    event: EventRow | None = None
    active_ms: int | None = None


def timeline(events: Sequence[EventRow], active: Mapping[int, int]) -> Iterator[Item]:
    """The lines, in the order of the events. Pauses of more than a day are lines of their own.

    `active` gives the milliseconds that entries recorded, as far as they hold now.

    Events without a time of their own stand where they were received; no pause is counted to or from them.
    """
    before: EventRow | None = None
    day = ""
    for event in events:
        dated = event.occurred_text is not None
        if before is not None and dated and before.occurred_text is not None:
            pause = abs(event.occurred_at - before.occurred_at)
            if pause > PAUSE:
                yield Item("gap", f"{elapsed(pause)} without an event")
        moment = event.occurred_at.astimezone(UTC)
        shown = f"{moment:%a} {moment.day} {moment:%B %Y}"
        shown = shown if dated else f"No time recorded; received {shown}"
        if shown != day:
            yield Item("day", shown)
            day = shown
        yield Item("event", event=event, active_ms=active.get(event.index))
        before = event
