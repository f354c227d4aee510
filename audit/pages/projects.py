"""The dashboard, and a project's own page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from audit import access
from audit.queries import lists, projects
from audit.queries.asked import asked
from exportsite.keyset import Count
from exportsite.problems import WrongRequest, check_keys

PEOPLE = 20
"""People that a project's page names; the filters of its lists offer more."""


@require_safe
def dashboard(request: HttpRequest) -> HttpResponse:
    """All projects, and what needs a person."""
    wants = asked(request.GET, ["external_id"], None)
    found = projects.projects(
        request.user,
        external_id=wants.filters.external_id,
        limit=wants.limit,
        cursor=wants.cursor,
        newest_first=not wants.filters.oldest_first,
    )
    failed = [row for row in found.rows if row.run and row.run.state == "failed"]
    return render(request, "audit/dashboard.html", {"found": found, "failed": failed, "now": timezone.now()})


def _named(counts: list[tuple[str, Count]]) -> list[tuple[str, Count]]:
    """The counts, unless all there is to count has no name."""
    return counts if any(name for name, _ in counts) else []


@require_safe
def project(request: HttpRequest, pk: int) -> HttpResponse:
    """A project: what it is, where its tasks are, and where its log stands."""
    if wrong := check_keys(request.GET, []):
        raise WrongRequest(*wrong)
    row = projects.project_row(access.project(request.user, pk))
    stages = _named([(stage, count) for stage, count in projects.stage_counts(row.project) if stage or count.value])
    statuses = _named(projects.status_counts(row.project))
    people = projects.choices(row.project).people
    most = max((count.value for _, count in [*stages, *statuses]), default=0) or 1
    context = {
        "row": row,
        "project": row.project,
        "stages": [(name, count, f"{100 * count.value / most:.2f}%") for name, count in stages],
        "statuses": [(name, count, f"{100 * count.value / most:.2f}%") for name, count in statuses],
        "latest": lists.tasks(row.project, limit=8).rows,
        "people": people[:PEOPLE],
        "more_people": len(people) > PEOPLE,
    }
    return render(request, "audit/project.html", context)
