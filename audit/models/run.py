"""What was done to the record, or with it, and how that ended."""

from __future__ import annotations

from django.db import models

from audit.models.project import Project
from exportsite.jobs import LeasedRun, State


class Mode(models.TextChoices):
    """How a source is read."""

    LOAD = "load"
    FULL = "full"
    INCREMENTAL = "incremental"
    HINTED = "hinted"


class SyncRun(LeasedRun):
    """One reading of a source or a file into a project's log. Not evidence: the log's own events are.

    The first load of a file has no project before the file was read. `found` events came, `added` of them were new.
    `result` counts {"tasks", "deleted", "diverged"} of a live source. A live project has one open run at a time.
    `upload` is what somebody sent for a load by a worker: {"name", "sha256", "bytes", "into", "kind", "zone"}; None
    for other runs, and once the run is over and the file is gone (audit.uploads).
    """

    work = "audit.uploads.work"

    project = models.ForeignKey(Project, models.PROTECT, null=True, related_name="sync_runs")
    mode = models.TextField(choices=Mode.choices, default=Mode.LOAD)
    found = models.BigIntegerField(default=0)
    added = models.BigIntegerField(default=0)
    result = models.JSONField(default=dict)
    upload = models.JSONField(null=True)

    class Meta(LeasedRun.Meta):
        indexes = [
            *LeasedRun.Meta.indexes,
            models.Index(fields=["project", "-id"], name="syncrun_project"),
            models.Index(fields=["id"], condition=models.Q(upload__isnull=False), name="syncrun_upload"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["project"],
                condition=models.Q(state__in=(State.QUEUED, State.RUNNING, State.CANCELLING))
                & ~models.Q(mode=Mode.LOAD),
                name="syncrun_one_at_a_time",
            )
        ]


class Verification(LeasedRun):
    """One checking of a project's whole log. `result` is what was checked and what did not hold (audit.log.verify)."""

    work = "audit.verification.work"

    project = models.ForeignKey(Project, models.PROTECT, related_name="verifications")
    result = models.JSONField(default=dict)
