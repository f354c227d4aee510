"""Syncs and sources over the API (docs/contracts.md section 6)."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch
from django.http import Http404
from django.urls import reverse
from drf_spectacular.utils import extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from audit import access, models, servicelog
from audit.api.base import CURSOR, FIELDS, LATER, LIMIT, RUNS, View, listed, problems, query_of
from audit.api.schedule import ScheduleShape
from audit.live.run import SyncBusy, SyncRefused, request_sync
from audit.queries.asked import limit_of
from audit.queries.lists import read
from audit.queries.records import Listed
from audit.queries.runs import runs
from audit.sources.origins import PLATFORMS
from exportsite import bodies, keyset
from exportsite.jobs import cancel
from exportsite.jobs.block import Run
from exportsite.keyset import Condition, Scan
from exportsite.once import KEY, once
from exportsite.problems import FieldProblem, WrongRequest, check_keys, unknown

MODES = ("full", "incremental")


class Conflict(APIException):
    """What is asked for can't be done as things are."""

    status_code = 409


@extend_schema_serializer(component_name="SyncRun")
class SyncRunShape(Run):
    """One reading of a source or a file."""

    id = serializers.IntegerField()
    project = serializers.IntegerField(source="project_id", allow_null=True)
    mode = serializers.ChoiceField(choices=models.Mode.choices)
    found = serializers.IntegerField(help_text="Events that came.")
    added = serializers.IntegerField(help_text="Those that were new in the log.")
    result = serializers.DictField(help_text="tasks, deleted, diverged: of a live source.")


class SyncRequest(serializers.Serializer[Any]):
    """What a new sync shall be."""

    project = serializers.IntegerField(help_text="Our id.")
    mode = serializers.ChoiceField(choices=MODES, required=False, help_text="full, if not given.")


class SourceProject(serializers.Serializer[Any]):
    """A project of a source."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    external_id = serializers.CharField()
    complete_at = serializers.DateTimeField(allow_null=True, help_text="When the last complete pass began.")
    watermark = serializers.DateTimeField(allow_null=True, help_text="The source's own time of the last pass.")
    schedules = ScheduleShape(many=True, source="schedules.all")


@extend_schema_serializer(component_name="Source")
class SourceShape(serializers.Serializer[Any]):
    """A platform's account, without its key."""

    id = serializers.IntegerField()
    kind = serializers.CharField()
    name = serializers.CharField()
    base_url = serializers.CharField(allow_blank=True)
    account = serializers.CharField(allow_blank=True)
    live = serializers.SerializerMethodField(help_text="Read over an API; false: from files.")
    has_key = serializers.SerializerMethodField()
    projects = SourceProject(many=True, source="projects.all")

    def get_live(self, source: models.Source) -> bool:
        """Whether it is read over an API."""
        return source.kind in PLATFORMS

    def get_has_key(self, source: models.Source) -> bool:
        """Whether a key is stored."""
        return source.credentials is not None


class SyncRuns(View):
    """All syncs."""

    shape, scope = SyncRunShape, models.Scope.SYNC

    @extend_schema(operation_id="sync_runs", parameters=RUNS, responses=listed(SyncRunShape))
    def get(self, request: Request) -> Response:
        """Syncs and loads, the newest first."""
        visible = access.condition(request.user)
        return self.page(request, runs(models.SyncRun, query_of(request), ("id",), visible, also=["fields"]))

    @extend_schema(
        operation_id="create_sync_run",
        parameters=[KEY],
        request=SyncRequest,
        responses={202: SyncRunShape, **problems(400, 409, 422)},
    )
    def post(self, request: Request) -> Response:
        """Ask for a sync. A worker does it; `Location` is where to look how far it is. 409 while another is open."""
        return _accepted(once(request, models.SyncRun, lambda: self._asked(request)))

    def _asked(self, request: Request) -> models.SyncRun:
        _nothing_in(request)
        body = bodies.read(request, {"project": int, "mode": str}, "project")
        mode = body.get("mode", "full")
        if mode not in MODES:
            raise WrongRequest(unknown("mode", mode, "The mode", MODES))
        visible = access.projects(request.user).select_related("source")
        project = visible.filter(pk=min(body["project"], 2**62)).first()
        if project is None:
            raise WrongRequest(FieldProblem("project", "unknown", f"There is no project {body['project']}."))
        access.require(request.user, project, models.Role.MANAGER, models.Scope.SYNC)
        try:
            run = request_sync(project, models.Mode(mode), access.name_of(request.user))
        except SyncBusy as error:
            raise Conflict(str(error)) from error
        except SyncRefused as error:
            raise WrongRequest(FieldProblem("project", "inapplicable", str(error))) from error
        servicelog.note(request.user, "sync.requested", f"sync {run.pk} ({mode})", project=project)
        return run


class SyncRun(View):
    """One sync."""

    shape, scope = SyncRunShape, models.Scope.SYNC

    @extend_schema(operation_id="sync_run", parameters=[FIELDS], responses={200: SyncRunShape, **problems(400, 404)})
    def get(self, request: Request, pk: int) -> Response:
        """A sync: how far it is, and what came of it."""
        return self.run(request, _run(request, pk))


class SyncRunCancel(View):
    """The end of a sync."""

    shape, scope = SyncRunShape, models.Scope.SYNC

    @extend_schema(
        operation_id="cancel_sync_run", request=None, responses={202: SyncRunShape, **problems(400, 404, 409)}
    )
    def post(self, request: Request, pk: int) -> Response:
        """Cancel a sync: at once when it is queued, else as soon as its worker notices. What was recorded stays."""
        _nothing_in(request)
        run = _run(request, pk)
        if run.project is None:
            access.require_operator(request.user)
        else:
            access.require(request.user, run.project, models.Role.MANAGER, models.Scope.SYNC)
        if not cancel(run):
            run.refresh_from_db()
            raise Conflict(f"It is over: {run.state}.")
        run.refresh_from_db()
        servicelog.note(request.user, "sync.cancelled", f"sync {run.pk}", project=run.project)
        return _accepted(run)


class Sources(View):
    """All sources."""

    shape = SourceShape

    @extend_schema(
        operation_id="sources",
        parameters=[LIMIT, CURSOR, FIELDS],
        responses=listed(SourceShape),
    )
    def get(self, request: Request) -> Response:
        """Sources with their projects, as far as you see those, by id. Keys are never shown."""
        query = query_of(request)
        if wrong := check_keys(query, ("limit", "cursor", "fields")):
            raise WrongRequest(*wrong)
        visible = access.projects(request.user)
        within: list[Condition] = [("kind <> %s", (access.SERVICE,))]
        if not access.operates(request.user):
            within.append(("id = ANY(%s)", (sorted(set(visible.values_list("source_id", flat=True))),)))
        scan = Scan("audit_source", ("id",), ("id",), within=tuple(within), newest_first=False)
        page = read(scan, limit_of(query, 50), query.get("cursor"))
        found = models.Source.objects.prefetch_related(
            Prefetch("projects", visible.prefetch_related("schedules").order_by("id"))
        ).in_bulk([row["id"] for row in page.rows])
        rows = [found[row["id"]] for row in page.rows]
        return self.page(request, Listed.of(page, rows, keyset.count(scan)))


def _run(request: Request, pk: int) -> models.SyncRun:
    run = models.SyncRun.objects.select_related("project").filter(pk=min(pk, 2**62)).first()
    if run is None or not access.sees(request.user, run.project_id):
        raise Http404(f"There is no sync {pk}.")
    return run


def _accepted(run: models.SyncRun) -> Response:
    """202: the run, and where it is."""
    address = reverse("api-sync-run", args=[run.pk])
    return Response(SyncRunShape(run).data, status=202, headers={"Location": address, "Retry-After": LATER})


def _nothing_in(request: Request) -> None:
    if wrong := check_keys(query_of(request), []):
        raise WrongRequest(*wrong)
