"""When projects are read by themselves."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from audit.models.project import Project
from audit.models.run import Mode


class Schedule(models.Model):
    """One recurring pass of a project: every `minutes`, or at a time of day in a zone, daily or on one weekday.

    `at` is the local time of day and `zone` where it is local; `weekday` is 0 (Monday) to 6, or null for daily. The
    pass is due at `next_at`; null means that it is switched off. `missed` says in words why the last one did not begin.
    """

    project = models.ForeignKey(Project, models.CASCADE, related_name="schedules")
    mode = models.TextField(choices=Mode.choices)
    minutes = models.PositiveIntegerField(null=True)
    at = models.TimeField(null=True)
    zone = models.TextField(blank=True)
    weekday = models.PositiveSmallIntegerField(null=True)
    next_at = models.DateTimeField(null=True, db_index=True)
    missed = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "mode"], name="schedule_once"),
            models.CheckConstraint(
                condition=Q(minutes__gte=1, at=None, weekday=None) | Q(minutes=None, at__isnull=False, zone__gt=""),
                name="schedule_one_kind",
            ),
        ]
