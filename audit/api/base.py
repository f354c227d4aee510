"""What the API's views share: answers, lists, and how they are described."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, ClassVar

from django.http import QueryDict
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit.api import serializers as shapes
from audit.api.pick import pick, wanted
from audit.eventtypes import TYPES
from audit.models import Scope
from audit.queries.filters import ORDERS, STATUSES
from audit.queries.records import Listed
from exportsite.jobs import State
from exportsite.jobs.run import LeasedRun
from exportsite.keyset import Count
from exportsite.problems import MEDIA_TYPE, FieldProblem, WrongRequest, check_keys

_MEANINGS: dict[str, tuple[Any, str, Sequence[str] | None]] = {
    "type": (OpenApiTypes.STR, "Type is one of.", tuple(TYPES)),
    "source_type": (OpenApiTypes.STR, "The source's own name is one of (of `activity.recorded` events).", None),
    "person": (
        OpenApiTypes.STR,
        "Person, by id, pseudonym, e-mail or name (exactly): assigned now (tasks), acted (events, active time), "
        "author (labels).",
        None,
    ),
    "stage": (OpenApiTypes.STR, "Stage is one of.", None),
    "status": (OpenApiTypes.STR, "Status is one of.", STATUSES),
    "kind": (OpenApiTypes.STR, "Kind of label is one of.", None),
    "from": (OpenApiTypes.STR, "Not before: ISO 8601 with zone, or a date (UTC).", None),
    "to": (OpenApiTypes.STR, "Before: ISO 8601 with zone, or a date (UTC), whose day is included.", None),
    "words": (OpenApiTypes.STR, "Has words that start so; all must match.", None),
    "external_id": (OpenApiTypes.STR, "Equals one of.", None),
}
_MANY = {"type", "source_type", "person", "stage", "status", "kind", "external_id"}
FIELDS = OpenApiParameter("fields", OpenApiTypes.STR, description="Only these members, `a,b.c`; others are left out.")
LIMIT = OpenApiParameter("limit", OpenApiTypes.INT, description="Rows of a page, 1 to 500.")
CURSOR = OpenApiParameter("cursor", OpenApiTypes.STR, description="From `next` of the page before.")
RUNS = [
    OpenApiParameter("project", OpenApiTypes.INT, description="Of the project with this id."),
    OpenApiParameter("state", OpenApiTypes.STR, enum=State.values, description="State is."),
    OpenApiParameter("order", OpenApiTypes.STR, enum=ORDERS, description="By time of the request."),
    LIMIT,
    CURSOR,
    FIELDS,
]
"""What every list of runs takes."""


def filters(names: Sequence[str]) -> list[OpenApiParameter]:
    """The filters of a list, and what every list takes."""
    described = []
    for name in names:
        kind, meaning, values = _MEANINGS[name]
        described.append(OpenApiParameter(name, kind, description=meaning, many=name in _MANY, enum=values))
    return [
        *described,
        OpenApiParameter("order", OpenApiTypes.STR, enum=ORDERS, description="By time."),
        LIMIT,
        CURSOR,
        FIELDS,
    ]


def listed(row: type[serializers.Serializer[Any]]) -> dict[Any, Any]:
    """The answers of a list."""
    return {200: _page_of(row), **problems(400, 404)}


def component_name(row: type[serializers.Serializer[Any]]) -> str:
    """How the description calls a shape."""
    override: dict[str, str] = getattr(row, "_spectacular_annotation", {})
    return override.get("component_name", row.__name__)


@cache
def _page_of(row: type[serializers.Serializer[Any]]) -> serializers.Serializer[Any]:
    """A page of rows; one object for each shape, since the description tells shapes apart by identity."""
    return inline_serializer(
        f"{component_name(row)}List",
        {
            "results": row(many=True),
            "next": serializers.CharField(allow_null=True, help_text="Address of the next page."),
            "count": shapes.Counted(),
        },
    )


def problems(*statuses: int) -> dict[Any, Any]:
    """The answers that are problems; `audit.api.describe` adds those that may come everywhere."""
    return {(status, MEDIA_TYPE): OpenApiResponse(shapes.Problem, description="A problem.") for status in statuses}


LATER = "2"
"""Seconds after which a program may look again at a run that is not over (`Retry-After`, RFC 9110 section 10.2.3)."""


class View(APIView):
    """A view that answers rows of one shape."""

    shape: type[serializers.Serializer[Any]]
    scope: ClassVar[Scope] = Scope.READ
    """Which of a token's scopes it asks for (`audit.api.auth.Allowed`)."""

    def one(self, request: Request, row: Any) -> Response:
        """One row; it takes no query key but `fields`."""
        only(query_of(request), "fields")
        return self.shaped(request, row)

    def run(self, request: Request, run: LeasedRun) -> Response:
        """A run; while it is not over, with when to look again."""
        answer = self.one(request, run)
        if not run.over:
            answer["Retry-After"] = LATER
        return answer

    def shaped(self, request: Request, row: Any) -> Response:
        """One row, when the query string was checked."""
        return Response(self.shaped_rows(request, [row])[0])

    def page(self, request: Request, found: Listed[Any]) -> Response:
        """A page of rows, where the next one is, and how many there are."""
        return self.page_at(request, found.rows, {"cursor": found.next} if found.next else None, found.count)

    def page_at(
        self, request: Request, rows: Sequence[Any], onward: Mapping[str, str] | None, count: Count
    ) -> Response:
        """A page of rows; `onward` is what of the query string is different for the next one, None at the end."""
        address = None
        if onward:
            query = query_of(request).copy()
            for name, value in onward.items():
                query[name] = value
            address = request.build_absolute_uri(f"{request.path}?{query.urlencode()}")
        counted = {"value": count.value, "exact": count.exact}
        return Response({"results": self.shaped_rows(request, rows), "next": address, "count": counted})

    def shaped_rows(self, request: Request, rows: Sequence[Any]) -> list[Any]:
        """The rows as they are answered, or the parts of them that `fields` names."""
        parts = wanted(query_of(request).get("fields"), self.shape())
        shaped = self.shape(rows, many=True).data
        return [pick(row, parts) for row in shaped] if parts else list(shaped)


def query_of(request: Request) -> QueryDict:
    """The request's query string."""
    return request.query_params


def only(query: QueryDict, *known: str) -> None:
    """Raise WrongRequest when the query string has another key."""
    if wrong := check_keys(query, known):
        raise WrongRequest(*wrong)


def whole(query: QueryDict, name: str, high: int, allowed: str, low: int = 0) -> int:
    """The whole number of this name, between `low` and `high`; `allowed` says so in words."""
    raw = query.get(name, "")
    if not raw:
        raise WrongRequest(FieldProblem(name, "required", f"“{name}” is missing: a whole number {allowed}."))
    if not (raw.isascii() and raw.isdigit() and len(raw) < 20 and low <= int(raw) <= high):
        raise WrongRequest(FieldProblem(name, "invalid", f"“{name}” is “{raw[:100]}”; it is a whole number {allowed}."))
    return int(raw)
