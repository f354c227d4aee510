"""New projects and their logs."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import transaction

from audit.models import Instance, Log, Project, Source


def instance() -> Instance:
    """This installation's row, made on first use."""
    found = Instance.objects.order_by("created_at").first()
    return found or Instance.objects.create()


@transaction.atomic
def create_project(source: Source, external_id: str, name: str) -> Project:
    """A project with an empty log. Its origin, `<host>/<instance>/<log uuid>`, is stored and never computed again."""
    project = Project.objects.create(source=source, external_id=external_id, name=name)
    log_uuid = uuid.uuid4()
    origin = f"{settings.LABELTRAIL_HOST}/{instance().pk}/{log_uuid}"
    Log.objects.create(uuid=log_uuid, origin=origin, project=project)
    return project
