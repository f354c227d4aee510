"""Inside a finished export: its rows (NDJSON), and what was skipped or changed (docs/contracts.md section 6)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core import signing
from django.http import Http404, HttpResponseBase, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from audit.api.base import CURSOR, FIELDS, LIMIT, listed, problems, query_of, whole
from audit.queries.asked import limit_of
from audit.queries.records import Listed
from exports import models, noted
from exports.api.base import AnyType, Gone, Over, ProductView
from exports.files import is_kept_here
from exports.inside import ERRORS, of_errors
from exports.members import UNREADABLE, Place, TooMany, first, rows_from
from exports.models.product import Product
from exportsite.jobs import State
from exportsite.keyset import Count
from exportsite.problems import FieldProblem, WrongRequest, check_keys, unknown

_NOT_ROWS = (ERRORS, "files.ndjson")
FAR = 2**53 - 1


@extend_schema_serializer(component_name="SkippedItem")
class SkippedShape(serializers.Serializer[Any]):
    """An item that was left out of an export, or was written with a change."""

    asset = serializers.CharField(allow_null=True, help_text="What it belongs to: a task, a file.")
    label = serializers.CharField(allow_null=True)  # type: ignore[assignment]  # a field of ours
    job = serializers.CharField(allow_null=True)
    annotation = serializers.CharField(allow_null=True)
    code = serializers.CharField(help_text="The reason, for programs.")
    text = serializers.CharField(help_text="The reason, for people.")


class ExportRows(ProductView):
    """The rows of an export."""

    model = models.Export
    content_negotiation_class = AnyType

    @extend_schema(
        operation_id="export_rows",
        parameters=[
            OpenApiParameter("line", OpenApiTypes.INT, description="Begin with this row, counted from 0."),
            OpenApiParameter("offset", OpenApiTypes.INT, description="Begin with the first row at this byte or later."),
            OpenApiParameter("limit", OpenApiTypes.INT, description="So many rows; all of them, if not given."),
            OpenApiParameter(
                "file", OpenApiTypes.STR, description="Which NDJSON file of the export; the first, if not given."
            ),
        ],
        responses={
            (200, "application/x-ndjson"): OpenApiResponse(OpenApiTypes.STR, description="A JSON value a line."),
            **problems(400, 404, 409, 410),
        },
    )
    def get(self, request: Request, pk: UUID) -> HttpResponseBase:
        """Rows of an export that has NDJSON files (`trail` with `encoding=ndjson`), from any row or byte on."""
        query = query_of(request)
        wrong = check_keys(query, ("line", "offset", "limit", "file"))
        if "line" in query and "offset" in query:
            wrong.append(FieldProblem("offset", "invalid", "“line” and “offset” both say where to begin: give one."))
        if wrong:
            raise WrongRequest(*wrong)
        line = whole(query, "line", FAR, "from 0") if "line" in query else 0
        offset = whole(query, "offset", FAR, "from 0, in bytes") if "offset" in query else None
        limit = whole(query, "limit", FAR, "from 1", low=1) if "limit" in query else None
        run = _finished(self.run_of(request, pk))
        with ExitStack() as stack:
            blocks = stack.enter_context(
                _inside(run, lambda names: [_chosen(run, names, query.get("file"))], line, offset)
            )
            noted.downloaded(request.user, run, _archive(run)[0].name)
            blocks = blocks if limit is None else first(blocks, limit)
            response = StreamingHttpResponse(
                _until_the_end(blocks, stack.pop_all()), content_type="application/x-ndjson"
            )
        response["Cache-Control"] = "private, no-cache"
        return response


class ExportErrors(ProductView):
    """What an export left out."""

    model, shape = models.Export, SkippedShape

    @extend_schema(
        operation_id="export_errors",
        parameters=[LIMIT, CURSOR, FIELDS],
        responses={**listed(SkippedShape), **problems(400, 404, 409, 410)},
    )
    def get(self, request: Request, pk: UUID) -> Response:
        """Items that could not be written, or were written with a change, in the order of the export."""
        query = query_of(request)
        if wrong := check_keys(query, ("limit", "cursor", "fields")):
            raise WrongRequest(*wrong)
        limit, start = limit_of(query, 50), _start(query.get("cursor"), pk)
        run = _finished(self.run_of(request, pk))
        with _inside(run, of_errors, start, None) as blocks:
            found = b"".join(first(blocks, limit + 1)).splitlines()
            rows = [json.loads(line) for line in found]
        more = len(rows) > limit
        onward = _signer().sign_object([str(pk), start + limit]) if more else None
        count = Count(start + len(rows), not more)
        return self.page(request, Listed(rows[:limit], onward, None, False, count))


def _finished(run: Product) -> Product:
    if run.state != State.SUCCEEDED:
        raise Over(f"It has no rows: its state is {run.state}.")
    return run


def _archive(run: Product) -> tuple[Path, str]:
    """The run's zip, where it is kept here, and its SHA-256."""
    found = next((file for file in run.files if file["name"].endswith(".zip")), None)
    if found is None or not is_kept_here(Path(found["path"])):
        raise Http404("A command wrote this file to a place of its own; it is not kept here.")
    return Path(found["path"]), found["sha256"]


@contextmanager
def _inside(
    run: Product, choose: Callable[[list[str]], list[str]], line: int, offset: int | None
) -> Iterator[Iterator[bytes]]:
    """Rows of members of the run's archive, in blocks, from a line on, or from a byte on where one is given.

    Gone when the archive is not kept, 409 when it can't be looked into here.
    """
    path, sha256 = _archive(run)
    place = Place(sha256, line=line) if offset is None else Place(sha256, byte=offset)
    with ExitStack() as stack:
        try:
            yield stack.enter_context(rows_from(path, choose, place))
        except FileNotFoundError:
            raise Gone from None
        except TooMany:
            raise Over("The archive has too many files to look into it here: download it.") from None
        except UNREADABLE:
            raise Over("The archive can't be read here: it is not as it was published. Verify it.") from None


def _chosen(run: Product, names: list[str], wanted: str | None) -> str:
    """The NDJSON file of the archive that is asked for."""
    having = [name for name in names if name.endswith(".ndjson") and name.rpartition("/")[2] not in _NOT_ROWS]
    if not having:
        raise Http404(f"The export {run.pk} has no NDJSON file, so no rows: download its file.")
    if wanted and wanted not in having:
        raise WrongRequest(unknown("file", wanted, "The file", having))
    return wanted or having[0]


def _until_the_end(blocks: Iterator[bytes], stack: ExitStack) -> Iterator[bytes]:
    with stack:
        yield from blocks


def _signer() -> signing.Signer:
    return signing.Signer(salt="labeltrail.errors")


def _start(cursor: str | None, pk: UUID) -> int:
    """The line that a cursor of this export's errors names."""
    if not cursor:
        return 0
    try:
        of, start = _signer().unsign_object(cursor)
    except (signing.BadSignature, ValueError):
        of, start = "", 0
    if of != str(pk):
        text = "The cursor is not one of this list: start again from the first page."
        raise WrongRequest(FieldProblem("cursor", "invalid", text))
    return int(start)
