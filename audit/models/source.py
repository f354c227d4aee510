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

    `zone` is the zone of times that the source writes without one; such times are refused while it is empty.
    """

    kind = code_text()
    name = models.TextField()
    base_url = code_text(blank=True)
    zone = code_text(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.kind}: {self.name}"
