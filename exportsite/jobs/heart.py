"""The heartbeat: a thread that keeps a lease alive beside the work, over a database connection of its own."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import psycopg
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.backends.base.base import BaseDatabaseWrapper

from exportsite.forks import undisturbed
from exportsite.jobs.errors import LeaseLost, Stopped

log = logging.getLogger(__name__)


class Heart:
    """Calls `beat` every RUN_BEAT seconds, until it or somebody else condemns the work.

    `beat` returns the exception by which the work has to end, or None. When the database can't be reached for as long
    as a lease lasts, the lease must be taken for lost. Condemned work is not kept alive: a query it waits for (over
    `working`, its thread's connection) is cut off, and its process is killed if it does not stop before its lease does.
    """

    def __init__(self, beat: Callable[[], type[Stopped] | None], working: BaseDatabaseWrapper) -> None:
        self.verdict: type[Stopped] | None = None
        self._beat = beat
        self._working = working
        self._wake = threading.Event()
        self._over = False
        self._renewed = time.monotonic()
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)

    def start(self) -> None:
        """Begin to beat; the lease was taken just now."""
        self._thread.start()

    def stop(self) -> None:
        """Beat no more. Doing it twice changes nothing."""
        self._over = True
        self._wake.set()
        if self._thread.ident is not None:
            self._thread.join()

    def condemn(self, verdict: type[Stopped]) -> None:
        """Let the work end by this exception."""
        self.verdict = verdict
        self._wake.set()

    def raise_verdict(self) -> None:
        """In the working thread: end the work, if it has to end."""
        if self.verdict is not None:
            raise self.verdict

    def _run(self) -> None:
        try:
            while not self._waited():
                with undisturbed():
                    if self.verdict is None:
                        self._try()
                    if self.verdict is not None and not self._over:
                        self._cut_off()
        finally:
            connection.close()  # This thread's own.

    def _waited(self) -> bool:
        """Wait for the next beat; whether there is none."""
        self._wake.wait(settings.RUN_BEAT)
        self._wake.clear()
        return self._over

    def _try(self) -> None:
        try:
            found = self._beat()
            self._renewed = time.monotonic()
        except DatabaseError as problem:
            log.warning("a heartbeat failed: %s", problem)
            connection.close()
            found = LeaseLost if time.monotonic() - self._renewed > settings.RUN_LEASE else None
        self.verdict = self.verdict or found

    def _cut_off(self) -> None:
        """End the query that the work waits for, if there is one."""
        raw: Any = self._working.connection
        if raw is not None:
            with suppress(psycopg.Error):
                raw.cancel_safe(timeout=5)
