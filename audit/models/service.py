"""What the service notes about its own use."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from audit.models.fields import code_text


class ServiceOutbox(models.Model):
    """A line that waits for its place in the service's log (`audit.servicelog`).

    It is written in the transaction of what it tells, and appended by a worker: `appended_at` is set in the transaction
    that appends it. `user` did it, who was called `name` then; nobody who had signed in, when both are empty. `once`
    keeps equal lines out for a while; lines are removed some time after they were appended.
    """

    at = models.DateTimeField(default=timezone.now)
    type = code_text()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    name = models.TextField(blank=True)
    content = models.JSONField(default=dict)
    once = models.TextField(db_collation="C", null=True, unique=True)  # noqa: DJ001 - many lines may have none
    appended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["id"], name="serviceoutbox_waiting", condition=models.Q(appended_at=None)),
            models.Index(fields=["appended_at"], name="serviceoutbox_appended"),
            models.Index(fields=["user", "-at"], name="serviceoutbox_user"),
        ]


class Tries(models.Model):
    """Failed sign-ins of one user name or one address since `since`."""

    key = code_text(primary_key=True)
    failures = models.PositiveIntegerField(default=0)
    since = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["since"], name="tries_since")]
