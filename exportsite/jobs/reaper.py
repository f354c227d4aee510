"""Taking up what was left lying: runs whose process is gone, and messages that were lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import DateTimeField, ExpressionWrapper, Max, Q, QuerySet, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Now

from exportsite.jobs import ends
from exportsite.jobs.queue import dispatch, waiting
from exportsite.jobs.run import HELD, LeasedRun, State, kinds

MOST = 1_000
"""Runs of a kind taken up at a time; the next tick takes more."""
MERCY = 1.0
"""Seconds after which a lease that ended is taken up: the holder's own supervisor comes first, and ends the process."""

hooks: list[Callable[[], None]] = []
"""Called with every tick of a worker's supervisor, for what has to happen at its time: schedules."""


def every_tick(function: Callable[[], None]) -> Callable[[], None]:
    """Have a function called every few seconds, in one process of each worker. It has to be quick."""
    hooks.append(function)
    return function


def reap(*, patience: float | None = None, gone: tuple[str, ...] = ()) -> None:
    """Queue again, or end, every run whose lease ended or whose holder is `gone`; repeat messages that were lost.

    A run that is queued for `patience` seconds (RUN_PATIENCE) and of which no message waits gets a new one.
    """
    for model in kinds():
        ended = Q(lease_until__lt=_ago(MERCY)) | Q(holder__in=gone)
        lost = model._default_manager.filter(ended, state__in=HELD)
        for run in lost[:MOST]:
            # By its token: whoever claimed it since is left alone.
            ends.hand_back(run, run.lease_token, counted=True)
        # A command claims its run as soon as it is made: one that still waits has lost its command.
        ends.end(_queued(model, settings.RUN_PATIENCE).filter(attached=True), State.FAILED, *ends.LEFT)
    _repeat_messages(settings.RUN_PATIENCE if patience is None else patience)


def _repeat_messages(patience: float) -> None:
    late = [run for model in kinds() for run in _queued(model, patience).filter(attached=False)[:MOST]]
    sent = waiting() if late else set()
    for run in late:
        if (run.label(), str(run.pk)) not in sent:
            repeat(run)


def _queued(model: type[LeasedRun], seconds: float) -> QuerySet[LeasedRun]:
    """Runs that wait for longer than so, the oldest first."""
    return model._default_manager.filter(state=State.QUEUED, queued_at__lte=_ago(seconds)).order_by("queued_at")


def overdue(seconds: float) -> LeasedRun | None:
    """The run that waits longest, if that is longer than so."""
    found = [run for model in kinds() for run in _queued(model, seconds).filter(attached=False)[:1]]
    return min(found, key=lambda run: run.queued_at, default=None)


def repeat(run: LeasedRun) -> None:
    """Send another message about a queued run."""
    with transaction.atomic():
        if type(run)._default_manager.filter(pk=run.pk, state=State.QUEUED).update(queued_at=Now()):
            dispatch(run)


def release(cluster: str, *, counted: bool) -> None:
    """Hand back what the processes of a cluster held: all of them are gone."""
    for run in held_by(cluster):
        ends.hand_back(run, run.lease_token, counted=counted)


def held_by(cluster: str, *, late: bool = False) -> list[LeasedRun]:
    """The runs that processes of a cluster hold; `late`: only those whose lease has ended."""
    chosen = Q(state__in=HELD, holder__startswith=f"{cluster}/") & (Q(lease_until__lt=Now()) if late else Q())
    return [run for model in kinds() for run in model._default_manager.filter(chosen)]


def last_claim(cluster: str) -> datetime | None:
    """When a process of the cluster last took a run that it still has, or ended."""
    found = [
        model._default_manager.filter(holder__startswith=f"{cluster}/").aggregate(last=Max("started_at"))["last"]
        for model in kinds()
    ]
    return max((moment for moment in found if moment is not None), default=None)


def _ago(seconds: float) -> Combinable:
    """That many seconds ago, by the database's clock."""
    return ExpressionWrapper(Now() - Value(timedelta(seconds=seconds)), output_field=DateTimeField())
