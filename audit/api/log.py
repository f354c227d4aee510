"""A project's log for programs that check it: checkpoint, proofs, tiles (C2SP tlog-tiles)."""

from __future__ import annotations

import base64
import re

from django.http import Http404, HttpResponse, HttpResponseBase, QueryDict
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit import access, servicelog
from audit.api import serializers as shapes
from audit.api.base import FIELDS, LIMIT, View, listed, only, problems, query_of, whole
from audit.log import merkle, proof
from audit.log.checkpoint import vkey
from audit.models import Event, Log
from audit.queries import logs
from audit.queries.asked import limit_of
from exportsite.keyset import Count

_TILE = re.compile(r"(?P<level>[0-5]?\d|6[0-3])/(?P<index>(?:x\d{3}/){0,5}\d{3})(?:\.p/(?P<width>[1-9]\d{0,2}))?")


class _Text(BaseRenderer):
    """Lets a client ask for text; the view answers it itself."""

    media_type = "text/plain"
    format = "text"


class _Bytes(BaseRenderer):
    """Lets a client ask for bytes; the view answers them itself."""

    media_type = "application/octet-stream"
    format = "bytes"


class LatestCheckpoint(APIView):
    """The newest checkpoint."""

    renderer_classes = (JSONRenderer, _Text)

    @extend_schema(
        operation_id="log_checkpoint",
        responses={(200, "text/plain"): OpenApiTypes.STR, **problems(400, 404)},
    )
    def get(self, request: Request, pk: int) -> HttpResponseBase:
        """The newest checkpoint: a signed note (C2SP tlog-checkpoint)."""
        only(query_of(request))
        newest = logs.newest_checkpoint(access.project(request.user, pk).log)
        if newest is None:
            raise Http404("This log has no checkpoint yet.")
        return HttpResponse(newest.note, content_type="text/plain; charset=utf-8")


class VerifierKey(APIView):
    """The key that the log is checked with."""

    renderer_classes = (JSONRenderer, _Text)

    @extend_schema(
        operation_id="log_key",
        responses={(200, "text/plain"): OpenApiTypes.STR, **problems(400, 404)},
    )
    def get(self, request: Request, pk: int) -> HttpResponseBase:
        """The log's verifier key (C2SP signed-note), for `verify.py --key`. Compare it with one got another way."""
        only(query_of(request))
        key = vkey(access.project(request.user, pk).log)
        return HttpResponse(f"{key}\n", content_type="text/plain; charset=utf-8")


class Entries(View):
    """The log, entry by entry."""

    shape = shapes.Event

    @extend_schema(
        operation_id="log_entries",
        parameters=[
            OpenApiParameter("from", OpenApiTypes.INT, description="Begin with this index; 0, if not given."),
            LIMIT,
            FIELDS,
        ],
        responses=listed(shapes.Event),
    )
    def get(self, request: Request, pk: int) -> Response:
        """The log's entries by index. `from` the size that one knows, it tells what is new; `next` is null at the end.

        An entry's hash is SHA-256 of a zero byte and the bytes of `envelope`. `count` is of the entries from there on.
        """
        project = access.project(request.user, pk)
        query = query_of(request)
        only(query, "from", "limit", "fields")
        size = project.log.size
        start = whole(query, "from", size, f"from 0 to {size}, the size of the log") if query.get("from") else 0
        limit = limit_of(query, 50)
        servicelog.viewed(request.user, project, f"events of project {pk}")
        end = min(size, start + limit)
        rows = logs.entries(project, start, end)
        onward = {"from": str(end)} if end < size else None
        return self.page_at(request, rows, onward, Count(size - start, True))


class Inclusion(View):
    """Proof that an entry is in the log."""

    shape = shapes.InclusionProof

    @extend_schema(
        operation_id="log_inclusion_proof",
        parameters=[
            OpenApiParameter("index", OpenApiTypes.INT, required=True, description="Of the entry, from 0."),
            OpenApiParameter(
                "size", OpenApiTypes.INT, description="Of the tree; the newest checkpoint's if not given."
            ),
            FIELDS,
        ],
        responses={200: shapes.InclusionProof, **problems(400, 404)},
    )
    def get(self, request: Request, pk: int) -> Response:
        """The audit path of an entry."""
        log = access.project(request.user, pk).log
        query = query_of(request)
        only(query, "index", "size", "fields")
        size = _size(query, "size", log, _default_size(log))
        index = whole(query, "index", size - 1, f"from 0 to {size - 1}, since the tree has {size} entries")
        envelope = Event.objects.values_list("envelope", flat=True).get(pk=log.event_id(index))
        path = merkle.inclusion_proof(index, size, proof.tile_reader(log))
        return self.shaped(
            request,
            {
                "index": index,
                "size": size,
                "leaf": _b64(merkle.leaf_hash(bytes(envelope))),
                "root": _b64(proof.root_at(log, size)),
                "path": [_b64(node) for node in path],
            },
        )


class Consistency(View):
    """Proof that the log only grew."""

    shape = shapes.ConsistencyProof

    @extend_schema(
        operation_id="log_consistency_proof",
        parameters=[
            OpenApiParameter("from", OpenApiTypes.INT, required=True, description="Size that is known."),
            OpenApiParameter("to", OpenApiTypes.INT, description="Later size; the newest checkpoint's if not given."),
            FIELDS,
        ],
        responses={200: shapes.ConsistencyProof, **problems(400, 404)},
    )
    def get(self, request: Request, pk: int) -> Response:
        """The proof that the log of size `from` is the beginning of that of size `to`."""
        log = access.project(request.user, pk).log
        query = query_of(request)
        only(query, "from", "to", "fields")
        new = _size(query, "to", log, _default_size(log))
        old = whole(query, "from", new, f"from 1 to {new}, the later size", low=1)
        path = merkle.consistency_proof(old, new, proof.tile_reader(log))
        return self.shaped(
            request,
            {
                "from_size": old,
                "to_size": new,
                "from_root": _b64(proof.root_at(log, old)),
                "to_root": _b64(proof.root_at(log, new)),
                "path": [_b64(node) for node in path],
            },
        )


class Tile(APIView):
    """Hashes of the log's tree."""

    renderer_classes = (JSONRenderer, _Bytes)

    @extend_schema(
        operation_id="log_tile",
        parameters=[OpenApiParameter("path", OpenApiTypes.STR, OpenApiParameter.PATH, description="`0/x001/067.p/12`")],
        responses={
            (200, "application/octet-stream"): OpenApiResponse(OpenApiTypes.BINARY, description="32 bytes a hash."),
            **problems(400, 404),
        },
    )
    def get(self, request: Request, pk: int, path: str) -> HttpResponseBase:
        """A tile: `<level>/<index path>`, a partial one with `.p/<width>` (C2SP tlog-tiles)."""
        log = access.project(request.user, pk).log
        only(query_of(request))
        found = _TILE.fullmatch(path)
        if found is None:
            raise Http404("A tile's address is <level>/<index path>, such as 0/x001/067 or 0/067.p/12.")
        level, index = int(found["level"]), int(found["index"].replace("x", "").replace("/", ""))
        width = int(found["width"] or merkle.TILE_WIDTH)
        hashes = log.size >> merkle.TILE_HEIGHT * level
        canonical = width <= merkle.TILE_WIDTH and f"tile/{path}" == merkle.tile_path(level, index, width)
        if not canonical or index * merkle.TILE_WIDTH + width > hashes:
            raise Http404(f"This log has {log.size} entries; there is no such tile in it.")
        data = proof.tile_reader(log)(level, index, width)
        response = HttpResponse(data, content_type="application/octet-stream")
        response["Cache-Control"] = "max-age=31536000, immutable"
        return response


def _default_size(log: Log) -> int:
    newest = logs.newest_checkpoint(log)
    return newest.size if newest and newest.size else log.size


def _size(query: QueryDict, name: str, log: Log, otherwise: int) -> int:
    if not log.size:
        raise Http404("This log has no entry yet.")
    if name not in query:
        return otherwise
    return whole(query, name, log.size, f"from 1 to {log.size}, the size of the log", low=1)


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()
