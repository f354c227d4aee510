"""Tasks that were chosen in their list: an export of these, or a dossier of each."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from audit import access
from audit.models import Project, Role, Task
from exports import noted
from exports.models import Report
from exports.reports.definition import Options
from exports.reports.service import request_report
from exportsite.problems import FieldProblem, WrongRequest, check_keys
from exportsite.sent import ONCE, new_token, once, see, token_of

MOST = 50
"""Tasks of one selection: as many as a page of the list has, and as a filter takes values."""
KEYS = ("task", "do")


@require_http_methods(["GET", "HEAD", "POST"])
def selection(request: HttpRequest, pk: int) -> HttpResponse:
    """What to do with the chosen tasks; POST asks for a dossier of each."""
    project = access.project(request.user, pk)
    given = request.POST if request.method == "POST" else request.GET
    if wrong := check_keys(given, [*KEYS, ONCE, "csrfmiddlewaretoken"]):
        raise WrongRequest(*wrong)
    tasks = _chosen(project, given.getlist("task"))
    if request.method == "POST":
        token_of(request)
        access.require(request.user, project, Role.MANAGER)
        once(request, Report, lambda: _ask(request, project, tasks))
        return see(f"{reverse('reports')}?{urlencode({'project': pk})}")
    if given.get("do") == "export" and tasks:
        asked = [("project", str(pk)), *(("external_id", task.external_id) for task in tasks)]
        return redirect(f"{reverse('export-new')}?{urlencode(asked)}")
    if given.get("do") == "report" and len(tasks) == 1:
        return redirect(f"{reverse('report-new')}?{urlencode({'task': tasks[0].pk})}")
    context = {
        "project": project,
        "tasks": tasks,
        "may_ask": access.may(request.user, project, Role.MANAGER),
        "once": new_token(),
    }
    return render(request, "exports/selection.html", context)


def _chosen(project: Project, values: list[str]) -> list[Task]:
    """The tasks of these ids, in the order of the values. Raises WrongRequest for too many, and for other's."""
    ids = [int(value) for value in dict.fromkeys(values) if value.isascii() and value.isdigit() and len(value) < 19]
    if len(ids) > MOST:
        text = f"{len(ids):,} tasks are chosen; at most {MOST} are possible at a time. A filter can choose more."
        raise WrongRequest(FieldProblem("task", "too_many", text))
    found = Task.objects.filter(project=project).in_bulk(ids)
    if len(found) < len(set(values)):
        raise WrongRequest(FieldProblem("task", "unknown", "Some of the chosen tasks are not of this project."))
    return [found[pk] for pk in ids]


def _ask(request: HttpRequest, project: Project, tasks: list[Task]) -> Report:
    """Ask for a dossier of each task, all at the same size of the log; the last one's request."""
    if not tasks:
        raise WrongRequest(FieldProblem("task", "required", "No task is chosen."))
    size, by = project.log.size, access.name_of(request.user)
    for task in tasks:
        report = request_report(project, task, as_of=size, options=Options(), created_by=by)
        noted.requested(request.user, report)
    return report
