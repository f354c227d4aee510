"""The supervisor: keeps one cluster of workers working on this machine, and takes up what others left lying."""

from __future__ import annotations

import logging
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

import psycopg
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection, connections

from exportsite import processes
from exportsite.jobs import reaper
from exportsite.jobs.run import LeasedRun, State

SLOT = "LABELTRAIL_SLOT"
CLUSTER = "LABELTRAIL_CLUSTER"
STUCK = "the workers take no work"
MOST_PATIENT = 5
"""Doublings of the time that workers have to take a message, while new ones are started in vain."""
TICK = 0.5
REAP_EVERY = 5.0
_START = "import sys, django; django.setup(); from exportsite.jobs.cluster import main; main(int(sys.argv[1]))"

log = logging.getLogger(__name__)


class SlotTaken(Exception):
    """Another worker has the slot; the text says what to do."""


class Slot:
    """A place for one cluster on this machine: a lock in the database, gone with the connection that holds it."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._place = f"{socket.gethostname()}/{number}"
        self._wrapper = connections["default"].copy()
        # Workers of other databases on this machine have nothing to do with us.
        address = "\0".join(str(self._wrapper.settings_dict[part]) for part in ("HOST", "PORT", "NAME"))
        self.name = f"{self._place}/{sha256(address.encode()).hexdigest()[:12]}"
        self._taken = False

    def take(self) -> None:
        """Be the only one in the slot, until `leave`; SlotTaken when someone else is."""
        self.leave()
        self._wrapper.connect()
        digest = sha256(f"labeltrail/worker\0{self._place}".encode()).digest()
        key = int.from_bytes(digest[:8], signed=True)
        row = self._raw.execute("SELECT pg_try_advisory_lock(%s)", [key]).fetchone()
        self._taken = bool(row and row[0])
        if not self._taken:
            raise SlotTaken(
                f"A worker runs already in slot {self._number} of this machine. Stop it first, or start another beside "
                f"it with --slot {self._number + 1}."
            )

    def is_held(self) -> bool:
        """Whether the lock is ours: the connection that took it is there."""
        try:
            if self._taken:
                self._raw.execute("SELECT 1")
        except psycopg.Error:
            self._taken = False
        return self._taken

    def leave(self) -> None:
        """Give the slot up."""
        self._taken = False
        with suppress(DatabaseError, psycopg.Error):
            self._wrapper.close()

    @property
    def _raw(self) -> psycopg.Connection[Any]:
        raw: psycopg.Connection[Any] = self._wrapper.connection
        return raw


@dataclass(frozen=True)
class Knock:
    """A message sent to see whether it is taken: about which run, when, and the cluster's last claim before it."""

    run: LeasedRun
    sent: float
    before: datetime | None


class Cluster:
    """One cluster process and its group."""

    def __init__(self, slot: str) -> None:
        self.id = uuid.uuid4().hex
        environment = {
            **os.environ,
            SLOT: slot,
            CLUSTER: self.id,
            "LABELTRAIL_SECRET_KEY": settings.SECRET_KEY,
        }
        self.process = subprocess.Popen(
            [sys.executable, "-c", _START, str(os.getpid())],
            stdin=subprocess.DEVNULL,
            cwd=settings.BASE_DIR,
            env=environment,
            process_group=0,
        )
        self.knock: Knock | None = None

    def is_running(self) -> bool:
        return self.process.poll() is None

    def end(self, *, politely: bool) -> None:
        """End every process of it; `politely` lets workers hand back what they do, for RUN_GRACE seconds."""
        if politely and self.is_running():
            self.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(settings.RUN_GRACE + 2)
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


class Supervisor:
    """`run` until `stop` is called (by a signal handler). `revive` may bring back a database that went away."""

    def __init__(self, number: int, revive: Callable[[], None] = lambda: None) -> None:
        self.slot = Slot(number)
        self._revive = revive
        self.stopping = False
        self._reaped = 0.0
        self._vain = 0

    def stop(self, number: int = 0, frame: object = None) -> None:
        """End at the next tick."""
        self.stopping = True

    def run(self) -> None:
        """Take the slot, keep a cluster in it. Raises SlotTaken when another worker has it from the start."""
        self.slot.take()
        try:
            while not self.stopping:
                self._serve()
        finally:
            self.slot.leave()

    def _serve(self) -> None:
        """One cluster, from its start to its end; the slot is ours."""
        if orphans := processes.kill_orphans(SLOT, self.slot.name):
            log.warning("killed %d processes that an earlier worker left behind", orphans)
        cluster = Cluster(self.slot.name)
        self._reaped = 0.0
        reason = ""
        try:
            while not self.stopping and not reason:
                time.sleep(TICK)
                reason = self._tick(cluster)
        finally:
            cluster.end(politely=self.stopping)
            # Whatever else ended the cluster, a run that it did may be the cause of it.
            self._release(cluster, counted=not self.stopping and reason != STUCK)
            self._vain = self._vain + 1 if reason == STUCK else 0
        if not self.stopping:
            log.warning("%s; starting the workers anew", reason)
            self._take_slot_again()

    def _tick(self, cluster: Cluster) -> str:
        """What has to be done now and then. Why the cluster has to be started anew, or nothing."""
        if not cluster.is_running():
            return "the cluster ended"
        if not self.slot.is_held():
            return "the connection to the database was lost"
        try:
            held = reaper.held_by(cluster.id)
            self._bury(cluster, held)
            first, due = not self._reaped, time.monotonic() - self._reaped >= REAP_EVERY
            if due:
                self._reaped = time.monotonic()
                reaper.reap(patience=0 if first else None)
                self._call_hooks()
            return self._stuck(cluster, len(held))
        except (DatabaseError, InterfaceError) as problem:
            log.warning("the database could not be asked: %s", problem)
            connection.close()
            return ""

    def _bury(self, cluster: Cluster, held: list[LeasedRun]) -> None:
        """Take runs from workers that are gone, and kill those that hang: their lease has ended."""
        gone = tuple(run.holder for run in held if not processes.is_alive(_pid(run)))
        if gone:
            reaper.reap(gone=gone)
        for run in reaper.held_by(cluster.id, late=True):
            log.warning("worker %d hangs; killing it", _pid(run))
            with suppress(ProcessLookupError):
                os.kill(_pid(run), signal.SIGKILL)

    def _stuck(self, cluster: Cluster, busy: int) -> str:
        """Whether idle workers take no work: a run still waits although a message about it was sent long ago.

        A worker that is killed while it waits leaves the queue between the processes locked for ever. On a machine that
        is slow to start them, workers get more time than the ones before, or none would ever come to its first message.
        """
        if busy >= settings.WORKERS:
            cluster.knock = None
            return ""
        knock, cluster.knock = cluster.knock, None
        if knock is None:
            run = reaper.overdue(settings.RUN_KNOCK)
            if run is not None:
                cluster.knock = Knock(run, time.monotonic(), reaper.last_claim(cluster.id))
                reaper.repeat(run)
        elif time.monotonic() - knock.sent < settings.RUN_KNOCK * 2 ** min(self._vain, MOST_PATIENT):
            cluster.knock = knock
        else:
            knock.run.refresh_from_db(fields=["state"])
            if knock.run.state == State.QUEUED and reaper.last_claim(cluster.id) == knock.before:
                return STUCK
            self._vain = 0
        return ""

    def _call_hooks(self) -> None:
        for hook in reaper.hooks:
            try:
                hook()
            except Exception:  # One that fails must not end the worker, nor keep the others from their turn.
                log.exception("%s failed", hook)

    def _release(self, cluster: Cluster, *, counted: bool) -> None:
        """Hand back what the cluster held; when the database is gone, the leases end by themselves."""
        try:
            reaper.release(cluster.id, counted=counted)
        except (DatabaseError, InterfaceError) as problem:
            log.warning("what the workers held could not be handed back: %s", problem)
            connection.close()

    def _take_slot_again(self) -> None:
        """After an outage of the database: wait for it, and for whoever took the slot meanwhile."""
        while not self.stopping and not self.slot.is_held():
            try:
                self.slot.take()
            except (SlotTaken, psycopg.Error):
                time.sleep(TICK)
                self._revive()


def _pid(run: LeasedRun) -> int:
    """The process that holds a run."""
    return int(run.holder.rpartition("/")[2])
