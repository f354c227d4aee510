"""Exports and reports over the API (docs/contracts.md section 6)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

from django.http import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from audit import access
from audit.api.base import FIELDS, RUNS, listed, only, problems, query_of
from audit.models import Project, Role, Scope, Task
from audit.signin import Refused
from exports import models, noted
from exports.api import serializers as shapes
from exports.api.base import FileView, Over, ProductView, Resting
from exports.reports.definition import Options
from exports.reports.service import request_report
from exports.run import request_export
from exports.signing import NotSignable, sign_report, signatures_of
from exports.wanted import MOST_PROJECTS
from exportsite import bodies
from exportsite.once import KEY, once
from exportsite.problems import FieldProblem, WrongRequest, unknown

RANGES = [
    OpenApiParameter("Range", OpenApiTypes.STR, OpenApiParameter.HEADER, description="One part of it, in bytes."),
    OpenApiParameter(
        "If-Range", OpenApiTypes.STR, OpenApiParameter.HEADER, description="`Range` counts for the file with this ETag."
    ),
    OpenApiParameter(
        "If-None-Match", OpenApiTypes.STR, OpenApiParameter.HEADER, description="ETags of what one has already."
    ),
]
"""What a download takes."""


def file_answers(*kinds: str) -> dict[Any, Any]:
    """The answers of a download, which is one of these media types."""
    whole = {(200, kind): OpenApiResponse(OpenApiTypes.BINARY, description="The file.") for kind in kinds}
    part = {(206, kind): OpenApiResponse(OpenApiTypes.BINARY, description="A part of it.") for kind in kinds}
    return {**whole, **part, 304: OpenApiResponse(description="You have it already."), **problems(400, 404, 410, 416)}


class Exports(ProductView):
    """All exports."""

    model, shape = models.Export, shapes.Export

    @extend_schema(operation_id="exports", parameters=RUNS, responses=listed(shapes.Export))
    def get(self, request: Request) -> Response:
        """Exports, the newest first."""
        return self.listed(request)

    @extend_schema(
        operation_id="create_export",
        parameters=[KEY],
        request=shapes.ExportRequest,
        responses={202: shapes.Export, **problems(400, 422)},
    )
    def post(self, request: Request) -> Response:
        """Ask for an export. A worker makes it; `Location` is where to look how far it is."""
        return self.accepted(once(request, models.Export, lambda: self._asked(request)))

    def _asked(self, request: Request) -> models.Export:
        only(query_of(request))
        fields: dict[str, bodies.Kind] = {"project": int, "projects": list, "format": str, "parameters": dict}
        fields |= {"filters": dict, "as_of": (int, list), "name": str, "strict": bool}
        body = bodies.read(request, fields, "format")
        projects = [_project(request, pk) for pk in _named(body)]
        export = request_export(
            projects,
            body["format"],
            parameters=body.get("parameters"),
            filters=body.get("filters"),
            as_of=_whole_numbers("as_of", body["as_of"]) if "as_of" in body else None,
            name=body.get("name", ""),
            strict=body.get("strict", False),
            created_by=access.name_of(request.user),
        )
        noted.requested(request.user, export)
        return export


class Export(ProductView):
    """One export."""

    model, shape = models.Export, shapes.Export

    @extend_schema(operation_id="export", parameters=[FIELDS], responses={200: shapes.Export, **problems(400, 404)})
    def get(self, request: Request, pk: UUID) -> Response:
        """An export: how far it is, and its files once it has succeeded."""
        return self.one(request, self.run_of(request, pk))


class ExportCancel(ProductView):
    """The end of an export."""

    model, shape = models.Export, shapes.Export

    @extend_schema(
        operation_id="cancel_export", request=None, responses={202: shapes.Export, **problems(400, 404, 409)}
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """Cancel an export: at once when it is queued, else as soon as its worker notices."""
        only(query_of(request))
        return self.cancelled(request, pk)


class ExportAgain(ProductView):
    """An export once more."""

    model, shape = models.Export, shapes.Export

    @extend_schema(
        operation_id="repeat_export",
        parameters=[KEY],
        request=None,
        responses={202: shapes.Export, **problems(400, 404, 422)},
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """Ask for the same export once more, of the same state of the log: another run, whatever became of this one."""
        only(query_of(request))
        return self.repeated(request, pk)


class ExportFile(FileView):
    """A file of an export."""

    model = models.Export

    @extend_schema(
        operation_id="export_file",
        parameters=RANGES,
        responses=file_answers("application/zip", "application/octet-stream"),
    )
    def get(self, request: Request, pk: UUID, name: str) -> HttpResponseBase:
        """A file of an export; its ETag is its SHA-256."""
        return self.send(request, pk, name)


class ReportView(ProductView):
    """A view of reports, with who signed them."""

    model, shape = models.Report, shapes.Report

    def shaped_rows(self, request: Request, rows: Sequence[Any]) -> list[Any]:
        signed = signatures_of([report.pk for report in rows])
        for report in rows:
            report.signed = signed.get(report.pk, [])
        return super().shaped_rows(request, rows)


class Reports(ReportView):
    """All reports."""

    @extend_schema(operation_id="reports", parameters=RUNS, responses=listed(shapes.Report))
    def get(self, request: Request) -> Response:
        """Reports, the newest first."""
        return self.listed(request)

    @extend_schema(
        operation_id="create_report",
        parameters=[KEY],
        request=shapes.ReportRequest,
        responses={202: shapes.Report, **problems(400, 422)},
    )
    def post(self, request: Request) -> Response:
        """Ask for a report. A worker makes it; `Location` is where to look how far it is."""
        return self.accepted(once(request, models.Report, lambda: self._asked(request)))

    def _asked(self, request: Request) -> models.Report:
        only(query_of(request))
        fields = {"project": int, "task": int, "as_of": int, "redact": bool, "paper": str, "filters": dict}
        body = bodies.read(request, fields, "project")
        paper = body.get("paper", "a4")
        if paper not in ("a4", "letter"):
            raise WrongRequest(unknown("paper", paper, "The paper", ("a4", "letter")))
        project = _project(request, body["project"])
        report = request_report(
            project,
            _task(project, body["task"]) if "task" in body else None,
            as_of=body.get("as_of"),
            options=Options(redact=body.get("redact", False), paper=paper, filters=body.get("filters", {})),
            created_by=access.name_of(request.user),
        )
        noted.requested(request.user, report)
        return report


class Report(ReportView):
    """One report."""

    @extend_schema(operation_id="report", parameters=[FIELDS], responses={200: shapes.Report, **problems(400, 404)})
    def get(self, request: Request, pk: UUID) -> Response:
        """A report: how far it is, and its file once it has succeeded."""
        return self.one(request, self.run_of(request, pk))


class ReportCancel(ReportView):
    """The end of a report."""

    @extend_schema(
        operation_id="cancel_report", request=None, responses={202: shapes.Report, **problems(400, 404, 409)}
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """Cancel a report: at once when it is queued, else as soon as its worker notices."""
        only(query_of(request))
        return self.cancelled(request, pk)


class ReportAgain(ReportView):
    """A report once more."""

    @extend_schema(
        operation_id="repeat_report",
        parameters=[KEY],
        request=None,
        responses={202: shapes.Report, **problems(400, 404, 422)},
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """Ask for the same report once more, of the same state of the log: another run, whatever became of this one."""
        only(query_of(request))
        return self.repeated(request, pk)


class ReportSign(ReportView):
    """A signature under a report."""

    @extend_schema(
        operation_id="sign_report",
        request=shapes.SignRequest,
        responses={200: shapes.Report, **problems(400, 404, 409, 429)},
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """Sign a report that succeeded. The user's password is needed each time: a token alone signs nothing.

        The signature is an event of the project's log, bound to the SHA-256 of every file of the report.
        """
        only(query_of(request))
        report = cast(models.Report, self.run_of(request, pk))
        body = bodies.read(request, {"meaning": str, "password": str})
        try:
            sign_report(request._request, report, meaning=body.get("meaning", ""), password=body.get("password", ""))
        except NotSignable as problem:
            raise Over(str(problem)) from None
        except Refused as problem:
            if problem.until is not None:
                raise Resting(problem.text) from None
            raise WrongRequest(FieldProblem("password", "wrong", problem.text)) from None
        return self.shaped(request, report)


class ReportFile(FileView):
    """A file of a report."""

    model = models.Report

    @extend_schema(
        operation_id="report_file",
        parameters=RANGES,
        responses=file_answers("application/pdf", "application/zip"),
    )
    def get(self, request: Request, pk: UUID, name: str) -> HttpResponseBase:
        """A file of a report: its PDF, a volume of its listing, or the proof beside it. Its ETag is its SHA-256."""
        return self.send(request, pk, name)


def _named(body: dict[str, Any]) -> list[int]:
    """The projects that the body names: one as `project`, or several as `projects`."""
    if ("project" in body) == ("projects" in body):
        text = "“project” (a whole number) or “projects” (a list of them) is missing: give one of the two."
        if "project" in body:
            text = "“project” and “projects” both say of what it is: give one of the two."
        raise WrongRequest(FieldProblem("project", "required" if "project" not in body else "invalid", text))
    if "project" in body:
        return [body["project"]]
    if not body["projects"]:
        raise WrongRequest(FieldProblem("projects", "required", "“projects” is empty: name at least one."))
    return _whole_numbers("projects", body["projects"])


def _whole_numbers(name: str, value: object) -> list[int]:
    """The whole numbers of a member; WrongRequest when one of them is none."""
    items: list[Any] = value if isinstance(value, list) else [value]
    for item in items[: MOST_PROJECTS + 1]:
        if type(item) is not int or not 0 <= item < 2**62:
            said = json.dumps(item, ensure_ascii=False)[:100]
            raise WrongRequest(FieldProblem(name, "invalid", f"“{name}” has {said}, which is no whole number."))
    if len(items) > MOST_PROJECTS:
        text = f"“{name}” names {len(items)}; at most {MOST_PROJECTS} projects go into one export."
        raise WrongRequest(FieldProblem(name, "too_many", text))
    return items


def _project(request: Request, pk: int) -> Project:
    """The project, of which the user may ask for exports and reports."""
    found = Project.objects.filter(pk=pk).first()
    if found is None or not access.sees(request.user, pk):
        raise WrongRequest(FieldProblem("project", "unknown", f"There is no project {pk}."))
    access.require(request.user, found, Role.MANAGER, Scope.EXPORT)
    return found


def _task(project: Project, pk: int) -> Task:
    found = Task.objects.filter(pk=pk, project=project).first()
    if found is None:
        raise WrongRequest(FieldProblem("task", "unknown", f"The project {project.pk} has no task {pk}."))
    return found
