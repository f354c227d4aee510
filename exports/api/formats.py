"""The formats over the API: what each takes, and which apply to a project (docs/contracts.md section 6)."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from audit import access
from audit.api.base import FIELDS, View, listed, query_of, whole
from audit.eventtypes import TYPES
from audit.models import Project
from audit.queries.filters import STATUSES, Filters
from audit.queries.records import Listed
from exports.formats import FORMATS
from exports.formats.base import Format, Parameter, Reads
from exports.options import FILTERS
from exports.snapshot import LogSnapshot
from exportsite.keyset import Count
from exportsite.problems import WrongRequest, check_keys

_CHOICES = {"type": tuple(TYPES), "status": STATUSES}
_ONE = ("from", "to", "task_from", "task_to")
"""Filters that take one value; the others take several."""


@extend_schema_serializer(component_name="FormatParameter")
class ParameterShape(serializers.Serializer[Any]):
    """A parameter of a format."""

    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=("choice", "flag", "text"), help_text="A flag is true or false.")
    several = serializers.BooleanField(help_text="Whether it takes several values, as a list or with commas between.")
    choices = serializers.ListField(child=serializers.CharField(), help_text="What it may be; of a text: anything.")
    default = serializers.CharField(help_text="What it is when it is not given.")
    filtered_default = serializers.CharField(help_text="The same, when filters leave something out.")
    help = serializers.CharField()


@extend_schema_serializer(component_name="FormatFilter")
class FilterShape(serializers.Serializer[Any]):
    """A filter of a format's exports."""

    name = serializers.CharField()
    several = serializers.BooleanField(help_text="Whether it takes several values, as a list.")
    choices = serializers.ListField(
        child=serializers.CharField(), allow_null=True, help_text="What it may be; null: a text."
    )


@extend_schema_serializer(component_name="Format")
class FormatShape(serializers.Serializer[Any]):
    """A format of exports."""

    slug = serializers.CharField(help_text="Its name in requests.")
    title = serializers.CharField()
    extension = serializers.CharField(help_text="Of the file.")
    beside = serializers.BooleanField(help_text="Whether the file comes with its proof beside it, in a zip of its own.")
    merges = serializers.BooleanField(help_text="Whether several projects make one file; else each has a folder.")
    applies = serializers.BooleanField(allow_null=True, help_text="To the project; null when none was named.")
    why_not = serializers.CharField(allow_null=True)
    parameters = ParameterShape(many=True)
    filters = FilterShape(many=True)


class Formats(View):
    """All formats."""

    shape = FormatShape

    @extend_schema(
        operation_id="formats",
        parameters=[
            OpenApiParameter("project", OpenApiTypes.INT, description="Says of each whether it applies to this one."),
            FIELDS,
        ],
        responses=listed(FormatShape),
    )
    def get(self, request: Request) -> Response:
        """The formats of exports, with their parameters and filters: what each may be, and is when not given."""
        query = query_of(request)
        if wrong := check_keys(query, ("project", "fields")):
            raise WrongRequest(*wrong)
        project = None
        if query.get("project"):
            project = access.project(request.user, whole(query, "project", 2**62, "that is a project's id"))
        rows = [_told(format_, project) for format_ in FORMATS.values()]
        return self.page(request, Listed(rows, None, None, False, Count(len(rows), True)))


def _told(format_: Format, project: Project | None) -> dict[str, Any]:
    why = _refusal(format_, project)
    return {
        "slug": format_.slug,
        "title": format_.title,
        "extension": format_.extension,
        "beside": format_.beside,
        "merges": format_.merges,
        "applies": None if project is None else not why,
        "why_not": why or None,
        "parameters": [_parameter(parameter) for parameter in format_.parameters],
        "filters": [{"name": name, "several": name not in _ONE, "choices": _CHOICES.get(name)} for name in FILTERS],
    }


def _refusal(format_: Format, project: Project | None) -> str:
    if project is None:
        return ""
    return format_.refusal(LogSnapshot(project.log, project.log.size, Filters(), Reads()).project)


def _parameter(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "kind": "flag" if parameter.is_flag else "choice" if parameter.choices else "text",
        "several": parameter.several,
        "choices": parameter.choices,
        "default": parameter.default,
        "filtered_default": parameter.filtered_default or parameter.default,
        "help": parameter.help,
    }
