"""Runs on pages: their state, how far they are, why they failed."""

from __future__ import annotations

from datetime import timedelta

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from exportsite.clock import elapsed
from exportsite.jobs import LeasedRun, State
from exportsite.jobs.run import MOST_ATTEMPTS
from exportsite.templatetags.ui import icon

register = template.Library()
PATIENCE = timedelta(seconds=60)
"""After which a queued run tells how a worker is started."""
_STATES = {
    State.QUEUED: ("", "wait", "Waiting"),
    State.RUNNING: ("act", "ring", "Running"),
    State.CANCELLING: ("warn", "ring", "Being cancelled"),
    State.SUCCEEDED: ("ok", "check", "Succeeded"),
    State.FAILED: ("no", "stop", "Failed"),
    State.CANCELLED: ("", "x", "Cancelled"),
}
_AGAIN = "Ask for it again. If it fails the same way, whoever operates the server finds more in the worker’s log."
_ROOM = "Whoever operates the server makes room where artefacts are kept; then ask for it again."
_REMEDIES = {
    "changed": "Ask for it anew: something it named is not there any more.",
    "disk_full": _ROOM,
    "storage": "Whoever operates the server looks at the folder of artefacts; then ask for it again.",
    "lost": "Ask for less at a time, with filters; or let whoever operates the server give the worker more memory.",
    "left": "Ask for it again.",
    "unforeseen": _AGAIN,
    "key": "An operator gives the source a new key: manage.py connect, with the same project. Then sync again.",
    "busy": "Wait, then sync again; a schedule does so by itself. Sync less often if it stays so.",
    "unavailable": "See whether the platform works; then sync again. A schedule does so by itself.",
    "missing": "See whether the project is still there at the platform, and whether the key may see it.",
    "address": "An operator corrects the address of the source: manage.py connect.",
    "tls": "An operator gives the authority’s certificate: manage.py connect --ca-file. There is no way round it.",
    "changing": "Sync again when less is going on at the platform.",
    "answer": "Sync again. If it stays so, the platform’s API may have changed: tell whoever operates the server.",
    "here_only": "Load the file again with manage.py load, on the machine that has it.",
}


@register.simple_tag
def run_state(run: LeasedRun, look: str = "bare") -> SafeString:
    """The state: icon, word, colour. `look` is "bdg" beside a heading, "bare" in tables."""
    tone, name, word = _STATES[State(run.state)]
    return format_html('<span class="{} {}">{}{}</span>', look, tone, icon(name), word)


@register.filter
def remedy(run: LeasedRun) -> str:
    """What can be done about a failure, for people; empty where the failure's own text says it all."""
    return _REMEDIES.get(run.error_code, "")


@register.filter
def took(run: LeasedRun) -> str:
    """How long the run took from its last start, or takes so far."""
    if run.started_at is None:
        return "–"
    span = (run.finished_at or timezone.now()) - run.started_at
    if timedelta() <= span < timedelta(seconds=10):
        return f"{span.total_seconds():.1f} s"
    return elapsed(max(span, timedelta()))


@register.filter
def waits_long(run: LeasedRun) -> bool:
    """Whether a queued run waits for longer than a worker needs to take it."""
    return run.state == State.QUEUED and timezone.now() - run.created_at > PATIENCE


@register.simple_tag
def attempts(run: LeasedRun) -> str:
    """`attempt 2 of 3`, from the second on."""
    return f"attempt {run.attempts} of {MOST_ATTEMPTS}" if run.attempts > 1 else ""


@register.filter
def percent(run: LeasedRun) -> int | None:
    """How much of the step under way is done, 0 to 100; None where nobody knows."""
    done, total = run.progress.get("done") or 0, run.progress.get("total")
    return min(100, 100 * done // total) if total else None


@register.filter
def left(run: LeasedRun) -> str:
    """How long the step under way will still take."""
    return f"about {elapsed(run.eta)}" if run.eta is not None else "not known yet"


@register.filter
def size(count: int) -> str:
    """Bytes as people read them: `412 B`, `18.6 MB` (decimal)."""
    amount = float(count)
    if count < 1000:
        return f"{count} B"
    for unit in ("kB", "MB", "GB"):
        amount /= 1000
        if amount < 999.95:
            return f"{amount:.1f} {unit}"
    return f"{amount / 1000:.1f} TB"
