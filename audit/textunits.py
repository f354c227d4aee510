"""Where words stand in a text: browsers count UTF-16 units, we count Unicode code points; both ends exclusive.

The units differ beyond U+FFFF: an emoji is one code point and two units. Without the text only the length of a quote
can be counted anew; where the words begin stays as it was told.
"""

from __future__ import annotations


def units_in(text: str) -> int:
    """How many UTF-16 units the text has."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def code_points(start: int, end: int, text: str | None, quote: str | None) -> tuple[int, int]:
    """Code points of what was told in units; unchanged where only they, counted as code points, fit the quote."""
    if text is None:
        return start, start + len(quote) if quote and end - start == units_in(quote) else end
    if text.isascii():
        return start, end
    units = text.encode("utf-16-le", "surrogatepass")
    if quote is not None and _of(units[2 * start : 2 * end]) != quote and text[start:end] == quote:
        return start, end
    return len(_of(units[: 2 * start])), len(_of(units[: 2 * end]))


def fitting(start: int, end: int, text: str | None, quote: str | None) -> tuple[int, int]:
    """Code points of what was told in code points or in units, whichever fits the quote; as told where neither does."""
    if text is None or quote is None or text[start:end] == quote:
        return start, end
    first, last = code_points(start, end, text, quote)
    return (first, last) if text[first:last] == quote else (start, end)


def utf16_units(start: int, end: int, text: str | None, quote: str | None) -> tuple[int, int]:
    """Units of what is told in code points."""
    if text is None:
        return start, start + units_in(quote) if quote is not None and end - start == len(quote) else end
    return units_in(text[:start]), units_in(text[:end])


def _of(units: bytes) -> str:
    return units.decode("utf-16-le", "replace")
