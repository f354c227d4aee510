"""How a run ends, or goes back into the queue: the same for a worker, a command, the reaper and whoever cancels."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Greatest, Now

from exportsite.jobs.queue import dispatch
from exportsite.jobs.run import HELD, MOST_ATTEMPTS, LeasedRun, State

LOST = (
    "lost",
    f"It was begun {MOST_ATTEMPTS} times, and each time its process ended or lost the database before it was done, as "
    "happens when it needs more memory than there is. Nothing was published. Ask for less at a time, or look into the "
    "worker's log.",
)
LEFT = ("left", "The command that worked on it ended before it was done. Nothing was published; start it again.")


def columns(state: State, code: str = "", text: str = "") -> dict[str, Any]:
    """What a run's row holds once it is over."""
    return {
        "state": state,
        "error_code": code,
        "error_text": text,
        "lease_token": None,
        "lease_until": None,
        "finished_at": Now(),
    }


def end(runs: QuerySet[Any], state: State, code: str = "", text: str = "", **more: Any) -> bool:
    """End the run that the query selects; whether there was one."""
    return bool(runs.update(**columns(state, code, text), **more))


def unforeseen(error: BaseException) -> tuple[str, str]:
    """Code and text of a failure that the code has no words for: without paths or data, which the log has."""
    return (
        "unforeseen",
        f"It failed in a way that nobody foresaw ({type(error).__name__}). Nothing was published. The server's log "
        "tells more.",
    )


def cancel(run: LeasedRun) -> bool:
    """Cancel a run: at once when it waits, else as soon as its worker notices. False when it was over already."""
    runs = type(run)._default_manager.filter(pk=run.pk)
    if end(runs.filter(state=State.QUEUED), State.CANCELLED):
        return True
    return bool(runs.filter(state__in=HELD).update(state=State.CANCELLING))


def hand_back(run: LeasedRun, token: uuid.UUID | None, *, counted: bool) -> bool:
    """End the claim that has this token: another worker begins anew, unless the run was cancelled or tried too often.

    An attempt that is not `counted` does not bring the run nearer to its last one. Whether the claim was still there.
    """
    mine = type(run)._default_manager.filter(pk=run.pk, lease_token=token, state__in=HELD)
    with transaction.atomic():
        over = (
            end(mine.filter(state=State.CANCELLING), State.CANCELLED)
            or end(mine.filter(attached=True), State.FAILED, *LEFT)
            or (counted and end(mine.filter(attempts__gte=MOST_ATTEMPTS), State.FAILED, *LOST))
        )
        if not over:
            if not _queue_again(mine, counted=counted):
                return False
            dispatch(run)
    if over:
        run.discard()
    return True


def _queue_again(runs: QuerySet[Any], *, counted: bool) -> bool:
    attempts = F("attempts") if counted else Greatest(F("attempts") - 1, 0)
    return bool(
        runs.update(
            state=State.QUEUED, attempts=attempts, lease_token=None, lease_until=None, holder="", queued_at=Now()
        )
    )
