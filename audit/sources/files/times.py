"""Times as files write them, and the instants they mean."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from audit.sources.files.errors import BadOption, quoted

_BETWEEN = frozenset({"", "T", "t", " "})


def zone_named(name: str) -> ZoneInfo | None:
    """The zone of an IANA name, None for an empty one. Raises BadOption for one that does not exist."""
    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BadOption(f'--zone: there is no time zone "{name}"; write an IANA name such as Europe/Paris') from error


def instant(text: str, zone: ZoneInfo | None) -> datetime:
    """The UTC instant of an ISO 8601 text: a date, or a date and a time after `T` or a space, with an offset or `Z`.

    A text without offset is a time of `zone`, a date alone its first moment. Local times that clocks show twice mean
    the first of the two, those that they skip mean what they would have been with the offset before the change
    (PEP 495, fold 0). Digits of a second beyond the sixth are dropped. Raises ValueError, its text says what is wrong.
    """
    stripped = text.strip()
    if stripped[4:5] != "-" or stripped[10:11] not in _BETWEEN:
        raise ValueError(f"{quoted(text)} is not a time in ISO 8601, such as 2024-05-31T14:02:07+02:00")
    try:
        moment = datetime.fromisoformat(stripped)
    except ValueError as error:
        raise ValueError(f"{quoted(text)} is not a time: {error}") from error
    if moment.tzinfo is None:
        if zone is None:
            raise ValueError(f"the time {quoted(text)} has no zone; name the zone that is meant with --zone")
        moment = moment.replace(tzinfo=zone)
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"the time {quoted(text)} is outside the years 1 to 9999 in UTC") from error
