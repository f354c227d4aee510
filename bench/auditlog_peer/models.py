"""A task that django-auditlog watches: what a project would keep and change, event by event."""

from __future__ import annotations

from auditlog.registry import auditlog
from django.db import models


class WatchedTask(models.Model):
    """A task as its last event left it."""

    name = models.TextField(unique=True)
    type = models.TextField()
    source_type = models.TextField()
    occurred_at = models.TextField()
    stage = models.TextField()
    actor = models.TextField()
    assignee = models.TextField()
    cycle = models.IntegerField()
    payload = models.TextField()

    class Meta:
        app_label = "auditlog_peer"

    def __str__(self) -> str:
        return self.name


auditlog.register(WatchedTask)
