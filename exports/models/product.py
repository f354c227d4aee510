"""What exports and reports have in common."""

from __future__ import annotations

import uuid

from django.db import models

from audit.models import Project
from exports import files
from exportsite.jobs import LeasedRun


class Product(LeasedRun):
    """A run that makes files. The record of it does not expire; files may.

    `asked` is the request as it came, `resolved` as it was understood; `files` lists {"name", "path", "bytes",
    "sha256"}. `as_of` is the log size that the product shows.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, models.PROTECT)
    asked = models.JSONField()
    resolved = models.JSONField()
    as_of = models.BigIntegerField()
    files = models.JSONField(default=list)

    class Meta(LeasedRun.Meta):
        abstract = True
        indexes = [
            *LeasedRun.Meta.indexes,
            models.Index(fields=["created_at", "id"], name="%(class)s_created"),
            models.Index(fields=["project", "created_at", "id"], name="%(class)s_project"),
        ]

    @property
    def project_ids(self) -> list[int]:
        """The projects that it shows something of."""
        return [self.project_id]

    def discard(self) -> None:
        files.discard(self.pk)
