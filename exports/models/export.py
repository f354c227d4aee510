"""An export: what was asked, what it resolved to, and the files that came of it."""

from __future__ import annotations

import uuid

from django.db import models

from audit.models import Project


class State(models.TextChoices):
    """Where a run stands."""

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class Product(models.Model):
    """A run that makes files: the columns that exports and reports share. The record does not expire; files may.

    `asked` is the request as it came, `resolved` as it was understood; `files` lists {"name", "path", "bytes",
    "sha256"}. `as_of` is the log size that the product shows.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, models.PROTECT)
    asked = models.JSONField()
    resolved = models.JSONField()
    as_of = models.BigIntegerField()
    state = models.TextField(choices=State.choices, default=State.RUNNING)
    error = models.TextField(blank=True)
    files = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True


class Export(Product):
    """An archive or file in one format; `counts` are its check values (expected, written, skipped by kind)."""

    format = models.TextField()
    counts = models.JSONField(default=dict)
