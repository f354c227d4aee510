"""What platforms told us to look at."""

from __future__ import annotations

from django.db import models

from audit.models.fields import code_text
from audit.models.project import Project


class Hint(models.Model):
    """That something happened to a task, as a platform's webhook said: a reason to read it, never a record of it."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="hints")
    task = code_text()
    received_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint("project", "task", name="hint_once")]

    def __str__(self) -> str:
        return self.task
