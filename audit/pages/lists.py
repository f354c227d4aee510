"""The lists of a project: tasks and events, filtered, a page at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from audit import access, servicelog
from audit.models import Listing, Project
from audit.pages import forms, views
from audit.queries import lists, projects
from audit.queries.asked import asked
from audit.queries.filters import EVENT_FILTERS, TASK_FILTERS, Filters
from audit.queries.records import Listed
from exportsite.keyset import Count
from exportsite.problems import WrongRequest

_TASK_LABELS = {"words": "Name or id", "from": "Last event from"}
_TASK_FIELDS = ("words", "stage", "status", "person", "from", "to")
_EVENT_FIELDS = ("words", "type", "source_type", "stage", "person", "from", "to")
_NOTHING: Listed[Any] = Listed([], None, None, False, Count(0, True))


@require_safe
def tasks(request: HttpRequest, pk: int) -> HttpResponse:
    """Tasks of a project, latest activity first."""
    project = access.project(request.user, pk)
    context = _listed(request, project, Listing.TASKS, TASK_FILTERS, _TASK_FIELDS, _TASK_LABELS, lists.tasks)
    context["export_at"] = _exported(request, project)
    return render(request, "audit/tasks.html", context, status=400 if context["problems"] else 200)


@require_safe
def events(request: HttpRequest, pk: int) -> HttpResponse:
    """Events of a project's log, latest first."""
    project = access.project(request.user, pk)
    context = _listed(request, project, Listing.EVENTS, EVENT_FILTERS, _EVENT_FIELDS, {}, lists.events)
    servicelog.viewed(request.user, project, f"events of project {pk}")
    return render(request, "audit/events.html", context, status=400 if context["problems"] else 200)


def _exported(request: HttpRequest, project: Project) -> str:
    """The builder of exports with the list's filters, under the names that an export has for them."""
    chosen = [
        (name if name in ("status", "external_id") else f"task_{name}", value)
        for name in TASK_FILTERS
        for value in request.GET.getlist(name)
        if value.strip()
    ]
    return f"{reverse('export-new')}?{urlencode([('project', project.pk), *chosen])}"


def _listed(
    request: HttpRequest,
    project: Project,
    of: Listing,
    known: Sequence[str],
    shown: Sequence[str],
    labels: Mapping[str, str],
    query: Callable[..., Listed[Any]],
) -> dict[str, Any]:
    """A list with its filters. What is wrong in the form is said at its fields; other wrong keys are a plain 400."""
    problems = {}
    found, filters = _NOTHING, Filters()
    try:
        wants = asked(request.GET, known, project)
        filters = wants.filters
        found = query(project, filters, limit=wants.limit, cursor=wants.cursor)
    except WrongRequest as error:
        problems = {problem.field: problem for problem in error.problems}
        if not set(problems) <= set(known):
            raise
    choices = projects.choices(project)
    # A filter that came by a link (a task's id) has no field of its own until it is used.
    fields = [*shown, *(name for name in known if name not in shown and request.GET.get(name))]
    return {
        "project": project,
        "found": found,
        "filters": filters,
        "filtered": filters.any,
        "problems": problems,
        "fields": forms.fields(fields, request.GET, choices, problems, labels),
        "chips": forms.chips(known, request.GET, choices, labels),
        "of": of.value,
        "views": forms.views(request.GET, choices) if of is Listing.EVENTS else forms.task_views(request.GET, choices),
        "kept": views.kept(request, project, of),
        "worth_keeping": filters.any or filters.oldest_first,
        "oldest_first": filters.oldest_first,
    }
