"""Exports over the API: asking, looking, cancelling, downloading (docs/contracts.md section 6)."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from audit import access
from audit.api.base import FIELDS, RUNS, listed, only, problems, query_of
from exports import models, noted
from exports.api import serializers as shapes
from exports.api.asked import project_asked, projects_named, whole_numbers
from exports.api.base import RANGES, FileView, ProductView, file_answers
from exports.run import request_export
from exportsite import bodies
from exportsite.once import KEY, once


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
        projects = [project_asked(request, pk) for pk in projects_named(body)]
        export = request_export(
            projects,
            body["format"],
            parameters=body.get("parameters"),
            filters=body.get("filters"),
            as_of=whole_numbers("as_of", body["as_of"]) if "as_of" in body else None,
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
        return self.run(request, self.run_of(request, pk))


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
