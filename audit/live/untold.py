"""What a platform did not tell this time: the log's events and labels of that sort are not taken for gone.

A key may lose the right to read a platform's own record of events, a feed may go back not far enough. What the platform
concludes of such a record meanwhile is taken as far as the record had not told it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from audit.live.held import Held, HeldEvent
from audit.sources.base import Reading, SourceEvent, TaskHistory, Untold

_NEVER = datetime.min.replace(tzinfo=UTC)


def is_untold(event: HeldEvent, untold: Untold | None) -> bool:
    """Whether the platform did not tell this time of what the log holds here."""
    return untold is not None and untold.event(event.source_type, event.occurred_at)


def beside_record(history: TaskHistory, held: Held, reading: Reading) -> Sequence[SourceEvent]:
    """The history without the conclusions that stand for what the platform's own record told the log already.

    Until the newest event that it told of the task, it told all: a conclusion of that time or before, or without a
    time, would say the same again.
    """
    untold = history.untold
    if untold is None:
        return history.events
    told = [event for event in held.events.values() if not event.derived and is_untold(event, untold)]
    if not told:
        return history.events
    until = max(_instant(event, reading) for event in told)
    return [event for event in history.events if not _concluded(event, untold) or _moment(event) > until]


def _concluded(event: SourceEvent, untold: Untold) -> bool:
    opening = event.opening() or event
    return event.derived and untold.event(event.source_type, opening.occurred_at)


def _moment(event: SourceEvent) -> datetime:
    return (event.opening() or event).instant or _NEVER


def _instant(event: HeldEvent, reading: Reading) -> datetime:
    try:
        return reading.instant(event.occurred_at or "", "UTC")
    except ValueError:
        return _NEVER
