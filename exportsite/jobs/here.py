"""Beginning a run: handed to a worker, or done in this process by the command that asks for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.db import transaction

from exportsite.jobs.errors import RunFailed
from exportsite.jobs.lease import Lease, claim
from exportsite.jobs.queue import dispatch
from exportsite.jobs.run import LeasedRun

Tell = Callable[[str, int, int | None, str], None]
"""Told the step, how many items of it are done, of how many, and what they are."""
R = TypeVar("R", bound=LeasedRun)


def quietly(step: str, done: int, total: int | None, unit: str) -> None:
    """Tell nobody."""


def hand_over(create: Callable[[], R]) -> R:
    """The run that `create` makes, queued for a worker; nothing is left when it raises."""
    with transaction.atomic():
        run = create()
        dispatch(run)
    return run


def do_here(run: R, work: Callable[[Lease[R]], None], tell: Tell = quietly) -> R:
    """Do an attached run in this process; the run as it succeeded. Raises RunFailed or Stopped once its row says so."""
    lease = claim(type(run), run.pk)
    if lease is None:
        raise RunFailed("left", f"The {run._meta.verbose_name} was cancelled before it began.")
    lease.tell = tell
    with lease:
        work(lease)
    run.refresh_from_db()
    return run
