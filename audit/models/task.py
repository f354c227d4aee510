"""Tasks and their versions: projections of the log."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from audit.models.fields import code_text
from audit.models.person import Person
from audit.models.project import Project


class Task(models.Model):
    """A task as the events so far leave it (`audit.log.fold` computes every column but the keys and `words`).

    `number` counts a project's tasks from 1 without a gap. `events` is the last `n`; `first_at` and `last_at` are the
    earliest and latest instants that the source recorded (of receipt, while it recorded none and `dated` is false);
    `active_ms` sums the active time that holds now, in milliseconds. The task exists in the log from `from_index` on
    and last changed at `last_index`.
    """

    project = models.ForeignKey(Project, models.PROTECT, db_index=False, related_name="task_set")
    external_id = code_text()
    number = models.IntegerField()
    name = models.TextField()
    stage = code_text(blank=True)
    status = code_text(blank=True)
    assignee = models.ForeignKey(Person, models.PROTECT, null=True, db_index=False, related_name="assigned")
    cycle = models.IntegerField(null=True)
    events = models.IntegerField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    dated = models.BooleanField()
    active_ms = models.BigIntegerField()
    from_index = models.BigIntegerField()
    last_index = models.BigIntegerField()
    words = SearchVectorField()

    class Meta:
        constraints = [
            models.UniqueConstraint("project", "external_id", name="task_external_id"),
            models.UniqueConstraint("project", "number", name="task_number"),
        ]
        indexes = [
            models.Index(fields=["project", "last_at", "id"], name="task_list"),
            models.Index(fields=["project", "stage", "last_at", "id"], name="task_stage"),
            models.Index(fields=["project", "status", "last_at", "id"], name="task_status"),
            models.Index(fields=["project", "assignee", "last_at", "id"], name="task_assignee"),
            GinIndex(fields=["words"], name="task_words"),
        ]

    def __str__(self) -> str:
        return self.name


class TaskVersion(models.Model):
    """What the source said of a task, from `from_index` until `to_index` (null: still). The event holds the bytes."""

    event = models.OneToOneField("audit.Event", models.PROTECT, primary_key=True, db_constraint=False)
    task = models.ForeignKey(Task, models.PROTECT, related_name="versions")
    from_index = models.BigIntegerField()
    to_index = models.BigIntegerField(null=True)
