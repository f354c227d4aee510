"""The form that asks for a report, of a project or of one task."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from audit import access
from audit.models import Checkpoint, Project, Role, Task
from exports import noted
from exports.models import Report
from exports.options import FILTERS, resolve_filters
from exports.pages.builder import MOST_PROJECTS, SIZES
from exports.pages.choice import LOOK, NOT_ASKED, Choice, curl, filter_words, lines_of, looked, size_of
from exports.pages.fields import Group, filter_groups
from exports.reports.definition import Options, Paper
from exports.reports.service import request_report
from exportsite.problems import FieldProblem, WrongRequest, check_keys, unknown
from exportsite.sent import ONCE, new_token, once, see, token_of

KEYS = ("project", "task", "as_of", "redact", "paper")
"""Fields of the form besides the filters, which are an export's."""
PAPERS: dict[str, Paper] = {"a4": "a4", "letter": "letter"}


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Choose, look, ask: POST queues the report, or says at the fields what is wrong."""
    given = request.POST if request.method == "POST" else request.GET
    if wrong := check_keys(given, [*KEYS, *FILTERS, *NOT_ASKED]):
        raise WrongRequest(*wrong)
    choice = Choice.of_filters(given)
    if LOOK in request.POST:
        return see(looked(request))
    values = {name: given.get(name, "").strip() for name in KEYS}
    offered = list(access.projects(request.user).order_by("name", "id").values_list("pk", "name")[:MOST_PROJECTS])
    if not values["project"] and not values["task"] and len(offered) == 1:
        values["project"] = str(offered[0][0])
    problems: list[FieldProblem] = []
    project, task = _subject(request, values, problems)
    paper, redact = PAPERS.get(values["paper"] or "a4"), values["redact"] == "true"
    if paper is None:
        problems.append(unknown("paper", values["paper"], "The paper", PAPERS))
    try:
        as_of = size_of(values["as_of"])
    except WrongRequest as error:
        as_of = None
        problems += error.problems
    if request.method == "POST":
        token_of(request)
        if project is None and not problems:
            problems.append(FieldProblem("project", "required", "Choose the project that the report is of."))
        if project is not None:
            access.require(request.user, project, Role.MANAGER)
        if project is not None and paper is not None and not problems:
            subject, options = project, Options(redact=redact, paper=paper, filters=choice.asked_filters())
            try:
                made = once(request, Report, lambda: _ask(request, subject, task, as_of, options))
                return see(reverse("report", args=[made.pk]))
            except WrongRequest as error:
                problems += error.problems
    groups: list[Group] = []
    if project is not None:
        problems += _wrong_filters(project, choice, problems)
        groups = filter_groups(project, choice, {problem.field: problem for problem in reversed(problems)})
    context = {
        "place": "reports",
        "groups": groups,
        "filtered": bool(choice.filters),
        "values": values,
        "projects": offered,
        "project": project,
        "task": task,
        "redact": redact,
        "paper": values["paper"] or "a4",
        "sizes": Checkpoint.objects.filter(log=project.log).order_by("-size")[:SIZES] if project else [],
        "problems": {problem.field: problem for problem in reversed(problems)},
        "may_ask": project is not None and access.may(request.user, project, Role.MANAGER),
        "once": request.POST.get(ONCE) or new_token(),
    }
    if project is not None and not problems:
        body: dict[str, object] = {"project": project.pk}
        body |= {"task": task.pk} if task else {}
        body |= {"as_of": as_of} if as_of is not None else {}
        body |= {"redact": True} if redact else {}
        body |= {"paper": paper} if paper != "a4" else {}
        body |= {"filters": filters} if (filters := choice.asked_filters()) else {}
        context["api_call"] = curl(request.build_absolute_uri(reverse("api-reports")), body)
        context["command"] = _command(project, task, as_of, choice, redact=redact, letter=paper == "letter")
    return render(request, "exports/report_new.html", context, status=400 if problems else 200)


def _ask(request: HttpRequest, project: Project, task: Task | None, as_of: int | None, options: Options) -> Report:
    by = access.name_of(request.user)
    report = request_report(project, task, as_of=as_of, options=options, created_by=by)
    noted.requested(request.user, report)
    return report


def _subject(
    request: HttpRequest, values: dict[str, str], problems: list[FieldProblem]
) -> tuple[Project | None, Task | None]:
    """The project and the task that are chosen; a task says whose it is."""
    task = None
    if values["task"]:
        try:
            task = access.task(request.user, _id(values["task"]))
        except Http404:
            problems.append(FieldProblem("task", "unknown", f"There is no task “{values['task'][:100]}”."))
            return None, None
        values["project"] = values["project"] or str(task.project_id)
    if not values["project"]:
        return None, None
    try:
        project = access.project(request.user, _id(values["project"]))
    except Http404:
        problems.append(FieldProblem("project", "unknown", f"There is no project “{values['project'][:100]}”."))
        return None, None
    if task is not None and task.project_id != project.pk:
        text = f"The task {task.pk} is of another project. Leave it out, or choose its own project."
        problems.append(FieldProblem("task", "unknown", text))
        return project, None
    return project, task


def _id(raw: str) -> int:
    if not (raw.isascii() and raw.isdigit() and len(raw) < 19):
        raise Http404
    return int(raw)


def _wrong_filters(project: Project, choice: Choice, known: list[FieldProblem]) -> list[FieldProblem]:
    """What is wrong with the filters, as far as it is not known yet."""
    try:
        resolve_filters(project, choice.asked_filters())
    except WrongRequest as error:
        return [problem for problem in error.problems if problem not in known]
    return []


def _command(
    project: Project, task: Task | None, as_of: int | None, choice: Choice, *, redact: bool, letter: bool
) -> str:
    """The command that makes the same report here and now."""
    words = [f"python manage.py report {project.pk}"]
    words += [f"--task {task.pk}"] if task else []
    words += [f"--as-of {as_of}"] if as_of is not None else []
    words += filter_words(choice)
    words += ["--redact"] if redact else []
    words += ["--paper letter"] if letter else []
    return lines_of(words)
