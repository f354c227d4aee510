"""What every template needs: icons, times, numbers, hashes, and text of others made safe to look at."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from exportsite import text
from exportsite.clock import ago as ago_text

register = template.Library()


@register.simple_tag
def icon(name: str, size: int = 16) -> SafeString:
    """An icon of the sprite `icons.svg`, hidden from screen readers: the word stands beside it."""
    if size == 16:
        return format_html(
            '<svg class="i" aria-hidden="true"><use href="{}#{}"></use></svg>', static("icons.svg"), name
        )
    return format_html(
        '<svg class="i" aria-hidden="true" width="{}" height="{}"><use href="{}#{}"></use></svg>',
        size,
        size,
        static("icons.svg"),
        name,
    )


@register.simple_tag
def sprite() -> str:
    """The address of the sprite, for an icon inside another drawing."""
    return static("icons.svg")


@register.filter
def visible(value: object) -> str:
    """Text with unseen characters written out; the template escapes it as always."""
    return text.visible(str(value))


@register.filter
def line(value: object, length: int = 200) -> str:
    """Text for one line: unseen characters and line ends written out, cut to `length` characters."""
    return text.short(text.visible_line(str(value)[: length + 1]), length)


@register.filter
def number(value: object) -> str:
    """A whole number with commas: 12,480. Counts that stopped say so themselves: 10,000+."""
    return f"{value:,}" if isinstance(value, int) else str(value)


@register.simple_tag
def when(moment: datetime | None) -> SafeString | str:
    """A time in a table: how long ago, and to the minute; to the second and with its zone when pointed at."""
    if moment is None:
        return "–"
    moment = moment.astimezone(UTC)
    return format_html(
        '<time datetime="{}" title="{}">{} <span class="u">{}</span></time>',
        f"{moment:%Y-%m-%dT%H:%M:%SZ}",
        f"{moment:%Y-%m-%d %H:%M:%S} UTC",
        ago_text(moment, timezone.now()),
        f"{moment:%Y-%m-%d %H:%M}",
    )


@register.simple_tag
def when_exactly(moment: datetime | None) -> SafeString | str:
    """A time in a sentence: how long ago, then to the second with its zone."""
    if moment is None:
        return "not recorded"
    moment = moment.astimezone(UTC)
    return format_html(
        '<time datetime="{}">{}, <span class="u">{} UTC</span></time>',
        f"{moment:%Y-%m-%dT%H:%M:%SZ}",
        ago_text(moment, timezone.now()),
        f"{moment:%Y-%m-%d %H:%M:%S}",
    )


@register.inclusion_tag("components/hash.html")
def hash_of(value: bytes | str, label: str) -> dict[str, Any]:
    """A hash: first 8 and last 8 characters, a button that copies all of it. `label` says what is copied."""
    full = value.hex() if isinstance(value, bytes) else value
    return {"full": full, "brief": f"{full[:8]}…{full[-8:]}" if len(full) > 20 else full, "label": label}


@register.inclusion_tag("components/copy.html")
def copy(value: str, label: str) -> dict[str, str]:
    """A button that copies the value; `label` says what is copied."""
    return {"value": value, "label": label}
