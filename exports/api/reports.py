"""Reports over the API: asking, looking, signing, downloading (docs/contracts.md section 6)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

from django.http import HttpResponseBase
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from audit import access
from audit.api.base import FIELDS, RUNS, listed, only, problems, query_of
from audit.signin import Refused
from exports import models, noted
from exports.api import serializers as shapes
from exports.api.asked import project_asked, task_asked
from exports.api.base import RANGES, FileView, Over, ProductView, Resting, file_answers
from exports.reports.definition import Options
from exports.reports.service import request_report
from exports.signing import NotSignable, sign_report, signatures_of
from exportsite import bodies
from exportsite.once import KEY, once
from exportsite.problems import FieldProblem, WrongRequest, unknown


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
        project = project_asked(request, body["project"])
        report = request_report(
            project,
            task_asked(project, body["task"]) if "task" in body else None,
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
        return self.run(request, self.run_of(request, pk))


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
                raise Resting(problem.text, (problem.until - timezone.now()).total_seconds()) from None
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
