"""Syncs: what is read from where and how far it is, and the runs that read it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from audit import access, servicelog
from audit.live.run import SyncBusy, SyncRefused, open_run, request_sync
from audit.live.schedules import words
from audit.models import Mode, Project, Role, Schedule, SyncRun
from audit.pages import media, schedule
from audit.pages import runs as pages
from audit.queries import projects
from audit.queries.asked import asked
from audit.queries.records import Listed
from audit.queries.runs import FILTERS, runs
from audit.sources.origins import PLATFORMS
from exportsite.jobs import State
from exportsite.problems import FieldProblem, WrongRequest, check_keys, unknown
from exportsite.sent import new_token, once, see

LATEST = 10
"""Runs on the page of all sources; the list of runs has the rest."""
MODES = (Mode.INCREMENTAL, Mode.FULL)
_LOSS = "What was recorded so far stays in the record; the next sync goes on from there."


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A project as its source stands: its last run, and when the next one begins by itself."""

    project: Project
    live: bool
    run: SyncRun | None
    next: Schedule | None
    rules: tuple[str, ...]
    missed: str

    @property
    def failed(self) -> bool:
        """Whether the last run failed: somebody has to look at it."""
        return self.run is not None and self.run.state == State.FAILED


@require_safe
def sources(request: HttpRequest) -> HttpResponse:
    """All projects with what they are read from, and the latest runs."""
    wants = asked(request.GET, [], None)
    found = projects.projects(
        request.user, limit=wants.limit, cursor=wants.cursor, newest_first=not wants.filters.oldest_first
    )
    rows = _rows([(row.project, row.run) for row in found.rows])
    context = {
        "place": "sync",
        "found": found,
        "rows": rows,
        "failed": [row for row in rows if row.failed],
        "runs": _listed(request, limited=True).rows,
        "oldest_first": wants.filters.oldest_first,
    }
    return render(request, "audit/sync.html", context)


@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """Runs of all projects, the newest first."""
    context = {
        "place": "sync",
        "found": _listed(request),
        "states": State.choices,
        "chosen_state": request.GET.get("state", ""),
        "chosen_project": request.GET.get("project", ""),
        "filtered": any(request.GET.get(name) for name in FILTERS),
        "oldest_first": request.GET.get("order") == "oldest",
    }
    return render(request, "audit/sync_runs.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def project(request: HttpRequest, pk: int) -> HttpResponse:
    """A project's source: its state, its schedules, its runs; POST begins a sync."""
    of = access.project(request.user, pk)
    if request.method == "POST":
        return _begin(request, of)
    if wrong := check_keys(request.GET, ["saved"]):
        raise WrongRequest(*wrong)
    return _of_project(request, of)


@require_safe
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """A sync or a load: how far it is, and what came of it."""
    if wrong := check_keys(request.GET, []):
        raise WrongRequest(*wrong)
    run = _run(request, pk)
    may = run.project is not None and access.may(request.user, run.project, Role.MANAGER)
    context = {
        **_around(run),
        "place": "sync",
        "run": run,
        "project": run.project,
        "source_project": run.project,
        "live": run.project is not None and run.project.source.kind in PLATFORMS,
        "may_cancel": may and not run.over,
        "may_ask": may,
        "once": new_token(),
        "kept": _kept(run),
    }
    return render(request, "audit/sync_run.html", context)


@require_safe
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far a sync is."""
    run = _run(request, pk)
    return pages.progress(request, run, _address(run))


@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, and cancel a sync."""
    run = _run(request, pk)
    if run.project is not None:
        access.require(request.user, run.project, Role.MANAGER)
    else:
        access.require_operator(request.user)
    name = run.project.name if run.project else "a file"

    def noted() -> None:
        servicelog.note(request.user, "sync.cancelled", f"sync {run.pk}", project=run.project)

    return pages.cancelling(request, run, {**_around(run), "place": "sync", "name": name}, noted)


def _begin(request: HttpRequest, of: Project) -> HttpResponse:
    access.require(request.user, of, Role.MANAGER)
    mode = request.POST.get("mode", Mode.FULL.value)
    if mode not in MODES:
        raise WrongRequest(unknown("mode", mode, "The mode", [one.value for one in MODES]))
    try:
        run = once(request, SyncRun, lambda: _ask(request, of, Mode(mode)))
    except SyncBusy as error:
        return _of_project(request, of, str(error), open_run(of), status=409)
    except SyncRefused as error:
        return _of_project(request, of, str(error), status=400)
    return see(_address(run))


def _ask(request: HttpRequest, of: Project, mode: Mode) -> SyncRun:
    run = request_sync(of, mode, access.name_of(request.user))
    servicelog.note(request.user, "sync.requested", f"sync {run.pk} ({mode})", project=of)
    return run


def _of_project(
    request: HttpRequest, of: Project, problem: str = "", other: SyncRun | None = None, status: int = 200
) -> HttpResponse:
    last = SyncRun.objects.filter(project=of).order_by("-id").first()
    (row,) = _rows([(of, last)])
    context = {
        "project": of,
        "row": row,
        "run": last,
        "schedules": schedule.parts(of),
        "media": media.choices(of),
        "saved": "saved" in request.GET,
        "runs": SyncRun.objects.filter(project=of).select_related("project").order_by("-id")[:LATEST],
        "problems": [FieldProblem("mode", "refused", problem)] if problem else [],
        "other": other,
        "open": last is not None and not last.over,
        "may_ask": access.may(request.user, of, Role.MANAGER),
        "once": new_token(),
        "kept": _kept(last) if last else "",
        "sends": of.source.kind in PLATFORMS and PLATFORMS[of.source.kind].hook is not None,
    }
    return render(request, "audit/sync_project.html", context, status=status)


def _rows(found: Sequence[tuple[Project, SyncRun | None]]) -> list[SourceRow]:
    """Projects with their schedules: one query, however many."""
    schedules: dict[int, list[Schedule]] = {}
    for one in Schedule.objects.filter(project__in=[of.pk for of, _ in found]).order_by("next_at"):
        schedules.setdefault(one.project_id, []).append(one)
    return [
        SourceRow(
            of,
            of.source.kind in PLATFORMS,
            run,
            next((one for one in schedules.get(of.pk, []) if one.next_at), None),
            tuple(words(one) for one in schedules.get(of.pk, []) if one.next_at),
            next((one.missed for one in schedules.get(of.pk, []) if one.missed), ""),
        )
        for of, run in found
    ]


def _listed(request: HttpRequest, *, limited: bool = False) -> Listed[SyncRun]:
    """The runs that the user may see; `limited`: the latest, whatever the address asks of another list."""
    query = request.GET.copy()
    if limited:
        query.clear()
        query["limit"] = str(LATEST)
    return runs(SyncRun, query, ("id",), access.condition(request.user), "project__source")


def _run(request: HttpRequest, pk: int) -> SyncRun:
    run = None
    if pk.bit_length() < 64:
        run = SyncRun.objects.filter(pk=pk).select_related("project__source", "project__log").first()
    if run is None or not access.sees(request.user, run.project_id):
        raise Http404(f"There is no sync {pk}.")
    return run


def _address(run: SyncRun) -> str:
    return reverse("sync-run", args=[run.pk])


def _around(run: SyncRun) -> dict[str, Any]:
    """The addresses of a run, and how it is called."""
    return {
        "what": "load" if run.mode == Mode.LOAD else "sync",
        "page": _address(run),
        "progress_at": reverse("sync-run-progress", args=[run.pk]),
        "cancel_at": reverse("sync-run-cancel", args=[run.pk]),
        "loss": _LOSS,
    }


def _kept(run: SyncRun) -> str:
    """What a failed run did not harm."""
    if run.mode == Mode.LOAD:
        kept = "What was in the record before stays; the same file can be loaded again and adds only what is missing."
        options = " Options that begin with -- are those of manage.py load; kind and zone are chosen on its page, too."
        return kept + (options if "--" in run.error_text else "")
    return "What was recorded until then stays, and the next sync goes on from there."
