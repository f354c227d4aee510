"""How a report writes figures, times and other people's texts."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from exportsite.text import short, visible, visible_line

LINE = 160
TEXT = 600
TEXT_LINES = 12
_LONG = re.compile(r"\S{13,}")
# Before a hyphen: at the end of a line, it would be taken for one that parts a word, and left out by who copies it.
_JOINTS = re.compile(r"(?<=[_./:@])(?=\w)|(?<=\w)(?=-\w)")
# fmt: off
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)
# fmt: on


def line(text: str, length: int = LINE) -> str:
    """A text of others on one line: controls and direction marks shown, not obeyed; at most `length` characters."""
    return visible_line(short(text, length))


def lines(text: str) -> str:
    """A text of others that may run over several lines; what is too long for a table says how much was cut."""
    kept = "\n".join(text[: TEXT + 1].split("\n")[:TEXT_LINES])[:TEXT]
    rest = len(text) - len(kept)
    return visible(kept) + (f" … ({rest:,} more characters)" if rest > 0 else "")


def day(moment: datetime) -> str:
    """2 March 2026"""
    return f"{moment.day} {MONTHS[moment.month - 1]} {moment.year}"


def short_day(moment: datetime) -> str:
    """2 Mar 2026"""
    return f"{moment.day} {MONTHS[moment.month - 1][:3]} {moment.year}"


def minute(moment: datetime) -> str:
    """2 March 2026 14:05:09 UTC"""
    return f"{day(moment)} {moment.astimezone(UTC):%H:%M:%S} UTC"


def instant(moment: datetime) -> str:
    """2026-03-02 14:05:09.250Z: fractions only where there are any."""
    moment = moment.astimezone(UTC)
    fraction = f".{moment.microsecond:06d}" if moment.microsecond else ""
    if fraction.endswith("000"):
        fraction = fraction[:4]
    return f"{moment:%Y-%m-%d %H:%M:%S}{fraction}Z"


def hours(milliseconds: int) -> str:
    """1.25: hours with two places, for columns."""
    return f"{milliseconds / 3_600_000:,.2f}"


def grouped(digits: str) -> str:
    """Hexadecimal digits in groups of eight."""
    return " ".join(digits[at : at + 8] for at in range(0, len(digits), 8))


def plural(number: int, one: str, many: str = "") -> str:
    """1 event, 2 events; `many` where an s does not do."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def pieces(text: str) -> list[str]:
    """The text in pieces between which a line may end besides at its spaces: at the joints of names that are long.

    Names like TASK_ENTERED_STAGE or an id of 36 characters would end a line in the middle of a word.
    """
    cuts = [found.start() + joint.start() for found in _LONG.finditer(text) for joint in _JOINTS.finditer(found[0])]
    return [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]
