"""Filters of the report's templates. Everything they print is escaped, but for the marks they add themselves."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from exports.reports import charts, words
from exports.reports.figures import Decisions
from exports.reports.rows import Change
from exportsite import clock

register = template.Library()
NOT_RECORDED = mark_safe('<span class="nr">not recorded</span>')
BREAK = mark_safe("\u200b")
ARROW = mark_safe('<span class="arr">→</span>')


@register.filter
def recorded(value: object) -> object:
    """The value, or the mark for what was not recorded."""
    return NOT_RECORDED if value is None or value == "" else value


@register.filter
def bidi(value: object) -> object:
    """A text of others, kept apart from the direction of what stands around it."""
    return NOT_RECORDED if value is None or value == "" else format_html("<bdi>{}</bdi>", value)


@register.filter
def jointed(value: str) -> SafeString:
    """A text of others whose long names may end a line at their joints, kept apart in its direction."""
    return format_html("<bdi>{}</bdi>", _jointed(value))


def _jointed(value: str) -> SafeString:
    return format_html_join(BREAK, "{}", ((piece,) for piece in words.pieces(value)))


@register.filter
def number(value: int) -> str:
    """6,240"""
    return f"{value:,}"


@register.filter
def day(value: datetime) -> str:
    """2 March 2026"""
    return words.day(value)


@register.filter
def short_day(value: datetime) -> str:
    """2 Mar 2026"""
    return words.short_day(value)


@register.filter
def minute(value: datetime) -> str:
    """2 March 2026 14:05:09 UTC"""
    return words.minute(value)


@register.filter
def instant(value: datetime) -> str:
    """2026-03-02 14:05:09.250Z"""
    return words.instant(value)


@register.filter
def hours(value: int) -> str:
    """1.25"""
    return words.hours(value)


@register.filter
def active(value: int) -> str:
    """1 h 22 min 26 s"""
    return clock.active_words(value)


@register.filter
def grouped(value: str) -> str:
    """Hexadecimal digits in groups of eight."""
    return words.grouped(value)


@register.filter
def counted(value: int, noun: str) -> str:
    """`{{ n|counted:"event" }}`: 1 event, 2 events; `"person,people"` names both."""
    one, _, many = noun.partition(",")
    return words.plural(value, one, many)


@register.filter
def change(value: Change) -> SafeString:
    """old → new: both legible, whatever a black-and-white printer makes of it."""
    label = format_html("{}: ", _jointed(value.label)) if value.label else ""
    new = _jointed(value.new)
    if value.old is None and value.label:
        return format_html('<bdi>{}<span class="new">{}</span></bdi>', label, new)
    old = _jointed(value.old) if value.old is not None else "none"
    return format_html('<bdi>{}{} {} <span class="new">{}</span></bdi>', label, old, ARROW, new)


@register.filter
def minutes_as_hours(value: int) -> str:
    """23.5: hours with one place, for columns."""
    return f"{value / 60:,.1f}"


@register.filter
def percent(value: float) -> str:
    """77 %"""
    return f"{100 * value:.0f} %"


@register.filter
def seconds(value: float | None) -> str:
    """1,316; tenths under ten."""
    return "–" if value is None else f"{value:,.1f}" if value < 10 else f"{value:,.0f}"


@register.filter
def whiskers(value: Decisions) -> SafeString:
    """A rate as a dot with its interval, on the scale of all such cells: 0 to 100 %."""
    return charts.whiskers(value.rate, value.interval)


@register.filter
def halved(value: str) -> SafeString:
    """A SHA-256 in two lines of four groups."""
    return format_html("{}<br>{}", words.grouped(value[:32]), words.grouped(value[32:]))
