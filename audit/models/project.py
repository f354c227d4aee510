"""A project: one set of tasks, one log."""

from __future__ import annotations

from django.db import models

from audit.models.fields import code_text
from audit.models.source import Source


class Media(models.TextChoices):
    """What becomes of the files that people look at: named only, kept once an export puts them in, or all of them."""

    REFERENCE = "reference"
    ON_EXPORT = "on_export"
    KEEP = "keep"


class Project(models.Model):
    """An annotation project at its source. A projection of the log's `project.updated` events.

    `stages` is the order of the stages as far as it is known; `tasks` counts them exactly (it is raised in the
    transaction that numbers a task). Of a live source: `watermark` is the platform's own time when the last pass began
    that came to its end, `complete_at` the time of the last one that was complete; `media` is what becomes of the files
    that people look at; `hook` counts its addresses for webhooks (`audit.live.hooks`), below 1 while it takes none.
    """

    source = models.ForeignKey(Source, models.PROTECT, related_name="projects")
    external_id = code_text()
    name = models.TextField()
    description = models.TextField(blank=True)
    stages = models.JSONField(default=list)
    tasks = models.IntegerField(default=0)
    watermark = models.DateTimeField(null=True)
    complete_at = models.DateTimeField(null=True)
    hook = models.IntegerField(default=0)
    media = code_text(choices=Media.choices, default=Media.REFERENCE)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint("source", "external_id", name="project_external_id")]

    def __str__(self) -> str:
        return self.name
