"""One entry of the log: its envelope, what it discloses, and the proof that the log holds it."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from audit import access, servicelog
from audit.models import Project
from audit.people import restorer
from audit.queries import logs
from audit.queries.records import EventRow
from exportsite.keys import Tampered, UnknownKey
from exportsite.problems import WrongRequest, check_keys

PROOF_FORMAT = "c2sp.org/tlog-proof@v1"
SHOWN = 100_000
"""Characters of a payload that a page shows; the file has all of it."""
_TITLES = {"content": "What the source sent", "text": "What a person wrote"}


@dataclass(frozen=True, slots=True)
class Raw:
    """Bytes of an event for a page: as kept, and with people put back where that differs."""

    group: str
    title: str
    size: int
    kept: str
    restored: str
    cut: bool
    commit: str
    holds: bool


def raw_record(project: Project, event: EventRow) -> list[Raw]:
    """What the event discloses, for reading."""
    found = []
    for one in logs.opened(event):
        restored = b""
        if one.group == "content":
            try:
                restored = restorer(project)(one.data)
            except (Tampered, UnknownKey):
                restored = one.data
        found.append(
            Raw(
                one.group,
                _TITLES.get(one.group, one.group),
                len(one.data),
                one.data[:SHOWN].decode(errors="replace"),
                restored[:SHOWN].decode(errors="replace") if restored != one.data else "",
                len(one.data) > SHOWN,
                one.commit,
                one.holds,
            )
        )
    return found


@require_safe
def entry(request: HttpRequest, pk: int, index: int) -> HttpResponse:
    """An entry of a project's log."""
    if wrong := check_keys(request.GET, []):
        raise WrongRequest(*wrong)
    project = access.project(request.user, pk)
    event = _event(project, index)
    checkpoint = logs.newest_checkpoint(project.log)
    context = {
        "project": project,
        "event": event,
        "chosen": event,
        "proven": event,
        "log": project.log,
        "checkpoint": checkpoint,
        "root": logs.stated_root(checkpoint) if checkpoint else "",
        "inclusion": logs.inclusion(project.log, event, checkpoint),
        "raw": raw_record(project, event),
    }
    servicelog.viewed(request.user, project, f"entry {index} of project {pk}")
    return render(request, "audit/entry.html", context)


@require_safe
def disclosed(request: HttpRequest, pk: int, index: int, group: str) -> HttpResponse:
    """The bytes that an entry commits to, as they are kept, to be saved as a file."""
    project = access.project(request.user, pk)
    event = _event(project, index)
    for one in logs.opened(event):
        if one.group == group:
            servicelog.viewed(request.user, project, f"{group} of entry {index} of project {pk}")
            response = HttpResponse(one.data, content_type="application/octet-stream")
            response["Content-Disposition"] = f'attachment; filename="project-{pk}-entry-{index}-{group}.bin"'
            return response
    raise Http404(f"Entry {index:,} discloses no {group}, or it was erased.")


@require_safe
def proof(request: HttpRequest, pk: int, index: int) -> HttpResponse:
    """The entry's inclusion proof as a file (C2SP tlog-proof): its index, the hashes to the root, the checkpoint."""
    project = access.project(request.user, pk)
    event = _event(project, index)
    checkpoint = logs.newest_checkpoint(project.log)
    inclusion = logs.inclusion(project.log, event, checkpoint)
    if checkpoint is None or inclusion is None:
        raise Http404(f"No checkpoint covers entry {index:,} yet; the next one will.")
    if inclusion.problem:
        raise Http404(f"Entry {index:,} does not lead to the signed root: {inclusion.problem}")
    hashes = "".join(f"{base64.b64encode(step.hash).decode()}\n" for step in inclusion.steps)
    text = f"{PROOF_FORMAT}\nindex {index}\n{hashes}\n{checkpoint.note}"
    servicelog.viewed(request.user, project, f"proof of entry {index} of project {pk}")
    response = HttpResponse(text, content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="project-{pk}-entry-{index}.tlog-proof"'
    return response


def _event(project: Project, index: int) -> EventRow:
    event = logs.entry(project, index)
    if event is None:
        raise Http404(f"The log of this project has no entry {index:,}; it has {project.log.size:,}, from 0.")
    return event
