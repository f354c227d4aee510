"""What the API of exports and that of reports share: lists, one, cancel, files."""

from __future__ import annotations

import mimetypes
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any, ClassVar
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpResponseBase
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework.exceptions import APIException
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit.api.base import LATER, View, problems, query_of
from audit.models import Role, Scope
from audit.queries.runs import runs
from exports import access, noted
from exports.access import OF_PROJECT
from exports.again import ask_again
from exports.models import Export
from exports.models.product import Product
from exportsite.download import answer
from exportsite.jobs import cancel
from exportsite.once import once
from exportsite.problems import WrongRequest, check_keys

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


class Over(APIException):
    """The run can't be cancelled any more."""

    status_code = 409


class Resting(APIException):
    """Too many wrong passwords: none is looked at for `wait` seconds."""

    status_code = 429

    def __init__(self, text: str, wait: float) -> None:
        super().__init__(text)
        self.wait = max(1, wait)


class Gone(APIException):
    """The file was there once. The run's record stays."""

    status_code = 410
    default_detail = "This file is no longer kept. Its name, size and SHA-256 stay in the record; ask for it anew."


class ProductView(View):
    """A view of one kind of run that makes files."""

    model: ClassVar[type[Product]]

    scope = Scope.EXPORT

    def run_of(self, request: Request, pk: UUID) -> Product:
        """The run, or 404 when there is none that the user sees."""
        found = self.model._default_manager.filter(pk=pk).select_related("project").first()
        if found is None or not access.sees(request.user, found):
            raise Http404(f"There is no {self.model._meta.model_name} {pk}.")
        return found

    def listed(self, request: Request) -> Response:
        """A page of runs, the newest first."""
        visible, query = access.conditions(request.user, self.model), query_of(request)
        of = OF_PROJECT if self.model is Export else "project_id = %s"
        return self.page(
            request, runs(self.model, query, ("created_at", "id"), visible, also=["fields"], of_project=of)
        )

    def accepted(self, run: Product) -> Response:
        """202: the run, and where it is."""
        address = reverse(f"api-{self.model._meta.model_name}", args=[run.pk])
        return Response(self.shape(run).data, status=202, headers={"Location": address, "Retry-After": LATER})

    def cancelled(self, request: Request, pk: UUID) -> Response:
        """202: the run, which ends as soon as its worker notices; 409 when it is over."""
        run = self.run_of(request, pk)
        access.require(request.user, run, Role.MANAGER, Scope.EXPORT)
        if not cancel(run):
            run.refresh_from_db()
            raise Over(f"It is over: {run.state}.")
        run.refresh_from_db()
        noted.cancelled(request.user, run)
        return self.accepted(run)

    def repeated(self, request: Request, pk: UUID) -> Response:
        """202: a new run of the same."""
        run = self.run_of(request, pk)
        access.require(request.user, run, Role.MANAGER, Scope.EXPORT)
        return self.accepted(once(request, self.model, lambda: ask_again(request.user, run)))


class AnyType(BaseContentNegotiation):
    """Files are what they are, whatever the client says that it accepts."""

    def select_parser(self, request: Request, parsers: Iterable[Any]) -> Any:
        return next(iter(parsers))

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        return JSONRenderer(), JSONRenderer.media_type


class FileView(APIView):
    """A file of a run."""

    model: ClassVar[type[Product]]
    scope = Scope.EXPORT
    content_negotiation_class = AnyType

    def send(self, request: Request, pk: UUID, name: str) -> HttpResponseBase:
        """The file of this name."""
        if wrong := check_keys(query_of(request), []):
            raise WrongRequest(*wrong)
        run = self.model._default_manager.filter(pk=pk).select_related("project").first()
        seen = run is not None and access.sees(request.user, run)
        entry = next((file for file in run.files if file["name"] == name), None) if run is not None and seen else None
        if run is None or entry is None:
            raise Http404(f"There is no file {name} of the {self.model._meta.model_name} {pk}.")
        path = Path(entry["path"])
        if path.parent != Path(settings.LABELTRAIL_ARTEFACTS):
            raise Http404("A command wrote this file to a place of its own; it is not kept here.")
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        file = _opened(path)
        noted.downloaded(request.user, run, name)
        return answer(request._request, file, name=name, size=entry["bytes"], etag=entry["sha256"], kind=kind)


def _opened(path: Path) -> IO[bytes]:
    try:
        return path.open("rb")
    except FileNotFoundError:
        raise Gone from None
