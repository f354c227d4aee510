"""New projects and their logs."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import transaction

from audit.models import Instance, Log, Project, Source

LONGEST_ID = 2_000
"""Bytes of a project's id at its source: what an entry of a PostgreSQL index holds together with the source's."""


def instance() -> Instance:
    """This installation's row, made on first use."""
    found = Instance.objects.order_by("created_at").first()
    return found or Instance.objects.create()


@transaction.atomic
def create_project(source: Source, external_id: str, name: str) -> Project:
    """A project with an empty log. Its origin, `<host>/<instance>/<log uuid>`, is stored and never computed again.

    ValueError for an id that no index can hold.
    """
    if not 0 < (length := len(external_id.encode(errors="replace"))) <= LONGEST_ID:
        raise ValueError(f"a project's id has 1 to {LONGEST_ID:,} bytes; this one has {length:,}")
    project = Project.objects.create(source=source, external_id=external_id, name=name)
    log_uuid = uuid.uuid4()
    origin = f"{settings.LABELTRAIL_HOST}/{instance().pk}/{log_uuid}"
    Log.objects.create(uuid=log_uuid, origin=origin, project=project)
    return project
