"""What the API answers, field by field. Times are UTC, ISO 8601; `null` means not recorded."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from audit.eventtypes import TYPES
from audit.queries.filters import STATUSES
from audit.queries.projects import ProjectRow
from audit.queries.records import EventRow
from audit.sentences import plain


class Person(serializers.Serializer[Any]):
    """A person; after erasure only id and pseudonym are left."""

    id = serializers.IntegerField()
    pseudonym = serializers.CharField(help_text="The same for ever, also after erasure.")
    label = serializers.CharField(help_text="The best name there is.")  # type: ignore[assignment]  # a field of ours
    name = serializers.CharField(allow_null=True)
    email = serializers.CharField(allow_null=True)
    external_id = serializers.CharField(allow_null=True)
    erased = serializers.BooleanField()


class TaskRef(serializers.Serializer[Any]):
    """A task, named."""

    id = serializers.IntegerField()
    external_id = serializers.CharField()
    name = serializers.CharField()


class LogState(serializers.Serializer[Any]):
    """The head of a project's log."""

    origin = serializers.CharField(source="log.origin")
    size = serializers.IntegerField(source="log.size", help_text="Events so far.")
    checkpoint_size = serializers.IntegerField(
        source="checkpoint.size", default=None, allow_null=True, help_text="Events that the newest checkpoint covers."
    )
    checkpoint_at = serializers.DateTimeField(source="checkpoint.created_at", default=None, allow_null=True)


class Project(serializers.Serializer[ProjectRow]):
    """A project with counts and the state of its log."""

    id = serializers.IntegerField(source="project.pk")
    source = serializers.CharField(source="project.source.name")  # type: ignore[assignment]  # a field of ours
    kind = serializers.CharField(source="project.source.kind")
    external_id = serializers.CharField(source="project.external_id")
    name = serializers.CharField(source="project.name")
    description = serializers.CharField(source="project.description")
    zone = serializers.CharField(source="project.source.zone", help_text="Zone of times the source writes without one.")
    stages = serializers.ListField(child=serializers.CharField(), source="project.stages")
    tasks = serializers.IntegerField(source="project.tasks")
    events = serializers.IntegerField(source="log.size")
    last_at = serializers.DateTimeField(allow_null=True, help_text="Time of the latest activity on a task.")
    created_at = serializers.DateTimeField(source="project.created_at")
    log = LogState(source="*")


class Task(serializers.Serializer[Any]):
    """A task as its events so far leave it."""

    id = serializers.IntegerField()
    project = serializers.IntegerField(source="project_id")
    external_id = serializers.CharField()
    number = serializers.IntegerField(help_text="Counts the project's tasks from 1 without a gap.")
    name = serializers.CharField()
    stage = serializers.CharField(allow_blank=True)
    status = serializers.ChoiceField(choices=STATUSES, allow_blank=True)
    assignee = Person(allow_null=True)
    cycle = serializers.IntegerField(allow_null=True)
    events = serializers.IntegerField()
    first_at = serializers.DateTimeField()
    last_at = serializers.DateTimeField()
    dated = serializers.BooleanField(help_text="Whether the times are the source's; else they are those of receipt.")
    active_ms = serializers.IntegerField(help_text="Active time that holds now, in milliseconds.")
    from_index = serializers.IntegerField()
    last_index = serializers.IntegerField()


class Event(serializers.Serializer[EventRow]):
    """An event: what happened, who, when, and where the log holds it."""

    id = serializers.IntegerField()
    index = serializers.IntegerField(help_text="Place in the log, from 0.")
    task = TaskRef(allow_null=True)
    n = serializers.IntegerField(help_text="Number within the task, from 1 without a gap.")
    type = serializers.ChoiceField(choices=tuple(TYPES))
    source_type = serializers.CharField(help_text="The source's own name of the event.")
    sentence = serializers.SerializerMethodField()
    occurred_at = serializers.DateTimeField(
        help_text="When it happened; of receipt, where the source recorded no time."
    )
    occurred_text = serializers.CharField(allow_null=True, help_text="The time as the source wrote it.")
    received_at = serializers.DateTimeField(allow_null=True)
    actor = Person(allow_null=True)
    actor_kind = serializers.ChoiceField(choices=("person", "service", "system", "unknown"))
    assignee = Person(allow_null=True)
    stage = serializers.CharField(allow_blank=True)
    to_stage = serializers.CharField(allow_blank=True)
    cycle = serializers.IntegerField(allow_null=True)
    derived = serializers.BooleanField(help_text="Whether Labeltrail concluded the event from others of the source.")
    superseded = serializers.IntegerField(
        allow_null=True,
        help_text="Index of the event which says that the source tells itself what was concluded here; null if none.",
    )
    late = serializers.BooleanField(help_text="Whether it lies before an event that was recorded earlier.")
    text = serializers.CharField(allow_null=True, help_text="What a person wrote, at most 200,000 characters of it.")
    envelope = serializers.CharField(
        source="envelope_text", help_text="The bytes that are hashed, as text (canonical JSON)."
    )

    def get_sentence(self, row: EventRow) -> str:
        """What happened, as pages say it."""
        return plain(row)


class ActiveTime(serializers.Serializer[Any]):
    """Time that a person was active on a task, that holds now."""

    id = serializers.IntegerField(help_text="Id of the event that recorded it.")
    index = serializers.IntegerField()
    project = serializers.IntegerField(source="project_id")
    task = TaskRef()
    person = Person(allow_null=True)
    stage = serializers.CharField(allow_blank=True)
    cycle = serializers.IntegerField(allow_null=True)
    milliseconds = serializers.IntegerField()
    started_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    recorded_at = serializers.DateTimeField(help_text="Time of the event that recorded it.")


class InclusionProof(serializers.Serializer[Any]):
    """The audit path of an entry (RFC 6962 section 2.1.1), lowest hash first, base64."""

    index = serializers.IntegerField()
    size = serializers.IntegerField()
    leaf = serializers.CharField(help_text="Hash of the entry, base64.")
    root = serializers.CharField(help_text="Root of the tree of this size, base64.")  # type: ignore[assignment]  # ours
    path = serializers.ListField(child=serializers.CharField())


class ConsistencyProof(serializers.Serializer[Any]):
    """That the log of size `from` is the beginning of that of size `to` (RFC 6962 section 2.1.2), base64."""

    from_size = serializers.IntegerField()
    to_size = serializers.IntegerField()
    from_root = serializers.CharField()
    to_root = serializers.CharField()
    path = serializers.ListField(child=serializers.CharField())


class FieldProblem(serializers.Serializer[Any]):
    """One thing that is wrong with a request."""

    field = serializers.CharField(allow_blank=True)
    code = serializers.CharField()
    text = serializers.CharField()
    nearest = serializers.CharField(allow_null=True)


class Problem(serializers.Serializer[Any]):
    """RFC 9457 problem details."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    errors = FieldProblem(many=True)  # type: ignore[assignment]  # a field of ours


class Counted(serializers.Serializer[Any]):
    """How many match: exactly, or at least."""

    value = serializers.IntegerField()
    exact = serializers.BooleanField()
