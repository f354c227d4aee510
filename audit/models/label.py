"""What people and models said about tasks."""

from __future__ import annotations

from django.db import models

from audit.models.fields import code_text
from audit.models.person import Person
from audit.models.project import Project
from audit.models.task import Task


class LabelVersion(models.Model):
    """A label as its source had it from log index `from_index` until `to_index` (null: still). The event has the bytes.

    `external_id` is the source's, unique within the task; `number` counts the label's versions from 1. `person` is the
    author, `kind` DEFAULT, REVIEW, PREDICTION or another word of the source in capitals, `step` the stage at which it
    was made, `milliseconds` how long that took; null and empty where the source does not say.
    """

    event = models.OneToOneField("audit.Event", models.PROTECT, primary_key=True, db_constraint=False)
    project = models.ForeignKey(Project, models.PROTECT, db_index=False, related_name="labels")
    task = models.ForeignKey(Task, models.PROTECT, db_index=False, related_name="labels")
    external_id = code_text()
    number = models.IntegerField()
    kind = code_text()
    person = models.ForeignKey(Person, models.PROTECT, null=True, db_index=False, related_name="labels")
    created_at = models.DateTimeField(null=True)
    milliseconds = models.BigIntegerField(null=True)
    step = code_text(blank=True)
    skipped = models.BooleanField()
    sent_back = models.BooleanField()
    from_index = models.BigIntegerField()
    to_index = models.BigIntegerField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["project", "event"], name="label_list"),
            models.Index(fields=["task", "event"], name="label_of_task"),
            models.Index(fields=["person", "event"], name="label_person", condition=models.Q(person__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.external_id} ({self.number})"
