"""Requests that may be sent twice."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class IdempotencyKey(models.Model):
    """A client's key for one POST to one address, with what was asked and which resource came of it."""

    path = models.TextField()
    key = models.TextField()
    body_sha256 = models.TextField()
    resource = models.UUIDField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["path", "key"], name="idempotencykey_once")]
