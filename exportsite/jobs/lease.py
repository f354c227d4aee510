"""Claiming a run and holding it: nothing is committed or published by a process whose claim has ended.

    lease = claim(Export, pk)
    if lease is not None:
        with lease:
            work(lease.run, lease)

Leaving the block settles the run by how it ended: succeeded, failed with a text, cancelled, or back in the queue.
"""

from __future__ import annotations

import logging
import os
import socket
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from types import TracebackType
from typing import Any, Generic, TypeVar

import psycopg
from django.conf import settings
from django.db import (
    DEFAULT_DB_ALIAS,
    DatabaseError,
    connection,
    connections,
    transaction,
)
from django.db.models import DateTimeField, ExpressionWrapper, F, QuerySet, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Now

from exportsite import stopping
from exportsite.jobs import ends
from exportsite.jobs.errors import Cancelled, HandedBack, LeaseLost, RunFailed, Stopped
from exportsite.jobs.heart import Heart
from exportsite.jobs.run import HELD, LeasedRun, State

R = TypeVar("R", bound=LeasedRun)
_OUTAGES = {"57P01", "57P02", "57P03"}
"""admin_shutdown, crash_shutdown, cannot_connect_now."""
log = logging.getLogger(__name__)


def until() -> Combinable:
    """When a lease taken now ends, by the database's clock: machines need not agree on the time."""
    return ExpressionWrapper(Now() + Value(timedelta(seconds=settings.RUN_LEASE)), output_field=DateTimeField())


def holder() -> str:
    """This process, named in the runs that it holds: its cluster, or its machine, and its number."""
    return f"{os.environ.get('LABELTRAIL_CLUSTER') or socket.gethostname()}/{os.getpid()}"


def claim(model: type[R], pk: object, expected: tuple[type[Exception], ...] = ()) -> Lease[R] | None:
    """Take a queued run, for this process alone; None when there is none, someone else has it, or it is over.

    The texts of `expected` exceptions are for people: the run fails with them, as with RunFailed.
    """
    token = uuid.uuid4()
    claimed = model._default_manager.filter(pk=pk, state=State.QUEUED).update(
        state=State.RUNNING,
        attempts=F("attempts") + 1,
        lease_token=token,
        lease_until=until(),
        heartbeat_at=Now(),
        started_at=Now(),
        holder=holder(),
        progress={},
        message="",
    )
    return Lease(model._default_manager.get(pk=pk), token, expected) if claimed else None


class Lease(Generic[R]):
    """One process's claim of a run, while its heart beats (module `heart`)."""

    current: Lease[Any] | None = None
    """The one that this process works under; a worker has one at a time."""

    def __init__(self, run: R, token: uuid.UUID, expected: tuple[type[Exception], ...] = ()) -> None:
        self.run = run
        self.token = token
        self.tell: Callable[[str, int, int | None, str], None] = lambda step, done, total, unit: None
        """Told every progress as well: for a terminal."""
        self._expected = expected
        self._settled = False
        self._progress: dict[str, Any] = {}
        self._began = time.monotonic()
        self._heart = Heart(self._beat, connections[DEFAULT_DB_ALIAS])

    # What the work calls

    def progress(self, step: str, done: int = 0, total: int | None = None, unit: str = "") -> None:
        """Say how far the work is, as often as it likes: nothing is written here. Raises Stopped when it has to end."""
        if step != self._progress.get("step"):
            self._began = time.monotonic()
        self._progress = {"step": step, "done": done, "total": total, "unit": unit}
        self.tell(step, done, total, unit)
        self.check()

    def check(self) -> None:
        """Raise Stopped when the work has to end: for places where nothing can be counted."""
        self._heart.raise_verdict()

    def hold(self, **columns: Any) -> None:
        """In a transaction: store columns of the run, and make sure that the claim lasts until the commit.

        The last statement of a batch, so that the row is locked for a moment only. Raises Stopped, which must end the
        transaction.
        """
        columns = columns or {"heartbeat_at": Now()}
        if not self._mine().filter(state=State.RUNNING).update(**columns):
            raise Cancelled if self._mine().exists() else LeaseLost

    def committed(self) -> None:
        """In a transaction that stores a part of the result for good: `hold`, and attempts count from here again."""
        self.hold(attempts=1)

    @contextmanager
    def publishing(self, **columns: Any) -> Iterator[None]:
        """The run has succeeded; in the block its files get their names. Both are true after the commit, or neither.

        The row is locked meanwhile: no other process can claim the run, cancel it or find its lease ended.
        """
        self._heart.stop()
        with transaction.atomic():
            self.hold(**columns, **ends.columns(State.SUCCEEDED), progress=self.told())
            yield
        self._settled = True

    def stands(self) -> bool:
        """After an error while publishing: whether the run has succeeded nonetheless, as far as can be known."""
        try:
            _drop_broken_connection()
            return type(self.run)._default_manager.filter(pk=self.run.pk, state=State.SUCCEEDED).exists()
        except DatabaseError:
            return True

    def stop(self, verdict: type[Stopped]) -> None:
        """Make the work end at its next step. Safe in a signal handler."""
        self._heart.condemn(verdict)

    def told(self) -> dict[str, Any]:
        """The progress as it is stored."""
        return {**self._progress, "seconds": round(time.monotonic() - self._began, 3)} if self._progress else {}

    # How it begins and ends

    def __enter__(self) -> Lease[R]:
        Lease.current = self
        stopping.ask(self.check)
        self._heart.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._heart.stop()
        Lease.current = None
        stopping.ask(None)
        if self._settled:
            return
        # What the work raised after it was told to stop comes of that: of a query cut off, for instance.
        if isinstance(error, Exception) and self._heart.verdict is not None:
            error = self._heart.verdict()
        try:
            _drop_broken_connection()
            self._settle(error)
        except DatabaseError:
            log.exception("%s could not be settled; it is taken up when its lease ends", self)
            if error is None:
                raise

    def __str__(self) -> str:
        return f"run {self.run.label()} {self.run.pk}"

    def _settle(self, error: BaseException | None) -> None:
        if error is None:
            if not ends.end(self._mine().filter(state=State.RUNNING), State.SUCCEEDED, progress=self.told()):
                self._end(State.CANCELLED)
        elif isinstance(error, LeaseLost):
            log.warning("%s: the lease ended before the work did; another process has it", self)
        elif isinstance(error, HandedBack):
            ends.hand_back(self.run, self.token, counted=False)
        elif isinstance(error, RunFailed):
            self._end(State.FAILED, error.code, str(error))
        elif isinstance(error, self._expected):
            self._end(State.FAILED, "refused", str(error))
        elif isinstance(error, Cancelled) or not isinstance(error, Exception):
            self._end(State.CANCELLED)
        elif _is_an_outage(error):
            log.warning("%s: the connection to the database was lost: %s", self, error)
            ends.hand_back(self.run, self.token, counted=True)
        else:
            log.error("%s failed", self, exc_info=error)
            self._end(State.FAILED, *ends.unforeseen(error))

    def _end(self, state: State, code: str = "", text: str = "") -> None:
        if ends.end(self._mine(), state, code, text, progress=self.told()):
            self.run.discard()

    def _mine(self) -> QuerySet[R]:
        return type(self.run)._default_manager.filter(pk=self.run.pk, lease_token=self.token, state__in=HELD)

    def _beat(self) -> type[Stopped] | None:
        """Renew the lease, write the progress, read what others want. Runs in the heart's thread."""
        if not self._mine().update(heartbeat_at=Now(), lease_until=until(), progress=self.told()):
            return LeaseLost
        return Cancelled if self._mine().filter(state=State.CANCELLING).exists() else None


def _is_an_outage(error: BaseException) -> bool:
    """Whether the error says that the database went away: the server ends or refuses connections, or they broke.

    Asking the connection would not do: what was unwound since may have opened another one.
    """
    cause = error if isinstance(error, psycopg.Error) else error.__cause__
    if not isinstance(cause, psycopg.OperationalError | psycopg.InterfaceError):
        return False
    return cause.sqlstate is None or cause.sqlstate in _OUTAGES or cause.sqlstate.startswith("08")


def _drop_broken_connection() -> None:
    """Let the next statement have a new one."""
    if not connection.in_atomic_block:
        connection.close_if_unusable_or_obsolete()
