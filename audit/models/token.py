"""Tokens with which programs ask."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from audit.models.project import Project


class Scope(models.TextChoices):
    """What a token may be used for, as far as its user may do it.

    `export` asks for exports and reports and reads those, `sync` asks for syncs and reads those; `read` reads all.
    """

    READ = "read"
    EXPORT = "export"
    SYNC = "sync"


class ApiToken(models.Model):
    """A secret that stands for its user. Only its SHA-256 is kept; `prefix` is what lists show of it.

    A `limited` one is good for its `projects` alone, and for none when they are gone.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="api_tokens")
    name = models.TextField()
    prefix = models.TextField()
    digest = models.BinaryField(max_length=32, unique=True)
    scopes = ArrayField(models.TextField(choices=Scope.choices))
    limited = models.BooleanField(default=False)
    projects = models.ManyToManyField(Project, blank=True, related_name="api_tokens")
    created_at = models.DateTimeField(default=timezone.now)
    ends_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @property
    def good(self) -> bool:
        """Whether it may still be used."""
        return self.revoked_at is None and (self.ends_at is None or self.ends_at > timezone.now())
