"""Filters that somebody keeps under a name."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from audit.models.project import Project


class Listing(models.TextChoices):
    """The lists of a project that have views; the values are the names of their addresses."""

    TASKS = "tasks"
    EVENTS = "events"


class SavedView(models.Model):
    """A list's query string, under a name of one's own. Nobody else sees it, and it is no part of the record."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_views")
    project = models.ForeignKey(Project, models.CASCADE, db_index=False, related_name="saved_views")
    listing = models.TextField(choices=Listing.choices)
    name = models.TextField()
    query = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint("project", "user", "listing", "name", name="view_name")]

    def __str__(self) -> str:
        return self.name
