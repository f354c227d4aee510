"""Exports and reports on pages: the lists, one of them, its progress, its end. Each view gets the kind as `model`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audit import access
from audit.models import Checkpoint, Project, Role
from audit.pages import runs as pages
from audit.queries import logs
from audit.queries.runs import runs
from exports import access as sight
from exports import noted
from exports.access import OF_PROJECT
from exports.again import ask_again
from exports.formats import FORMATS
from exports.inside import skipped_items
from exports.models import Export, Meaning, Report
from exports.models.product import Product
from exports.pages.choice import again_address
from exports.pages.fields import parameter_label
from exports.signing import SIGNS, signatures_of
from exportsite.jobs import State
from exportsite.problems import FieldProblem, WrongRequest, check_keys
from exportsite.sent import new_token, once, see

SKIPPED = 50
"""Skipped items on one page."""
_LOSS = {
    "export": "What is written so far is discarded; the request stays on record as cancelled. You can run it again "
    "from the same state of the log.",
    "report": "What is made so far is discarded; the request stays on record as cancelled. You can run it again from "
    "the same state of the log.",
}


@dataclass(frozen=True, slots=True)
class Kept:
    """A file of a run; without an address it can't be downloaded, and `why` says so."""

    name: str
    bytes: int
    sha256: str
    address: str
    why: str


@dataclass(frozen=True, slots=True)
class CheckValue:
    """How many items of a kind there had to be, were written, and were skipped by name."""

    kind: str
    expected: int
    written: int
    skipped: int

    @property
    def agrees(self) -> bool:
        """Nothing is missing without a name."""
        return self.expected == self.written + self.skipped


def title(run: Product) -> str:
    """What the run makes, in words."""
    name = run.project.name
    if isinstance(run, Export):
        known = FORMATS.get(run.format)
        more = len(run.others)
        several = f" and {more} more project{'s' if more > 1 else ''}" if more else ""
        return run.name or f"{name}{several} as {known.title if known else run.format}"
    filtered = ", filtered" if run.asked.get("filters") else ""
    if isinstance(run, Report) and run.task is not None:
        return f"Dossier of {run.task.name}{filtered}"
    return f"Report of {name}{filtered}"


def _unusual(run: Product) -> str:
    """What was chosen for an export that is not as usual: what tells it from others of the same project and format."""
    if not isinstance(run, Export):
        return ""
    asked, format_ = run.asked.get("parameters", {}), FORMATS.get(run.format)
    said = [
        f"{parameter_label(one.name)}: {value}"
        for one in (format_.parameters if format_ else ())
        if one.name in asked and (value := _choice(asked[one.name], one.is_flag)) != _choice(one.default, one.is_flag)
    ]
    filters = run.asked.get("filters", {})
    return "; ".join([*said, *(["filtered by " + ", ".join(map(_spaced, sorted(filters)))] if filters else [])])


@require_safe
def listed(request: HttpRequest, model: type[Product]) -> HttpResponse:
    """Exports, or reports, that the user may see, the newest first."""
    related = ("project", "task") if model is Report else ("project",)
    of = OF_PROJECT if model is Export else "project_id = %s"
    found = runs(
        model, request.GET, ("created_at", "id"), sight.conditions(request.user, model), *related, of_project=of
    )
    projects = access.projects(request.user).order_by("name", "id")[:100]
    context = {
        "place": f"{kind(model)}s",
        "kind": kind(model),
        "found": found,
        "rows": [
            (run, title(run), _unusual(run), reverse(kind(model), args=[run.pk]), _skipped(run)) for run in found.rows
        ],
        "projects": [(str(project.pk), project.name) for project in projects],
        "states": State.choices,
        "chosen_project": request.GET.get("project", ""),
        "chosen_state": request.GET.get("state", ""),
        "filtered": bool(request.GET.get("project") or request.GET.get("state")),
        "oldest_first": request.GET.get("order") == "oldest",
        "new_at": reverse(f"{kind(model)}-new"),
    }
    return render(request, "exports/list.html", context)


@require_safe
def one(request: HttpRequest, model: type[Product], pk: UUID) -> HttpResponse:
    """An export, or a report: how far it is, and what came of it."""
    if wrong := check_keys(request.GET, ["signed"] if model is Report else ["skipped"]):
        raise WrongRequest(*wrong)
    return page(request, run_of(request, model, pk))


@require_safe
def progress(request: HttpRequest, model: type[Product], pk: UUID) -> HttpResponse:
    """How far it is."""
    run = run_of(request, model, pk)
    return pages.progress(request, run, _address(run))


@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, model: type[Product], pk: UUID) -> HttpResponse:
    """Ask, and cancel it."""
    run = run_of(request, model, pk)
    sight.require(request.user, run, Role.MANAGER)
    context = {**_around(run), "place": f"{kind(model)}s", "name": title(run)}
    return pages.cancelling(request, run, context, lambda: noted.cancelled(request.user, run))


@require_POST
def again(request: HttpRequest, model: type[Product], pk: UUID) -> HttpResponse:
    """The same once more, of the same state of the log: another run."""
    run = run_of(request, model, pk)
    sight.require(request.user, run, Role.MANAGER)
    try:
        made = once(request, model, lambda: ask_again(request.user, run))
    except WrongRequest as error:
        return page(request, run, error.problems)
    return see(_address(made))


def run_of(request: HttpRequest, model: type[Product], pk: UUID) -> Product:
    """The run, if the user may see its project; else 404."""
    related = ("project__source", "project__log", *(("task",) if model is Report else ()))
    run = model._default_manager.filter(pk=pk).select_related(*related).first()
    if run is None or not sight.sees(request.user, run):
        raise Http404(f"There is no {kind(model)} {pk}.")
    return run


def kind(model: type[Product]) -> str:
    """`export` or `report`: what addresses are called after."""
    return str(model._meta.model_name)


def _address(run: Product) -> str:
    return reverse(kind(type(run)), args=[run.pk])


def _around(run: Product) -> dict[str, Any]:
    """The addresses of a run, and how it is called."""
    what = kind(type(run))
    return {
        "what": what,
        "page": _address(run),
        "progress_at": reverse(f"{what}-progress", args=[run.pk]),
        "cancel_at": reverse(f"{what}-cancel", args=[run.pk]),
        "again_at": reverse(f"{what}-again", args=[run.pk]),
        "loss": _LOSS[what],
    }


def page(
    request: HttpRequest,
    run: Product,
    problems: tuple[FieldProblem, ...] = (),
    *,
    unsigned: tuple[FieldProblem, ...] = (),
    status: int = 400,
) -> HttpResponse:
    """The page of a run. `problems` say why it was not asked for again, `unsigned` why a report was not signed.

    With any of them its status is `status`.
    """
    what = kind(type(run))
    manages = sight.may(request.user, run, Role.MANAGER)
    checkpoint = Checkpoint.objects.filter(log=run.project.log, size=run.as_of).first()
    context = {
        **_around(run),
        "place": f"{what}s",
        "run": run,
        "title": title(run),
        "problems": problems,
        "files": [_kept(run, file) for file in run.files],
        "root": logs.stated_root(checkpoint) if checkpoint else "",
        "may_cancel": manages and not run.over,
        "may_ask": manages,
        "once": new_token(),
        "like_this": again_address(run),
    }
    if isinstance(run, Export):
        context |= _of_export(request, run)
    else:
        context["filters"] = sorted(run.asked.get("filters", {}).items())
    if isinstance(run, Report) and run.state == State.SUCCEEDED:
        context["definition"] = [(_spaced(name), _said(value)) for name, value in sorted(run.resolved.items())]
        context |= _of_report(request, run, unsigned)
    return render(request, f"exports/{what}.html", context, status=status if problems or unsigned else 200)


def _of_report(request: HttpRequest, run: Product, unsigned: tuple[FieldProblem, ...]) -> dict[str, Any]:
    """Who signed the report, and the form for those who may."""
    return {
        "signatures": signatures_of([run.pk]).get(run.pk, []),
        "unsigned": unsigned,
        "just_signed": request.GET.get("signed") in Meaning.values,
        "may_sign": access.may(request.user, run.project, SIGNS),
        "meanings": [(value, label, value == request.POST.get("meaning")) for value, label in Meaning.choices],
        "signer": request.user,
    }


def _of_export(request: HttpRequest, run: Export) -> dict[str, Any]:
    checks = [
        CheckValue(_spaced(name), expected, run.counts["written"].get(name, 0), run.counts["skipped"].get(name, 0))
        for name, expected in run.counts.get("expected", {}).items()
    ]
    start = _start(request)
    archive = next((Path(file["path"]) for file in run.files if file["name"].endswith(".zip")), None)
    items = skipped_items(archive, start, SKIPPED) if archive else None
    format_ = FORMATS.get(run.format)
    flags = {parameter.name for parameter in format_.parameters if parameter.is_flag} if format_ else set()
    return {
        "format": format_,
        "checks": checks,
        "none_written": [check.kind for check in checks if check.expected and not check.written],
        "skipped": _skipped(run),
        "items": items,
        "noted": items.lines if items else 0,
        "start": start,
        "next_items": start + SKIPPED,
        "parameters": [
            (parameter_label(name), _choice(value, name in flags))
            for name, value in sorted(run.resolved.get("parameters", {}).items())
        ],
        "filters": sorted(run.resolved.get("filters", {}).items()),
        "parts": _parts(run),
        "certificate_at": _certificate_at(run),
    }


def _certificate_at(run: Export) -> str:
    """Where the certificate is; empty when there is none: the file is not kept, or is of several projects."""
    kept = all(Path(file["path"]).is_file() for file in run.files)
    certifies = run.state == State.SUCCEEDED and bool(run.files) and not run.others and kept
    return reverse("api-export-certificate", args=[run.pk]) if certifies else ""


def _parts(run: Export) -> list[tuple[Project, int]]:
    """Of an export of several projects: each, with the size of its log that it shows."""
    if not run.others:
        return []
    sizes = {part["project"]: part["as_of"] for part in run.resolved["projects"]}
    return [(project, sizes[project.pk]) for project in run.projects()]


def _spaced(name: str) -> str:
    """`active_times` as words."""
    return name.replace("_", " ")


def _skipped(run: Product) -> int:
    """Items that are not in an export, and named in its errors.ndjson."""
    return sum(run.counts.get("skipped", {}).values()) if isinstance(run, Export) else 0


def _choice(value: object, flag: bool) -> str:
    """A parameter's value as the builder shows it."""
    if flag:
        return "yes" if value in (True, "true") else "no"
    return (", ".join(map(str, value)) if isinstance(value, list) else str(value)) or "none"


def _said(value: object) -> str:
    """A member of a report's definition, for reading."""
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, dict):
        return ", ".join(f"{key} {_said(item)}" for key, item in sorted(value.items())) or "none"
    return "none" if value is None else str(value)


def _start(request: HttpRequest) -> int:
    """From which skipped item on the page shows them."""
    raw = request.GET.get("skipped") or "0"
    if not (raw.isascii() and raw.isdigit() and len(raw) < 10):
        raise WrongRequest(FieldProblem("skipped", "invalid", f"“skipped” is “{raw[:100]}”; it is a number."))
    return int(raw)


def _kept(run: Product, file: dict[str, Any]) -> Kept:
    path, why = Path(file["path"]), ""
    if path.parent != Path(settings.LABELTRAIL_ARTEFACTS):
        why = "written by a command to a place of its own"
    elif not path.is_file():
        why = "no longer kept; its name, size and hash stay on record"
    address = "" if why else reverse(f"api-{kind(type(run))}-file", args=[run.pk, file["name"]])
    return Kept(file["name"], file["bytes"], file["sha256"], address, why)
