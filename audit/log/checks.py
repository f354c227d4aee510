"""What an event must be for a log to hold it; looked at before the log's lock is taken."""

from __future__ import annotations

from msgspec.structs import replace

from audit.eventtypes import TYPES
from audit.log.envelope import EnvelopeError, clean
from audit.sources.base import SourceEvent

MAX_NAME = 2_400
"""Bytes of a task's id, a stage or a source's type: PostgreSQL can't put longer values into an index."""
MAX_CYCLE = 2**31 - 1

_NAMES = ("task", "source_type", "stage", "to_stage")
_TEXTS = (*_NAMES, "occurred_at", "source_key", "text")


def checked(event: SourceEvent) -> SourceEvent:
    """The event, its texts such that columns and envelopes can hold them; the payload keeps what was replaced.

    Raises EnvelopeError for an unknown type, a cycle or name out of bounds, and a time without its instant.
    """
    if event.type not in TYPES:
        raise EnvelopeError(f"{event.type!r} is not a type of event; audit.eventtypes lists them")
    # One look at all of them together: hardly any event has a character that can't be printed, or a long name.
    together = f"{event.task}{event.source_type}{event.occurred_at}{event.source_key}{event.stage}{event.to_stage}"
    if not together.isprintable() or (event.text is not None and not event.text.isprintable()):
        event = _cleaned(event)
    if 4 * len(together) > MAX_NAME:
        _check_names(event)
    if event.cycle is not None and not 1 <= event.cycle <= MAX_CYCLE:
        raise EnvelopeError(f"{described(event)} is of cycle {event.cycle}; cycles are 1 to {MAX_CYCLE:,}")
    if (event.instant is None) != (event.occurred_at is None):
        raise EnvelopeError(f"{described(event)} has the time {event.occurred_at!r} and the instant {event.instant}")
    if event.instant is not None and event.instant.tzinfo is None:
        raise EnvelopeError(f"{described(event)} has the instant {event.instant}, which is of no zone")
    return event


def described(event: SourceEvent) -> str:
    """The event in an error text."""
    whose = "the project" if event.task is None else f"task {event.task[:80]!r}"
    return f"the event {event.type} of {whose}"


def _cleaned(event: SourceEvent) -> SourceEvent:
    changes: dict[str, str] = {}
    for name in _TEXTS:
        value = getattr(event, name)
        if value is not None and clean(value) != value:
            changes[name] = clean(value)
    return replace(event, **changes) if changes else event


def _check_names(event: SourceEvent) -> None:
    for name in _NAMES:
        size = len((getattr(event, name) or "").encode())
        if size > MAX_NAME:
            raise EnvelopeError(f"{described(event)}: its {name} has {size:,} bytes; at most {MAX_NAME:,} can be kept")
