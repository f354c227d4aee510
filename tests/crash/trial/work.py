"""What a trial does."""

from __future__ import annotations

import os
import signal
import time

from django.db import connection

from exportsite.jobs import Lease, RunFailed
from tests.crash.trial.models import Mark, Trial


def work(trial: Trial, lease: Lease[Trial]) -> None:
    def mark(what: str) -> None:
        Mark.objects.create(trial=trial, what=what, pid=os.getpid(), attempt=trial.attempts)

    for step in range(trial.steps):
        lease.progress("stepping", step, trial.steps, "steps")
        mark("step")
        if step == trial.at:
            do(trial)
        time.sleep(trial.pace)
    with lease.publishing(message="done"):
        mark("published")


def do(trial: Trial) -> None:
    """The deed, if there is one."""
    if trial.deed == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    elif trial.deed == "hang once" and trial.attempts == 1:
        os.kill(os.getpid(), signal.SIGSTOP)
    elif trial.deed == "fail":
        raise RunFailed("refused", "The trial was told to fail.")
    elif trial.deed == "stumble":
        raise KeyError("/some/secret/path")
    elif trial.deed == "query":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(60)")
