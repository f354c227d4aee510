"""The tamper-evident log: what everything else is computed from.

Rows of events, tiles and checkpoints are written once. A trigger refuses UPDATE, DELETE and TRUNCATE on them: a guard
against mistakes. The evidence is a checkpoint that someone else holds.
"""

from __future__ import annotations

import uuid

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from audit.models.fields import code_text
from audit.models.person import Person
from audit.models.project import Project
from audit.models.task import Task

INDEX_BITS = 40


class Log(models.Model):
    """One project's log and its head.

    The row's lock is the sequencer: index, `n`, tiles and head change together under it. `size` events so far; `edge`
    holds the hashes of the unfinished tiles, level 0 first; `project_events` numbers events that have no task.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True)
    origin = code_text(unique=True)
    project = models.OneToOneField(Project, models.PROTECT, related_name="log")
    size = models.BigIntegerField(default=0)
    edge = models.BinaryField(default=b"")
    project_events = models.BigIntegerField(default=0)
    received_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.origin

    def event_id(self, index: int) -> int:
        """The primary key of the event at `index` (0-based)."""
        return (self.pk << INDEX_BITS) + index


class Event(models.Model):
    """One fact. `envelope` holds the hashed bytes; the other columns repeat parts of it for lists and filters.

    `id` is log id * 2^40 + index. `occurred_at` is the envelope's instant, or when it has none, that of its receipt.
    Foreign keys carry no database constraint: the log's append is the only writer, a check per row costs more than the
    row, and `verify` compares each with the envelope.
    """

    id = models.BigIntegerField(primary_key=True)
    log = models.ForeignKey(Log, models.PROTECT, db_constraint=False, db_index=False, related_name="events")
    task = models.ForeignKey(Task, models.PROTECT, null=True, db_constraint=False, db_index=False, related_name="trail")
    n = models.IntegerField()
    type = code_text()
    source_type = code_text()
    occurred_at = models.DateTimeField()
    stage = code_text(blank=True)
    actor = models.ForeignKey(
        Person, models.PROTECT, null=True, db_constraint=False, db_index=False, related_name="events"
    )
    late = models.BooleanField()
    envelope = models.BinaryField()

    class Meta:
        indexes = [
            models.Index(fields=["log", "occurred_at", "id"], name="event_list"),
            models.Index(fields=["task", "occurred_at", "n"], name="event_trail"),
            models.Index(fields=["log", "type", "occurred_at", "id"], name="event_type"),
            models.Index(
                fields=["log", "source_type", "occurred_at", "id"],
                name="event_source_type",
                condition=models.Q(type="activity.recorded"),
            ),
            models.Index(
                fields=["log", "actor", "occurred_at", "id"],
                name="event_actor",
                condition=models.Q(actor__isnull=False),
            ),
            models.Index(
                fields=["log", "stage", "occurred_at", "id"], name="event_stage", condition=~models.Q(stage="")
            ),
            models.Index(fields=["log", "id"], name="event_of_project", condition=models.Q(task__isnull=True)),
        ]

    @property
    def index(self) -> int:
        """The event's place in its log, from 0."""
        return self.pk & ((1 << INDEX_BITS) - 1)


class Disclosure(models.Model):
    """The bytes that an envelope commits to: `content` (the platform's payload) or `text` (what a person wrote).

    Erasing deletes the row; the leaf does not change, and a `privacy.erased` event names what is gone.
    commit = SHA-256("labeltrail/v1/commit\\0" || salt || data).
    """

    pk = models.CompositePrimaryKey("event_id", "group")
    event = models.ForeignKey(Event, models.PROTECT, db_constraint=False, db_index=False, related_name="disclosures")
    group = code_text(db_column="grp")
    key_id = code_text(null=True)
    salt = models.BinaryField()
    data = models.BinaryField()


class Superseded(models.Model):
    """A concluded event that counts no more from the log's index `from_index` on: the source tells it itself."""

    event = models.OneToOneField(Event, models.PROTECT, primary_key=True, db_constraint=False, related_name="+")
    from_index = models.BigIntegerField()


class EventWords(models.Model):
    """The words of an event's text, for searching; goes with the text when it is erased."""

    event = models.OneToOneField(Event, models.PROTECT, primary_key=True, db_constraint=False, related_name="words")
    words = SearchVectorField()

    class Meta:
        indexes = [GinIndex(fields=["words"], name="event_words")]


class Tile(models.Model):
    """256 hashes of the log's tree (C2SP tlog-tiles), inserted once, when full: 8,192 bytes."""

    pk = models.CompositePrimaryKey("log_id", "level", "index")
    log = models.ForeignKey(Log, models.PROTECT, db_index=False, related_name="tiles")
    level = models.SmallIntegerField()
    index = models.BigIntegerField()
    hashes = models.BinaryField()


class Checkpoint(models.Model):
    """A signed note over the log's size and root (C2SP tlog-checkpoint). One per size."""

    log = models.ForeignKey(Log, models.PROTECT, related_name="checkpoints")
    size = models.BigIntegerField()
    note = models.TextField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint("log", "size", name="checkpoint_size")]
