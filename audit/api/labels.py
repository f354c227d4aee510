"""Labels over the API: what people and models said about tasks (docs/contracts.md section 6)."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from audit import access, servicelog
from audit.api.base import View, filters, listed, query_of
from audit.api.serializers import Person, TaskRef
from audit.queries.asked import asked, oldest_unless
from audit.queries.labels import LABEL_FILTERS, labels, task_labels
from exportsite.problems import FieldProblem, WrongRequest

PAYLOAD = OpenApiParameter(
    "payload", OpenApiTypes.BOOL, description="With `true`, each label comes with what its source says of it."
)
VERSIONS = OpenApiParameter(
    "versions", OpenApiTypes.BOOL, description="With `true`, earlier versions and removed labels come as well."
)
MOST_WITH_PAYLOAD = 50
"""Labels of a page with payloads, each of which may be large."""


@extend_schema_serializer(component_name="Label")
class Label(serializers.Serializer[Any]):
    """A version of a label."""

    id = serializers.IntegerField(help_text="Id of the event that brought this version.")
    index = serializers.IntegerField(help_text="Place of that event in the log, from 0.")
    project = serializers.IntegerField(source="project_id")
    task = TaskRef()
    external_id = serializers.CharField(help_text="The source's id of the label, unique within the task.")
    number = serializers.IntegerField(help_text="Which version of the label it is, from 1.")
    kind = serializers.CharField(help_text="DEFAULT, REVIEW, PREDICTION or another word of the source, in capitals.")
    person = Person(allow_null=True, help_text="The author.")
    created_at = serializers.DateTimeField(allow_null=True)
    milliseconds = serializers.IntegerField(allow_null=True, help_text="How long it took.")
    stage = serializers.CharField(allow_blank=True, help_text="Where it was made.")
    skipped = serializers.BooleanField()
    sent_back = serializers.BooleanField()
    until = serializers.IntegerField(
        allow_null=True, help_text="Place of the event that replaced or removed this version; null: it holds now."
    )
    payload = serializers.CharField(
        allow_null=True, help_text="The source's own bytes as text; null unless asked for, and when erased."
    )


class Labels(View):
    """Labels of a project."""

    shape = Label

    @extend_schema(operation_id="labels", parameters=[*filters(LABEL_FILTERS), PAYLOAD], responses=listed(Label))
    def get(self, request: Request, pk: int) -> Response:
        """Labels that hold now, latest recorded first."""
        project = access.project(request.user, pk)
        wants = asked(query_of(request), LABEL_FILTERS, project, also=["fields", "payload"])
        payload = _flag(request, "payload")
        if payload:
            servicelog.viewed(request.user, project, f"labels of project {pk}")
        limit = min(wants.limit, MOST_WITH_PAYLOAD) if payload else wants.limit
        return self.page(request, labels(project, wants.filters, limit=limit, cursor=wants.cursor, payload=payload))


class TaskLabels(View):
    """Labels of a task."""

    shape = Label

    @extend_schema(
        operation_id="task_labels", parameters=[*filters(LABEL_FILTERS), VERSIONS, PAYLOAD], responses=listed(Label)
    )
    def get(self, request: Request, pk: int) -> Response:
        """Labels of the task that hold now, or all their versions, in the order in which they were recorded."""
        task = access.task(request.user, pk)
        wants = asked(query_of(request), LABEL_FILTERS, task.project, also=["fields", "versions", "payload"])
        payload, versions = _flag(request, "payload"), _flag(request, "versions")
        if payload:
            servicelog.viewed(request.user, task.project, f"labels of task {pk}")
        found = task_labels(
            task,
            oldest_unless(wants.filters, query_of(request)),
            limit=min(wants.limit, MOST_WITH_PAYLOAD) if payload else wants.limit,
            cursor=wants.cursor,
            payload=payload,
            versions=versions,
        )
        return self.page(request, found)


def _flag(request: Request, name: str) -> bool:
    given = query_of(request).get(name, "false")
    if given not in ("true", "false"):
        raise WrongRequest(FieldProblem(name, "invalid", f"“{name}” is true or false, not “{given[:50]}”."))
    return given == "true"
