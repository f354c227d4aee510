"""Where a project's log stands, and how to check it without us."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from audit import access
from audit.log.checkpoint import vkey
from audit.pages import verification
from audit.queries import logs
from exportsite.problems import FieldProblem, WrongRequest, check_keys
from exportsite.sent import new_token

CHECKPOINTS = 20


@require_safe
def integrity(request: HttpRequest, pk: int) -> HttpResponse:
    """Size, root, checkpoints, key; what they show and what they do not."""
    if wrong := check_keys(request.GET, ["before"]):
        raise WrongRequest(*wrong)
    project = access.project(request.user, pk)
    log = project.log
    newest = logs.newest_checkpoint(log)
    rows, more = logs.checkpoints_before(log, _before(request), CHECKPOINTS)
    context = {
        "project": project,
        "log": log,
        "standing": logs.standing(log, newest) if newest else None,
        "unsigned": log.size - (newest.size if newest else 0),
        "vkey": vkey(log),
        "base": f"{request.scheme}://{request.get_host()}",
        "checkpoints": [(row, logs.stated_root(row)) for row in rows],
        "more": more,
        "paged": "before" in request.GET,
        "verifications": verification.latest(project),
        "once": new_token(),
    }
    return render(request, "audit/integrity.html", context)


def _before(request: HttpRequest) -> int | None:
    """Show only checkpoints of a smaller size than this."""
    raw = request.GET.get("before")
    if not raw:
        return None
    if not (raw.isascii() and raw.isdigit() and len(raw) < 19):
        raise WrongRequest(FieldProblem("before", "invalid", f"“before” is “{raw[:100]}”; it is a size of the log."))
    return int(raw)
