"""What was done to the record, and how it ended."""

from __future__ import annotations

from django.db import models

from audit.models.project import Project


class SyncRun(models.Model):
    """One reading of a source or a file into a project's log. Not evidence: the log's own events are."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="sync_runs")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    found = models.BigIntegerField(default=0)
    added = models.BigIntegerField(default=0)
    error = models.TextField(blank=True)
