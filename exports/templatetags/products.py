"""The newest exports and reports, and those that failed, for the page of all projects."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django import template
from django.urls import reverse
from django.utils import timezone

from audit import access
from exports import access as sight
from exports.models import Export, Report
from exports.models.product import Product
from exports.pages.products import kind, title
from exportsite.jobs import State

register = template.Library()
NEWEST = 4
FAILED_FOR = timedelta(days=7)
"""How long a failed run asks for attention."""
MOST_FAILED = 5


@dataclass(frozen=True, slots=True)
class Told:
    """A run with its title, address and kind (`export` or `report`)."""

    run: Product
    title: str
    address: str
    kind: str


@register.simple_tag
def newest_exports(user: access.Asker) -> list[Told]:
    """The newest exports that the user may see."""
    return _told(Export, user)


@register.simple_tag
def newest_reports(user: access.Asker) -> list[Told]:
    """The newest reports that the user may see."""
    return _told(Report, user)


@register.simple_tag
def failed_products(user: access.Asker) -> list[Told]:
    """Exports and reports that failed in the last days, the newest first."""
    found = [*_told(Export, user, failed=True), *_told(Report, user, failed=True)]
    return sorted(found, key=lambda one: one.run.created_at, reverse=True)[:MOST_FAILED]


def _told(model: type[Export] | type[Report], user: access.Asker, *, failed: bool = False) -> list[Told]:
    related = ("project", "task") if model is Report else ("project",)
    found = sight.visible(user, model).select_related(*related)
    if failed:
        found = found.filter(state=State.FAILED, created_at__gte=timezone.now() - FAILED_FOR)
    runs = found.order_by("-created_at", "-id")[: MOST_FAILED if failed else NEWEST]
    return [Told(run, title(run), reverse(kind(model), args=[run.pk]), kind(model)) for run in runs]
