"""What was done to the record, or with it, and how that ended."""

from __future__ import annotations

from django.db import models

from audit.models.project import Project
from exportsite.jobs import LeasedRun


class SyncRun(LeasedRun):
    """One reading of a source or a file into a project's log. Not evidence: the log's own events are.

    The first load of a file has no project before the file was read.
    """

    work = "audit.sync.work"

    project = models.ForeignKey(Project, models.PROTECT, null=True, related_name="sync_runs")
    found = models.BigIntegerField(default=0)
    added = models.BigIntegerField(default=0)


class Verification(LeasedRun):
    """One checking of a project's whole log. `result` is what was checked and what did not hold (audit.log.verify)."""

    work = "audit.verification.work"

    project = models.ForeignKey(Project, models.PROTECT, related_name="verifications")
    result = models.JSONField(default=dict)
