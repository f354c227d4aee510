"""A task's trail: what happened, who did it, for how long, and that the log holds it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from audit import access, lanes, servicelog
from audit.models import Task
from audit.pages.entry import raw_record
from audit.pages.timeline import timeline
from audit.queries import lists, logs, projects, trails
from audit.queries.asked import asked, oldest_unless
from audit.queries.filters import EVENT_FILTERS
from audit.queries.labels import newest_labels
from audit.queries.records import EventRow, TimeRow, Who
from audit.sentences import deed
from audit.templatetags.record import local
from exportsite.clock import elapsed
from exportsite.problems import FieldProblem, WrongRequest

TRAIL_FILTERS = tuple(name for name in EVENT_FILTERS if name != "external_id")
EVENTS = 200
"""Events of a trail on one page."""
LABELS = 20
"""Labels beside a trail, the newest ones."""
_WORK = {"task.submitted", "rework.submitted", "label.created", "label.updated", "task.saved"}


@dataclass(slots=True)
class Part:
    """What one person did on a task, in words; active time in milliseconds."""

    person: Who
    did: list[str]
    milliseconds: int = 0
    worked: bool = False
    reviewed: bool = False


@require_safe
def trail(request: HttpRequest, pk: int) -> HttpResponse:
    """The page that an inspector judges the record by."""
    task = access.task(request.user, pk)
    wants = asked(request.GET, TRAIL_FILTERS, task.project, also=["event"], limit=EVENTS)
    filters = oldest_unless(wants.filters, request.GET)
    found = lists.trail(task, filters, limit=wants.limit, cursor=wants.cursor)
    log = task.project.log
    checkpoint = logs.newest_checkpoint(log)
    chosen = _chosen(request, task)
    proven = chosen or _last_covered(found.rows, checkpoint.size if checkpoint else 0)
    times = trails.times_of(task)
    whole = not filters.any and found.next is None and found.previous is None
    context: dict[str, Any] = {
        "task": task,
        "project": task.project,
        "assignee": projects.person_of(task.project, task.assignee_id),
        "found": found,
        "lines": list(timeline(found.rows, {one.index: one.milliseconds for one in times})),
        "clocks": any(local(event, task.project) for event in found.rows),
        "oldest_first": filters.oldest_first,
        "filtered": filters.any,
        "whole": whole,
        "neighbours": trails.neighbours(task),
        "times": times,
        "chart": lanes.chart([_sitting(one, _closing(one, found.rows)) for one in times]),
        "active_ms": sum(one.milliseconds for one in times),
        "span": elapsed(task.last_at - task.first_at) if task.last_at - task.first_at > timedelta() else "",
        "parts": _parts(found.rows, times),
        "versions": trails.versions(task),
        "labels": newest_labels(task, LABELS),
        "most_labels": LABELS,
        "gapless": trails.numbers_gapless(task),
        "log": log,
        "checkpoint": checkpoint,
        "root": logs.stated_root(checkpoint) if checkpoint else "",
        "proven": proven,
        "inclusion": logs.inclusion(log, proven, checkpoint) if proven else None,
        "chosen": chosen,
        "raw": raw_record(task.project, chosen) if chosen else None,
    }
    context["both"] = [part.person for part in context["parts"] if part.worked and part.reviewed]
    context["reviews"] = any(part.reviewed for part in context["parts"])
    servicelog.viewed(request.user, task.project, f"trail of task {task.pk}")
    return render(request, "audit/trail.html", context)


def _chosen(request: HttpRequest, task: Task) -> EventRow | None:
    """The event whose proof and raw record are asked for, by its number within the task."""
    raw = request.GET.get("event")
    if not raw:
        return None
    if not (raw.isascii() and raw.isdigit() and len(raw) < 10):
        text = f"“event” is “{raw[:100]}”; it is the number of an event of this task, such as 1."
        raise WrongRequest(FieldProblem("event", "invalid", text))
    event = logs.event_of(task, int(raw))
    if event is None:
        raise Http404(f"This task has no event {raw}; it has {task.events:,}.")
    return event


def _last_covered(rows: Sequence[EventRow], size: int) -> EventRow | None:
    """The last event in the log, of those on the page, that the checkpoint covers."""
    return max((row for row in rows if row.index < size), key=lambda row: row.index, default=None)


def _closing(one: TimeRow, rows: Sequence[EventRow]) -> lanes.Closing | None:
    """The event of the same person, stage and second with which the counted work ended."""
    ended = _ended(one)
    for event in rows:
        if (
            event.kind.group in ("work", "review")
            and abs(event.occurred_at - ended) <= timedelta(seconds=1)
            and event.stage == one.stage
            and event.actor is not None
            and event.actor == one.person
        ):
            return lanes.Closing(event.n, event.type, event.kind.verb)
    return None


def _sitting(one: TimeRow, closing: lanes.Closing | None) -> lanes.Sitting:
    person = one.person.label if one.person else "person not recorded"
    return lanes.Sitting((one.stage, person, one.cycle), _ended(one), one.milliseconds, one.index, closing)


def _ended(one: TimeRow) -> datetime:
    """When the work ended; when it was recorded, where the source gave only a length."""
    ended = one.ended_at or (one.started_at and one.started_at + timedelta(milliseconds=one.milliseconds))
    return ended or one.recorded_at


def _parts(rows: Sequence[EventRow], times: Sequence[TimeRow]) -> list[Part]:
    """The people of these events, in the order in which they appear."""
    found: dict[str, Part] = {}
    for event in rows:
        if event.actor is None:
            continue
        part = found.setdefault(event.actor.pseudonym, Part(event.actor, []))
        if event.kind.group == "time":
            continue
        did = deed(event.type, event.source_type)
        if did not in part.did:
            part.did.append(did)
        part.worked = part.worked or event.type in _WORK
        part.reviewed = part.reviewed or event.type.startswith("review.")
    for one in times:
        if one.person is not None:
            part = found.setdefault(one.person.pseudonym, Part(one.person, []))
            part.milliseconds += one.milliseconds
    return list(found.values())
