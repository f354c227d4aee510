"""How long people worked on a task."""

from __future__ import annotations

from django.db import models

from audit.models.fields import code_text
from audit.models.person import Person
from audit.models.project import Project
from audit.models.task import Task


class ActiveTime(models.Model):
    """Time that a person was active on a task at a stage, in milliseconds, as one event recorded it.

    `started_at` and `ended_at` are null where the source gave only a length. It holds from log index `from_index` until
    `to_index` (null: still), when a later event replaced it.
    """

    event = models.OneToOneField("audit.Event", models.PROTECT, primary_key=True, db_constraint=False)
    project = models.ForeignKey(Project, models.PROTECT, db_index=False, related_name="active_times")
    task = models.ForeignKey(Task, models.PROTECT, related_name="active_times")
    person = models.ForeignKey(Person, models.PROTECT, null=True, db_index=False, related_name="active_times")
    stage = code_text(blank=True)
    cycle = models.IntegerField(null=True)
    milliseconds = models.BigIntegerField()
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    from_index = models.BigIntegerField()
    to_index = models.BigIntegerField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["project", "event"], name="active_time_list"),
            models.Index(fields=["person", "event"], name="active_time_person"),
        ]
