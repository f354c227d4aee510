"""A file as an answer: whole, a part of it (Range), or the word that the client has it already (RFC 9110)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse

from exportsite.problems import MEDIA_TYPE, body

BLOCK = 1 << 18
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


def answer(request: HttpRequest, file: IO[bytes], *, name: str, size: int, etag: str, kind: str) -> HttpResponseBase:
    """Send an open file, and close it. `etag` is without its quotation marks and never comes with other bytes.

    One range is answered with 206; several, or units other than bytes, with the whole file, as the RFC allows.
    """
    tag = f'"{etag}"'
    response: HttpResponseBase
    if _has(request.headers.get("If-None-Match", ""), tag):
        file.close()
        response = HttpResponse(status=304)
    else:
        response = _body(file, size, _range(request, tag, size), kind)
        if response.status_code == 416:
            return response
        response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    response["ETag"] = tag
    response["Accept-Ranges"] = "bytes"
    response["Cache-Control"] = "private, no-cache"
    return response


def _body(file: IO[bytes], size: int, part: tuple[int, int] | None, kind: str) -> HttpResponseBase:
    if part == (0, 0) and size:
        file.close()
        told = body(416, f"The file has {size:,} bytes; there is nothing at the place that was asked for.")
        headers = {"Content-Range": f"bytes */{size}"}
        return JsonResponse(told, status=416, headers=headers, content_type=MEDIA_TYPE)
    start, end = part or (0, size)
    response = StreamingHttpResponse(_blocks(file, start, end), status=206 if part else 200, content_type=kind)
    response["Content-Length"] = str(end - start)
    if part:
        response["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    return response


def _range(request: HttpRequest, tag: str, size: int) -> tuple[int, int] | None:
    """The part that is asked for, from start to before end; (0, 0) when there is no such part; None: the whole."""
    found = _RANGE.fullmatch(request.headers.get("Range", "").strip())
    if found is None or found.group(0) == "bytes=-":
        return None
    if request.headers.get("If-Range", tag).strip() != tag:
        return None  # The client's part is of another file: it needs the whole one.
    first, last = found.groups()
    if not first:
        start, end = max(0, size - int(last)), size
    else:
        start, end = int(first), min(size, int(last) + 1) if last else size
        if last and int(last) < int(first):
            return None  # Not a range at all.
    return (start, end) if start < end else (0, 0)


def _has(header: str, tag: str) -> bool:
    """Whether the header names the tag, or any."""
    named = [word.strip().removeprefix("W/") for word in header.split(",")]
    return tag in named or "*" in named


def _blocks(file: IO[bytes], start: int, end: int) -> Iterator[bytes]:
    with file:
        file.seek(start)
        while start < end and (block := file.read(min(BLOCK, end - start))):
            start += len(block)
            yield block
