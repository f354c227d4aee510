"""The service's own log: who signed in, looked, exported and downloaded, and whose rights changed (docs/access.md).

What is to be logged is noted as a row of the outbox, in the transaction of what it tells: no page waits for the log's
lock. A worker's tick appends the rows to the log, which is one like every project's: its "project" is the service
itself, with a source of its own kind, so that the same pages, proofs, exports and `verify` show it.
"""

from __future__ import annotations

import json
from datetime import UTC, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from audit.access import SERVICE, Asker, token_of
from audit.log.append import Appender
from audit.log.checkpoint import sign
from audit.log.create import create_project
from audit.models import Checkpoint, Project, ServiceOutbox, Source
from audit.sources.base import PersonRef, SourceEvent

ONCE = timedelta(minutes=15)
"""The same view by the same user is noted once in each such part of an hour."""
KEPT = timedelta(hours=1)
"""How long an appended row stays: longer than ONCE, and long enough that a visit's list is whole."""
SIGNED = timedelta(minutes=5)
"""How often a checkpoint is signed while the log grows."""
BATCH = 1_000


def note(
    user: Asker | None,
    type_: str,
    about: str = "",
    *,
    project: Project | None = None,
    of: User | None = None,
    once: bool = False,
    **more: Any,
) -> None:
    """Have a line appended to the service's log. `about` names what it is about, such as `task 12`.

    `user` is who did it; None: a command on the server itself. `of` is whose rights it is about. `once`: nothing is
    noted when the same was, of the same user, in the quarter of an hour that this is.
    """
    person = user if isinstance(user, User) else None
    token = token_of(user) if user is not None else None
    now = timezone.now()
    content = {
        "about": about,
        "project": project.pk if project else None,
        "token": token.prefix if token else None,
        "user": of.pk if of else None,
        **more,
    }
    key = None
    if once:
        quarter = int(now.timestamp() // ONCE.total_seconds())
        key = f"{quarter} {person.pk if person else '-'} {content['token'] or '-'} {type_} {content['project']} {about}"
    row = ServiceOutbox(
        at=now,
        type=type_,
        user=person,
        name=person.get_username() if person else "",
        content=content,
        once=key,
    )
    ServiceOutbox.objects.bulk_create([row], ignore_conflicts=once)


def viewed(user: Asker, project: Project, what: str) -> None:
    """Note that somebody looked at something of a project's record."""
    note(user, "record.viewed", what, project=project, once=True)


def append_waiting() -> int:
    """Append what waits, and sign the log now and then; how many lines were appended. Called by the worker's tick."""
    appended = 0
    while (some := _append_some()) > 0:
        appended += some
    ServiceOutbox.objects.filter(appended_at__lt=timezone.now() - KEPT).delete()
    _sign_sometimes()
    return appended


def service_project() -> Project | None:
    """What stands for the service where logs have projects; None as long as nothing was ever appended."""
    return Project.objects.select_related("source", "log").filter(source__kind=SERVICE).first()


def _append_some() -> int:
    with transaction.atomic():
        rows = list(
            ServiceOutbox.objects.select_for_update(skip_locked=True, no_key=True, of=("self",))
            .select_related("user")
            .filter(appended_at=None)
            .order_by("id")[:BATCH]
        )
        if not rows:
            return 0
        # None of them can be in the log yet: it is marked as appended in the same transaction.
        Appender(_made(), compared=True).write([_event(row) for row in rows])
        ServiceOutbox.objects.filter(pk__in=[row.pk for row in rows]).update(appended_at=timezone.now())
        return len(rows)


def _made() -> Project:
    """The service's project, made when it is needed first; of two who need it, one waits for the other."""
    found = service_project()
    if found is not None:
        return found
    source, _ = Source.objects.get_or_create(
        kind=SERVICE, base_url="urn:labeltrail:service", account="", defaults={"name": settings.LABELTRAIL_HOST}
    )
    Source.objects.select_for_update().get(pk=source.pk)
    return service_project() or create_project(source, SERVICE, "Use of this service")


def _event(row: ServiceOutbox) -> SourceEvent:
    at = row.at.astimezone(UTC)
    actor = _person(row)
    content = {key: value for key, value in row.content.items() if value is not None}
    return SourceEvent(
        task=None,
        type=row.type,
        source_type=row.content.get("about") or "",
        occurred_at=at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        instant=at.replace(microsecond=at.microsecond // 1000 * 1000),
        source_key=f"outbox:{row.pk}",
        actor=actor,
        assignee=_assignee(row),
        actor_kind="person" if actor else "unknown" if row.type == "access.refused" else "system",
        content=json.dumps(content, ensure_ascii=False, sort_keys=True).encode(),
    )


def _person(row: ServiceOutbox) -> PersonRef | None:
    if not row.name:
        return None
    return _ref(row.user) if row.user is not None else PersonRef(f"user:{row.name}", name=row.name)


def _assignee(row: ServiceOutbox) -> PersonRef | None:
    found = User.objects.filter(pk=row.content["user"]).first() if row.content.get("user") else None
    return _ref(found) if found is not None else None


def _ref(user: User) -> PersonRef:
    return PersonRef(f"user:{user.pk}", email=user.email or None, name=user.get_full_name() or user.get_username())


def _sign_sometimes() -> None:
    project = service_project()
    if project is None:
        return
    newest = Checkpoint.objects.filter(log=project.log).order_by("-size").first()
    if newest is None or (newest.size < project.log.size and timezone.now() - newest.created_at > SIGNED):
        sign(project.log)
