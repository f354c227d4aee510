"""Verifications: the whole log of a project is checked by a worker, and the page says what held."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audit import access
from audit.models import Project, Role, Verification
from audit.pages import runs as pages
from audit.verification import request_verification
from exportsite.jobs import State
from exportsite.jobs.run import OPEN
from exportsite.problems import WrongRequest, check_keys
from exportsite.sent import once, see

LATEST = 5
"""Verifications on the integrity page."""
_LOSS = "Nothing is changed by a verification, and what it found so far is not kept."
_PARTS = {
    "log": "what was hashed and signed",
    "column": "the columns beside it",
    "projection": "the lists made from it",
    "people": "people",
    "files": "files of labels",
}


@require_POST
def begin(request: HttpRequest, pk: int) -> HttpResponse:
    """Have the log verified. One that is under way is shown instead of beginning another."""
    project = access.project(request.user, pk)
    access.require(request.user, project, Role.AUDITOR)
    run = Verification.objects.filter(project=project, state__in=OPEN).order_by("-id").first()
    if run is None:
        by = access.name_of(request.user)
        run = once(request, Verification, lambda: request_verification(project, created_by=by))
    return see(_address(run))


@require_safe
def one(request: HttpRequest, pk: int, run: int) -> HttpResponse:
    """A verification: how far it is, and what it found."""
    if wrong := check_keys(request.GET, []):
        raise WrongRequest(*wrong)
    found = _run(request, pk, run)
    context = {
        **_around(found),
        "project": found.project,
        "run": found,
        "result": found.result,
        "wrong": [(one, _PARTS.get(one["part"], one["part"])) for one in found.result.get("problems", [])],
        "may_cancel": not found.over,
    }
    return render(request, "audit/verification.html", context)


@require_safe
def progress(request: HttpRequest, pk: int, run: int) -> HttpResponse:
    """How far a verification is."""
    found = _run(request, pk, run)
    return pages.progress(request, found, _address(found))


@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, pk: int, run: int) -> HttpResponse:
    """Ask, and cancel a verification."""
    found = _run(request, pk, run)
    access.require(request.user, found.project, Role.AUDITOR)
    return pages.cancelling(request, found, {**_around(found), "name": found.project.name})


def latest(project: Project) -> list[Verification]:
    """The newest verifications of a project."""
    return list(Verification.objects.filter(project=project).order_by("-id")[:LATEST])


def newest_results(projects: Sequence[int]) -> dict[int, Verification]:
    """The newest verification of each project that came to an end."""
    done = Verification.objects.filter(project__in=projects, state=State.SUCCEEDED).select_related("project")
    return {run.project_id: run for run in done.order_by("project_id", "-id").distinct("project_id")}


def _run(request: HttpRequest, pk: int, run: int) -> Verification:
    project = access.project(request.user, pk)
    found = None
    if run.bit_length() < 64:
        related = ("project__source", "project__log")
        found = Verification.objects.filter(project=project, pk=run).select_related(*related).first()
    if found is None:
        raise Http404(f"This project has no verification {run}.")
    return found


def _address(run: Verification) -> str:
    return reverse("verification", args=[run.project_id, run.pk])


def _around(run: Verification) -> dict[str, Any]:
    """The addresses of a run, and how it is called."""
    where = [run.project_id, run.pk]
    return {
        "what": "verification",
        "page": _address(run),
        "progress_at": reverse("verification-progress", args=where),
        "cancel_at": reverse("verification-cancel", args=where),
        "loss": _LOSS,
    }
