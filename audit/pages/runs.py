"""What the pages of runs of every kind share: progress that is fetched again, cancelling, and beginning."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from exportsite.jobs import LeasedRun, cancel
from exportsite.sent import see


def progress(request: HttpRequest, run: LeasedRun, page: str) -> HttpResponse:
    """The part of a run's page that changes: htmx asks for it every 2 seconds, and loads the page when it is over."""
    if "HX-Request" not in request.headers:
        return see(page)
    response = render(request, "runs/progress.html", {"run": run, "page": page, "fetched": True})
    if run.over:
        response["HX-Refresh"] = "true"
    response["Cache-Control"] = "no-store"
    return response


def cancelling(
    request: HttpRequest, run: LeasedRun, context: dict[str, Any], noted: Callable[[], None] = lambda: None
) -> HttpResponse:
    """Ask whether the run shall be cancelled; POST does it. One that is over stays as it is, and its page says so.

    `noted` is called in the transaction that cancels.
    """
    if request.method == "POST":
        with transaction.atomic():
            if cancel(run):
                noted()
        return see(context["page"])
    return render(request, "runs/cancel.html", {"run": run, **context})
