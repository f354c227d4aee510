"""When a project is read by itself, over the API (docs/contracts.md section 6)."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_field, extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from audit import access, models, servicelog
from audit.api.base import FIELDS, View, only, problems, query_of
from audit.api.pick import pick, wanted
from audit.live.rules import DAYS, BadSchedule, Rule, clock, weekday
from audit.live.schedules import MODES, NoSchedule, replace_schedules, told, words
from exportsite import bodies
from exportsite.problems import FieldProblem, WrongRequest

MEMBERS = {"minutes": int, "at": str, "zone": str, "weekday": str, "paused": bool}


@extend_schema_serializer(component_name="Schedule")
class ScheduleShape(serializers.Serializer[Any]):
    """A pass that begins by itself: every `minutes`, or `at` a time of `zone`, daily or on a `weekday`."""

    mode = serializers.CharField()
    minutes = serializers.IntegerField(allow_null=True)
    at = serializers.TimeField(allow_null=True, format="%H:%M", help_text="HH:MM")
    zone = serializers.CharField(allow_blank=True, help_text="Europe/Berlin, UTC; empty with minutes.")
    weekday = serializers.SerializerMethodField(help_text="mon to sun; null: daily, or with minutes.")
    words = serializers.SerializerMethodField(help_text="every 15 minutes, daily at 02:00 (UTC), …")
    next_at = serializers.DateTimeField(allow_null=True, help_text="null: paused.")
    paused = serializers.SerializerMethodField()
    missed = serializers.CharField(allow_blank=True, help_text="Why the last one did not begin.")

    @extend_schema_field(serializers.ChoiceField(choices=DAYS, allow_null=True))
    def get_weekday(self, schedule: models.Schedule) -> str | None:
        """Its short name."""
        return None if schedule.weekday is None else DAYS[schedule.weekday]

    def get_words(self, schedule: models.Schedule) -> str:
        """The rule."""
        return words(schedule)

    def get_paused(self, schedule: models.Schedule) -> bool:
        """Whether it begins nothing."""
        return schedule.next_at is None


class ProjectSchedules(serializers.Serializer[Any]):
    """Both kinds of passes; null: none."""

    incremental = ScheduleShape(allow_null=True)
    full = ScheduleShape(allow_null=True)


class ScheduleRequest(serializers.Serializer[Any]):
    """Either `minutes`, or `at` and `zone`."""

    minutes = serializers.IntegerField(required=False, help_text="1 to 44,640.")
    at = serializers.CharField(required=False, help_text="HH:MM")
    zone = serializers.CharField(required=False, help_text="Of `at`: Europe/Berlin, UTC, …")
    weekday = serializers.ChoiceField(choices=DAYS, required=False, help_text="Of `at`; daily, if not given.")
    paused = serializers.BooleanField(required=False, help_text="Keep the rule, begin nothing.")


class ProjectSchedulesRequest(serializers.Serializer[Any]):
    """What shall be; one that is left out or null is removed."""

    incremental = ScheduleRequest(required=False, allow_null=True)
    full = ScheduleRequest(required=False, allow_null=True)


class Schedules(View):
    """When a project is read by itself."""

    shape, scope = ProjectSchedules, models.Scope.SYNC

    @extend_schema(
        operation_id="schedule", parameters=[FIELDS], responses={200: ProjectSchedules, **problems(400, 404)}
    )
    def get(self, request: Request, pk: int) -> Response:
        """The project's schedules, with the next time of each."""
        found = _told(_project(request, pk, "fields"))
        parts = wanted(query_of(request).get("fields"), ProjectSchedules())
        return Response(pick(found, parts) if parts else found)

    @extend_schema(
        operation_id="set_schedule",
        request=ProjectSchedulesRequest,
        responses={200: ProjectSchedules, **problems(400, 404)},
    )
    def put(self, request: Request, pk: int) -> Response:
        """Set both schedules at once. One that stays as it is keeps its next time."""
        project = _project(request, pk)
        body = bodies.read(request, {mode.value: dict for mode in MODES})
        wrong: list[FieldProblem] = []
        rules: dict[models.Mode, tuple[Rule, bool]] = {}
        for mode in MODES:
            if mode.value in body:
                try:
                    rules[mode] = _rule(mode.value, body[mode.value])
                except WrongRequest as error:
                    wrong += error.problems
        if wrong:
            raise WrongRequest(*wrong)
        try:
            _replace(request, project, rules)
        except NoSchedule as error:
            raise WrongRequest(FieldProblem("", "inapplicable", str(error))) from error
        return Response(_told(project))

    @extend_schema(
        operation_id="delete_schedule",
        request=None,
        responses={204: OpenApiResponse(description="Both are gone."), **problems(400, 404)},
    )
    def delete(self, request: Request, pk: int) -> Response:
        """Remove both: the project is read when somebody asks for it."""
        _replace(request, _project(request, pk), {})
        return Response(status=204)


def _project(request: Request, pk: int, *known: str) -> models.Project:
    only(query_of(request), *known)
    found = access.project(request.user, pk)
    if request.method != "GET":
        access.require(request.user, found, models.Role.MANAGER, models.Scope.SYNC)
    return found


@transaction.atomic
def _replace(request: Request, project: models.Project, rules: dict[models.Mode, tuple[Rule, bool]]) -> None:
    before = told(project)
    replace_schedules(project, rules)
    if (after := told(project)) != before:
        servicelog.note(request.user, "schedule.changed", after, project=project)


def _told(project: models.Project) -> dict[str, Any]:
    found = {schedule.mode: schedule for schedule in project.schedules.all()}
    return dict(ProjectSchedules({mode.value: found.get(mode) for mode in MODES}).data)


def _rule(mode: str, body: dict[str, Any]) -> tuple[Rule, bool]:
    given = bodies.members(body, MEMBERS, within=mode)
    try:
        at = clock(given["at"]) if "at" in given else None
        day = weekday(given["weekday"]) if "weekday" in given else None
        return Rule(given.get("minutes"), at, given.get("zone", ""), day), given.get("paused", False)
    except BadSchedule as error:
        raise WrongRequest(FieldProblem(f"{mode}.{error.field}", "invalid", f"“{mode}”: {error}.")) from error
