"""The dashboard, and a project's own page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from audit import access
from audit.models import Schedule
from audit.pages import verification
from audit.pages.overview import overview
from audit.queries import lists, projects
from audit.queries.asked import asked
from audit.sources.origins import PLATFORMS
from exportsite.jobs import State
from exportsite.problems import WrongRequest, check_keys

PEOPLE = 20
"""People that a project's page names; the filters of its lists offer more."""


@require_safe
def dashboard(request: HttpRequest) -> HttpResponse:
    """All projects, and what needs a person."""
    wants = asked(request.GET, ["external_id"], None)
    found = projects.projects(
        request.user,
        external_ids=wants.filters.external_ids,
        limit=wants.limit,
        cursor=wants.cursor,
        newest_first=not wants.filters.oldest_first,
    )
    ids = [row.project.pk for row in found.rows]
    verified = verification.newest_results(ids)
    failed = [row for row in found.rows if row.run and row.run.state == State.FAILED]
    wrong = [run for run in verified.values() if not run.result.get("holds")]
    missed = list(Schedule.objects.filter(project__in=ids).exclude(missed="").select_related("project").order_by("id"))
    context = {
        "place": "dashboard",
        "found": found,
        "rows": [(row, verified.get(row.project.pk), row.project.source.kind in PLATFORMS) for row in found.rows],
        "failed": failed,
        "wrong": wrong,
        "missed": missed,
        "own_asks": len(failed) + len(wrong) + len(missed),
        "now": timezone.now(),
    }
    return render(request, "audit/dashboard.html", context)


@require_safe
def project(request: HttpRequest, pk: int) -> HttpResponse:
    """A project: its process, its pace, who worked on it, and where its record stands."""
    if wrong := check_keys(request.GET, []):
        raise WrongRequest(*wrong)
    row = projects.project_row(access.project(request.user, pk))
    counts = {stage: count for stage, count in projects.stage_counts(row.project) if stage or count.value}
    if not any(counts):  # All there is to count has no name.
        counts = {}
    statuses = [(status, count) for status, count in projects.status_counts(row.project) if status]
    people = projects.choices(row.project).people
    context = {
        "row": row,
        "project": row.project,
        "statuses": statuses,
        "latest": lists.tasks(row.project, limit=8).rows,
        "people": people[:PEOPLE],
        "more_people": len(people) > PEOPLE,
        "verified": verification.newest_results([row.project.pk]).get(row.project.pk),
        "live": row.project.source.kind in PLATFORMS,
        "next_sync": Schedule.objects.filter(project=row.project, next_at__isnull=False).order_by("next_at").first(),
        **overview(row.project, counts, row.last_at),
    }
    return render(request, "audit/project.html", context)
