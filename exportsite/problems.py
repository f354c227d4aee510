"""What is wrong with a request, said the same way on pages and in the API (RFC 9457 problem details)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Any

from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from rest_framework import exceptions
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from exportsite.nearest import nearest

MEDIA_TYPE = "application/problem+json"
_WORDS: dict[type[exceptions.APIException], str] = {
    exceptions.UnsupportedMediaType: "Send the body as application/json."
}
"""What Django REST framework says less well."""


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One thing wrong: where (`field`), for programs (`code`), for people (`text`), and the nearest that would do."""

    field: str
    code: str
    text: str
    nearest: str | None = None


class WrongRequest(BadRequest):
    """A request that can't be answered as it was asked; `problems` names each reason. Status 400."""

    def __init__(self, *problems: FieldProblem) -> None:
        super().__init__(_sentences([problem.text for problem in problems]))
        self.problems = problems


def unknown(field: str, value: str, what: str, known: Iterable[str]) -> FieldProblem:
    """The problem of a value that is none of the known ones: it names the nearest, or lists a few."""
    known = list(known)
    near = nearest(value, known)
    if near:
        hint = f"Did you mean “{near}”?"
    else:
        hint = "Known: " + ", ".join(known[:12]) + (", …" if len(known) > 12 else "") + "." if known else ""
    return FieldProblem(field, "unknown", f"{what} “{value[:100]}” is not known. {hint}".rstrip(), near)


def check_keys(query: Mapping[str, Any], known: Iterable[str]) -> list[FieldProblem]:
    """A problem for each key of a query string that the address does not know."""
    known = list(known)
    return [unknown(key, key, "The query key", known) for key in query if key not in known]


def body(status: int, detail: str, problems: Iterable[FieldProblem] = ()) -> dict[str, Any]:
    """The members of a problem document."""
    return {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "errors": [asdict(problem) for problem in problems],
    }


def _sentences(texts: Sequence[str]) -> str:
    """Several texts as one; a single one stays as it is."""
    if len(texts) == 1:
        return texts[0]
    return " ".join(text if text.endswith((".", "?", "!")) else f"{text}." for text in texts)


def handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Django REST framework's exception handler: every error of the API is a problem document."""
    headers: dict[str, str] = {}
    problems: Iterable[FieldProblem] = ()
    if isinstance(error, WrongRequest):
        status, detail, problems = 400, str(error), error.problems
    elif isinstance(error, Http404):
        status, detail = 404, str(error) or "There is nothing at this address."
    elif isinstance(error, PermissionDenied):
        status, detail = 403, str(error) or "You may not see this."
    elif isinstance(error, exceptions.APIException):
        status, problems = error.status_code, list(_problems_of(error))
        detail = _sentences([problem.text for problem in problems]) or _WORDS.get(type(error), str(error.detail))
        if wait := getattr(error, "wait", None):
            headers["Retry-After"] = str(int(wait))
        if challenge := getattr(error, "auth_header", None):
            headers["WWW-Authenticate"] = challenge
    else:
        return None
    if (request := context.get("request")) is not None:
        # Of an address that answers text or bytes as well, problems are JSON all the same.
        request.accepted_renderer, request.accepted_media_type = JSONRenderer(), JSONRenderer.media_type
    return Response(body(status, detail, problems), status=status, headers=headers, content_type=MEDIA_TYPE)


def _problems_of(error: exceptions.APIException) -> Iterable[FieldProblem]:
    """A validation error's fields, flattened: `filters.from` for a value inside another."""
    if isinstance(error, exceptions.ValidationError):
        yield from _flat("", error.detail)


def _flat(path: str, detail: Any) -> Iterable[FieldProblem]:
    if isinstance(detail, Mapping):
        for key, inner in detail.items():
            yield from _flat(f"{path}.{key}" if path else str(key), inner)
    elif isinstance(detail, list):
        for inner in detail:
            yield from _flat(path, inner)
    else:
        yield FieldProblem(path, getattr(detail, "code", "invalid"), f"{path}: {detail}" if path else str(detail))


TITLES = {
    400: "This request can’t be answered as it was asked",
    403: "You may not see this",
    404: "There is nothing at this address",
    500: "This page could not be made",
}
TEXTS = {
    403: "The request was refused. If you sent a form, open the page again and send it from there.",
    404: "What you look for was never here, or the address is not complete.",
    500: "The fault is on our side and has been written to the server’s log. The record itself is not affected.",
}


def _answer(request: HttpRequest, status: int, detail: str, problems: Iterable[FieldProblem] = ()) -> HttpResponse:
    if request.path.startswith("/api/"):
        return JsonResponse(body(status, detail, problems), status=status, content_type=MEDIA_TYPE)
    context = {"title": TITLES[status], "detail": detail, "problems": problems, "path": request.path}
    return render(request, f"{status}.html", context, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler400."""
    if isinstance(exception, WrongRequest):
        return _answer(request, 400, str(exception), exception.problems)
    return _answer(request, 400, "The request is malformed.")


def forbidden(request: HttpRequest, exception: Exception | None = None, reason: str = "") -> HttpResponse:
    """Django's handler403, and its view of a failed check against forged forms (CSRF_FAILURE_VIEW)."""
    return _answer(request, 403, str(exception or "") or TEXTS[403])


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler404."""
    told = exception.args[0] if exception.args and isinstance(exception.args[0], str) else ""
    return _answer(request, 404, told or TEXTS[404])


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler500."""
    return _answer(request, 500, TEXTS[500])
