"""The builder of exports: what applies and why the rest does not, what it would contain, and the request itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from audit import access
from audit.models import Checkpoint, Project, Role
from audit.queries.filters import Filters
from exports import noted
from exports.formats import FORMATS
from exports.formats.base import Format, Reads
from exports.models import Export
from exports.options import FILTERS
from exports.pages.cards import Card, families
from exports.pages.choice import LOOK, Choice, api_call, command, looked
from exports.pages.contents import contents_of, together
from exports.pages.fields import filter_groups, parameter_fields
from exports.run import request_export
from exports.snapshot import LogSnapshot
from exports.wanted import PartOf, checked_name, parts_of, wanted
from exportsite.problems import FieldProblem, WrongRequest, unknown
from exportsite.sent import new_token, once, see, token_of

SIZES = 10
"""Checkpoints whose sizes are offered."""
MOST_PROJECTS = 500
MOST_PARAMETERS = 9
"""Parameters that are shown at once; the others are folded away while they are as usual."""


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Choose, look, ask: POST queues the export, or says at the fields what is wrong."""
    if LOOK in request.POST:
        return see(looked(request))
    choice = Choice.read(request.POST if request.method == "POST" else request.GET)
    offered = list(access.projects(request.user).order_by("name", "id").values_list("pk", "name")[:MOST_PROJECTS])
    problems: list[FieldProblem] = []
    project = _project(request, choice, offered, problems)
    others = _others(request, choice, project, problems)
    if request.method == "POST":
        token_of(request)
        for one in [project, *others] if project is not None else []:
            access.require(request.user, one, Role.MANAGER)
        if project is not None and not problems:
            try:
                made = once(request, Export, lambda: _ask(request, [project, *others], choice))
                return see(reverse("export", args=[made.pk]))
            except WrongRequest as error:
                problems += error.problems
        elif project is None and not problems:
            problems.append(FieldProblem("project", "required", "Choose the project that the export is of."))
    context = {
        "place": "exports",
        "choice": choice,
        "projects": offered,
        "also": [
            (pk, name, any(pk == one.pk for one in others)) for pk, name in offered if project and pk != project.pk
        ],
        "once": request.POST.get("once") or new_token(),
        **(_of_project(request, project, others, choice, problems) if project else {"problems": _by_field(problems)}),
    }
    return render(request, "exports/new.html", context, status=400 if problems else 200)


def _ask(request: HttpRequest, projects: Sequence[Project], choice: Choice) -> Export:
    if not choice.format:
        raise WrongRequest(FieldProblem("format", "required", "Choose a format."))
    format_ = _format(choice)
    if format_ is None:
        raise WrongRequest(unknown("format", choice.format, "The format", FORMATS))
    export = request_export(
        projects,
        format_.slug,
        parameters=choice.asked_parameters(format_),
        filters=choice.asked_filters(),
        as_of=choice.asked_as_of(),
        name=choice.name,
        strict=choice.strict,
        created_by=access.name_of(request.user),
    )
    noted.requested(request.user, export)
    return export


def _project(
    request: HttpRequest, choice: Choice, offered: Sequence[tuple[int, str]], problems: list[FieldProblem]
) -> Project | None:
    """The project that is chosen, or the only one there is."""
    raw = choice.project or (str(offered[0][0]) if len(offered) == 1 else "")
    return _found(request, "project", raw, problems) if raw else None


def _others(
    request: HttpRequest, choice: Choice, project: Project | None, problems: list[FieldProblem]
) -> list[Project]:
    """The projects besides; each once."""
    if project is None:
        return []
    found = [_found(request, "also", raw, problems) for raw in choice.also]
    return list({one.pk: one for one in found if one is not None and one.pk != project.pk}.values())


def _found(request: HttpRequest, field: str, raw: str, problems: list[FieldProblem]) -> Project | None:
    try:
        if not (raw.isascii() and raw.isdigit() and len(raw) < 19):
            raise Http404
        return access.project(request.user, int(raw))
    except Http404:
        problems.append(FieldProblem(field, "unknown", f"There is no project “{raw[:100]}”."))
        return None


def _format(choice: Choice) -> Format | None:
    return FORMATS.get(choice.format)


def _of_project(
    request: HttpRequest, project: Project, others: Sequence[Project], choice: Choice, problems: list[FieldProblem]
) -> dict[str, Any]:
    """All that the form shows once there is a project. What is wrong so far is added to the problems."""
    log = project.log
    about = LogSnapshot(log, log.size, Filters(), Reads()).project
    refusals = {slug: format_.refusal(about) for slug, format_ in FORMATS.items()}
    format_ = _format(choice)
    if format_ is None and not choice.format:
        format_ = next((one for one in FORMATS.values() if not refusals[one.slug]), None)
    elif format_ is None and not any(problem.field == "format" for problem in problems):
        problems.append(unknown("format", choice.format, "The format", FORMATS))
    parts = _parts([project, *others], format_, choice, problems) if format_ else []
    named = _by_field(problems)
    groups = filter_groups(project, choice, named)
    shown = {"project", "also", "format", "as_of", "name", *FILTERS}
    parameters = parameter_fields(format_, choice, named) if format_ else []
    shown |= {one.parameter.name for one in parameters}
    context = {
        "project": project,
        "log": log,
        "format": format_,
        "families": families([Card(one, "", one is format_) for one in FORMATS.values() if not refusals[one.slug]]),
        "unfit": [Card(one, refusals[one.slug], one is format_) for one in FORMATS.values() if refusals[one.slug]],
        "formats": len(FORMATS),
        "fit": sum(not why for why in refusals.values()),
        "refused": format_ is not None and refusals[format_.slug],
        "sizes": Checkpoint.objects.filter(log=log).order_by("-size")[:SIZES],
        "groups": groups,
        "parameters": parameters[:MOST_PARAMETERS],
        "more_parameters": (rest := parameters[MOST_PARAMETERS:]),
        "more_chosen": any(field.value or field.problem for field in rest),
        "problems": named,
        "elsewhere": [problem for problem in problems if problem.field not in shown],
        "contents": together([contents_of(one.log.project, one.log, format_, one.resolved) for one in parts])
        if format_
        else None,
        "several": len(others) + 1 if others else 0,
        "may_ask": all(access.may(request.user, one, Role.MANAGER) for one in (project, *others)),
        "filtered": bool(choice.filters),
    }
    if parts and format_:
        address, ids = request.build_absolute_uri(reverse("api-exports")), [project.pk, *(one.pk for one in others)]
        context["api_call"] = api_call(address, ids, format_, choice)
        context["command"] = command(ids, format_, choice)
    return context


def _parts(projects: Sequence[Project], format_: Format, choice: Choice, problems: list[FieldProblem]) -> list[PartOf]:
    """What the choice means in each project; nothing when something is wrong, which is added to the problems once."""
    try:
        checked_name(choice.name)
        parameters, filters, as_of = choice.asked_parameters(format_), choice.asked_filters(), choice.asked_as_of()
        asked = wanted(projects, format_.slug, parameters, filters, as_of, choice.name, strict=choice.strict)
        return parts_of(asked, refused=False)
    except WrongRequest as error:
        problems += [problem for problem in error.problems if problem not in problems]
        return []


def _by_field(problems: Sequence[FieldProblem]) -> dict[str, FieldProblem]:
    return {problem.field: problem for problem in reversed(problems)}
