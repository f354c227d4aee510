"""Tables of the site itself."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class IdempotencyKey(models.Model):
    """A client's key for one POST to one address, with what was asked and the id of what came of it."""

    path = models.TextField()
    key = models.TextField()
    body_sha256 = models.TextField()
    resource = models.TextField()
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["path", "key"], name="idempotency_once")]  # noqa: RUF012 - Django's way
