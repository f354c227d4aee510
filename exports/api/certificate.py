"""The certificate of an export, made when it is asked for (docs/reports.md)."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django.http import HttpResponse, HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request

from audit.api.base import only, problems, query_of
from exports import models, noted
from exports.api.base import AnyType, Gone, Over, ProductView
from exports.reports.certificate import SUFFIX, pdf_of
from exports.reports.definition import Paper
from exportsite.jobs import RunFailed, State
from exportsite.problems import WrongRequest, unknown

PAPERS: tuple[Paper, ...] = ("a4", "letter")


class ExportCertificate(ProductView):
    """The certificate of an export."""

    model = models.Export
    content_negotiation_class = AnyType

    @extend_schema(
        operation_id="export_certificate",
        parameters=[OpenApiParameter("paper", OpenApiTypes.STR, enum=PAPERS, description="Its size; A4 if not given.")],
        responses={
            (200, "application/pdf"): OpenApiResponse(OpenApiTypes.BINARY, description="A PDF of one page."),
            **problems(400, 404, 409, 410),
        },
    )
    def get(self, request: Request, pk: UUID) -> HttpResponseBase:
        """One page that binds the export's file to a checkpoint of its log. The file is hashed and checked first."""
        query = query_of(request)
        only(query, "paper")
        asked = query.get("paper", "a4")
        paper = next((one for one in PAPERS if one == asked), None)
        if paper is None:
            raise WrongRequest(unknown("paper", asked, "The paper", PAPERS))
        export = cast(models.Export, self.run_of(request, pk))
        if export.state != State.SUCCEEDED:
            raise Over(f"It has no file to certify: its state is {export.state}.")
        try:
            data = pdf_of(export, paper)
        except RunFailed as problem:
            raise (Gone() if problem.code == "gone" else Over(str(problem))) from None
        except WrongRequest as problem:
            raise Over(str(problem)) from None
        name = export.files[0]["name"] + SUFFIX
        noted.downloaded(request.user, export, name)
        response = HttpResponse(data, content_type="application/pdf")
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        response["Cache-Control"] = "private, no-store"
        return response
