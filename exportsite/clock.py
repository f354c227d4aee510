"""Times and lengths as people read them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo


def local_time(instant: datetime, text: str | None, zone: str) -> datetime | None:
    """The instant as the source's own clock showed it: by the offset in its text, else in the given zone.

    None when that is UTC itself, or when neither is known.
    """
    written = _written(text)
    if written is not None:
        local = instant.astimezone(written.tzinfo)
    elif zone:
        local = instant.astimezone(ZoneInfo(zone))
    else:
        return None
    return local if local.utcoffset() else None


def _written(text: str | None) -> datetime | None:
    """The time as written, when it names an offset."""
    if not text:
        return None
    try:
        written = datetime.fromisoformat(text)
    except ValueError:
        return None
    return written if written.tzinfo is not None else None


def utc(moment: datetime) -> str:
    """`2026-11-20 14:10:09 UTC`."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def offset_of(moment: datetime) -> str:
    """`+01:00`."""
    shown = f"{moment:%z}"
    return f"{shown[:3]}:{shown[3:5]}"


def ago(moment: datetime, now: datetime) -> str:
    """`4 min ago`, `2 h ago`, `3 d ago`; for years, `2 y ago`. What lies ahead is `in 4 min`, or `in a moment`."""
    seconds = abs((now - moment).total_seconds())
    for size, unit in ((31_557_600, "y"), (86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            shown = f"{int(seconds // size):,} {unit}"
            return f"in {shown}" if moment > now else f"{shown} ago"
    return "in a moment" if moment - now > timedelta(seconds=1) else "just now"


def elapsed(span: timedelta) -> str:
    """Time that passed, in its largest unit and the one below: `3 d 7 h`, `1 h 33 min`, `15 h`, `12 s`."""
    seconds = int(span.total_seconds())
    amounts: list[tuple[int, str]] = []
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")):
        amount, seconds = divmod(seconds, size)
        if amount or amounts:
            amounts.append((amount, unit))
    return " ".join(f"{amount:,} {unit}" for amount, unit in amounts[:2] if amount) or "0 s"


def active(milliseconds: int) -> str:
    """Time that someone was active: `31:22` (minutes, seconds), from an hour on `1:38:20`."""
    minutes, seconds = divmod(round(milliseconds / 1000), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:,}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def active_words(milliseconds: int) -> str:
    """The same in words: `1 h 22 min 26 s`."""
    minutes, seconds = divmod(round(milliseconds / 1000), 60)
    hours, minutes = divmod(minutes, 60)
    shown = ((hours, "h"), (minutes, "min"), (seconds, "s"))
    return " ".join(f"{amount:,} {unit}" for amount, unit in shown if amount) or "0 s"
