"""What the service recorded of somebody's visits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User

from audit import servicelog
from audit.eventtypes import TYPES
from audit.models import Person, ServiceOutbox
from audit.people.identity import project_key, pseudonym_of
from audit.queries import lists
from audit.queries.filters import Filters

VISITS = 200
"""Lines that the page shows."""


@dataclass(frozen=True, slots=True)
class Visit:
    """When somebody did what (UTC), and with what; `index` is the line's entry in the log, once it is there."""

    at: datetime
    verb: str
    what: str
    index: int | None


def visits_of(user: User, most: int) -> list[Visit]:
    """The newest lines about what the user did: those in the log, and those that wait for their place in it."""
    waiting = ServiceOutbox.objects.filter(user=user, appended_at=None).order_by("-id")[:most]
    found = [Visit(row.at, _verb(row.type), row.content.get("about") or "", None) for row in waiting]
    project = servicelog.service_project()
    if project is None:
        return found
    pseudonym = pseudonym_of(project_key(project.log), project.source, f"user:{user.pk}")
    person = Person.objects.filter(project=project, pseudonym=pseudonym).first()
    if person is None:
        return found
    page = lists.events(project, Filters(people=(person.pk,)), limit=most)
    return [*found, *(Visit(row.occurred_at, _verb(row.type), row.source_type, row.index) for row in page.rows)][:most]


def _verb(type_: str) -> str:
    return TYPES[type_].verb.rstrip(":")
