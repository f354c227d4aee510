"""How the record is shown: sentences, people, stages, statuses."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

from django import template
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode
from django.utils.safestring import SafeString, mark_safe

from audit import stages
from audit.models import Project, Source
from audit.queries.records import EventRow, Who
from audit.sentences import Part, sentence
from audit.sources.origins import origin
from exportsite import clock
from exportsite.templatetags.ui import icon
from exportsite.text import short, visible_line

register = template.Library()

NAME = 120
"""Characters of a name in a sentence or a cell; the whole of it is on the page of what it names."""
LONG_STAGE = 20
"""Characters of a stage's name that stand on one line; longer ones may take several."""
_JOINTS = re.compile(r"(?<=[-_./])(?=\w)")


@register.filter
def platform(source: Source) -> str:
    """What people call where a project comes from: RedBrick AI, Export of Kili, Event log."""
    return origin(source.kind)


class Look(NamedTuple):
    """The icon and the kind class (ok, warn, no, act) of a status."""

    icon: str
    tone: str


_STATUSES = {
    "created": Look("plus", ""),
    "assigned": Look("user", ""),
    "unassigned": Look("wait", ""),
    "in progress": Look("ring", "act"),
    "submitted": Look("e-task-submitted", "act"),
    "skipped": Look("e-task-skipped", "warn"),
    "reopened": Look("e-task-reopened", "warn"),
    "deleted": Look("x", "no"),
    "accepted": Look("check", "ok"),
    "corrected": Look("e-review-corrected", "ok"),
    "sent back": Look("x", "no"),
}


def name(text: str) -> str:
    """A name as it stands in a sentence: unseen characters written out, cut where it is endless."""
    return short(visible_line(text[: NAME + 1]), NAME)


@register.simple_tag
def happened(event: EventRow, project: Project) -> SafeString:
    """The event's sentence: the verb bold, people as links to what they did, stages with their marks."""
    return format_html_join("", "{}", ((_part(part, event, project),) for part in sentence(event)))


def _part(part: Part, event: EventRow, project: Project) -> SafeString | str:
    if part.kind == "verb":
        return format_html("<b>{}</b>", name(part.text))
    if part.kind in ("stage", "to_stage"):
        return stage(part.text, project.stages)
    person = {"actor": event.actor, "assignee": event.assignee}.get(part.kind)
    return who(person, project) if person else part.text


@register.simple_tag
def who(person: Who | None, project: Project) -> SafeString | str:
    """A person, as a link to the events in which they acted; erased people are their pseudonym."""
    if person is None:
        return "–"
    address = reverse("events", args=[project.pk]) + "?" + urlencode({"person": person.pseudonym})
    erased = mark_safe(' <span class="mut">erased</span>') if person.erased else ""
    return format_html(
        '<a href="{}" title="{}"><bdi>{}</bdi></a>{}', address, person.pseudonym, name(person.label), erased
    )


@register.simple_tag
def stage(value: str, order: Sequence[str]) -> SafeString | str:
    """A stage's mark and name."""
    if not value:
        return "–"
    if len(value) <= LONG_STAGE:
        return format_html('<span class="stg">{}<bdi>{}</bdi></span>', stages.mark(value, order), name(value))
    return format_html('<span class="stg long">{}<bdi>{}</bdi></span>', stages.mark(value, order), joints(name(value)))


@register.filter
def joints(text: str) -> SafeString:
    """A text that may be broken where a long word has a joint: after `_`, `-`, a point, a stroke."""
    return format_html_join(mark_safe("<wbr>"), "{}", ((piece,) for piece in _JOINTS.split(text)))


@register.simple_tag
def stage_shape(value: str, order: Sequence[str]) -> SafeString:
    """A stage's mark for the inside of another drawing."""
    return stages.shape(value, order)


@register.simple_tag
def hue(value: str, order: Sequence[str]) -> str:
    """The CSS class of a stage's hue."""
    return stages.hue(value, order)


@register.simple_tag
def status(value: str, css: str = "bare") -> SafeString | str:
    """A task's status: icon, word and colour; `css` is bare (in tables) or bdg (in the head)."""
    if not value:
        return "–"
    look = _STATUSES.get(value, Look("info", ""))
    return format_html('<span class="{} {}">{}{}</span>', css, look.tone, icon(look.icon), value.capitalize())


@register.simple_tag
def glyph(event: EventRow) -> SafeString:
    """The event's icon."""
    return icon("e-" + glyph_id(event.kind.name or "activity.recorded"))


@register.filter
def glyph_id(event_type: str) -> str:
    """The part of an icon's name that an event type gives."""
    return event_type.replace(".", "-")


@register.filter
def own_name(event: EventRow) -> str:
    """The source's own name of the event, when it says more than the type."""
    if event.type == "activity.recorded" or event.derived:
        return ""
    plain = event.source_type.lower().replace("_", ".").replace(" ", ".")
    # In the service's own log it is a part of the sentence.
    return "" if plain == event.type or event.kind.group == "service" else event.source_type


@register.filter
def active(milliseconds: int) -> str:
    """Active time: 31:22."""
    return clock.active(milliseconds)


@register.filter
def hours(milliseconds: int) -> str:
    """Active time in hours: 12.4."""
    return f"{milliseconds / 3_600_000:,.1f}"


@register.filter
def span(length: timedelta) -> str:
    """Time that passed: `3 d 7 h`."""
    return clock.elapsed(length)


@register.filter
def active_words(milliseconds: int) -> str:
    """Active time: 31 min 22 s."""
    return clock.active_words(milliseconds)


class Clock(NamedTuple):
    """A local time (`10:47:51 +01:00`), and its day where that is another than UTC's (`3 Nov`)."""

    time: str
    day: str


@register.simple_tag
def local(event: EventRow, project: Project) -> Clock | None:
    """The event's time by its source's clock; None when that is UTC or not known."""
    if event.occurred_text is None:
        return None
    moment = clock.local_time(event.occurred_at, event.occurred_text, project.source.zone)
    if moment is None:
        return None
    day = "" if moment.date() == event.occurred_at.date() else f"{moment.day} {moment:%b}"
    return Clock(f"{moment:%H:%M:%S} {clock.offset_of(moment)}", day)
