"""Where facts come from."""

from __future__ import annotations

import uuid

from django.db import models

from audit.models.fields import code_text


class Instance(models.Model):
    """This installation. One row, made on first use; its id is part of every log's origin."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    created_at = models.DateTimeField(auto_now_add=True)


class Source(models.Model):
    """A platform that projects are read from, or a file project's own source (`kind` "file").

    `zone` is the zone of times that the source writes without one; such times are refused while it is empty. `account`
    is whose projects they are at the platform (its organisation). `credentials` are encrypted, for this kind, address
    and account alone (`audit.live.credentials`). `ca_file` is a file of certificates that are trusted besides.
    """

    kind = code_text()
    name = models.TextField()
    base_url = code_text(blank=True)
    account = code_text(blank=True)
    ca_file = models.TextField(blank=True)
    key_id = code_text(null=True)
    credentials = models.BinaryField(null=True)
    zone = code_text(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "base_url", "account"], condition=~models.Q(base_url=""), name="source_account"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.name}"
