"""The API's description, for programs (OpenAPI) and for people: a page that needs no JavaScript and nothing inline."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.views import SpectacularAPIView

from exportsite import reference


class SchemaView(SpectacularAPIView):
    """The OpenAPI description."""


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """Every operation: what it takes and answers, with examples and a call to copy."""
    told = reference.read(_document(), request.build_absolute_uri("/").rstrip("/"))
    return render(request, "api/docs.html", {"place": "api", "told": told})


@cache
def _document() -> dict[str, Any]:
    """The description, which changes with the program only."""
    generator = SchemaGenerator()  # type: ignore[no-untyped-call]
    found: dict[str, Any] = generator.get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return found


def prose(text: str) -> SafeString:
    """A description as HTML: paragraphs, `code` and **bold**, as in documents of OpenAPI; all else is text."""
    paragraphs = []
    for paragraph in text.strip().split("\n\n"):
        html = re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(" ".join(paragraph.split()))))
        html = re.sub(r"[*]{2}([^*]+)[*]{2}", r"<b>\1</b>", html)
        paragraphs.append(f"<p>{html}</p>")
    return mark_safe("".join(paragraphs))  # noqa: S308 - escaped above
