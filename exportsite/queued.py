"""Commands that hand their run to a worker: `--queue` and `--wait`."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from typing import TypeVar

from django.core.management.base import CommandError

from exportsite.exits import CANCELLED, FAILED, TIMED_OUT, WRONG_REQUEST
from exportsite.jobs import LeasedRun, State, cancel
from exportsite.text import visible

POLL = 0.2
R = TypeVar("R", bound=LeasedRun)


def add_arguments(parser: ArgumentParser) -> None:
    """The options."""
    parser.add_argument("--queue", action="store_true", help="hand it to a worker, and print the run's id")
    parser.add_argument(
        "--wait",
        type=float,
        metavar="SECONDS",
        help="with --queue: wait so long for the end; exit status 4 when it takes longer (the run goes on)",
    )


def check(options: dict[str, object], *here_only: str) -> None:
    """Refuse --wait without --queue, and options that only make sense for a run in this process with it."""
    if options["wait"] is not None and not options["queue"]:
        raise CommandError("--wait goes with --queue.", returncode=WRONG_REQUEST)
    if options["queue"]:
        for name in here_only:
            if options[name]:
                raise CommandError(
                    f"--{name} does not go with --queue: a worker keeps its files in the artefact folder.",
                    returncode=WRONG_REQUEST,
                )


class Interrupted(CommandError):
    """Ctrl-C came while a run was waited for; it is being cancelled."""


def wait(run: R, seconds: float, since: float | None = None) -> R:
    """The run once it has succeeded. CommandError with the exit status otherwise; Ctrl-C cancels it: Interrupted.

    The seconds count from now, or from `since` (of `time.monotonic`).
    """
    until = (time.monotonic() if since is None else since) + seconds
    try:
        while not run.over:
            if time.monotonic() > until:
                raise CommandError(f"Run {run.pk} is not done after {seconds:g} s; it goes on.", returncode=TIMED_OUT)
            time.sleep(POLL)
            run.refresh_from_db()
    except KeyboardInterrupt:
        cancel(run)
        raise Interrupted(f"Run {run.pk} is being cancelled.", returncode=CANCELLED) from None
    if run.state == State.CANCELLED:
        raise CommandError(f"Run {run.pk} was cancelled.", returncode=CANCELLED)
    if run.state == State.FAILED:
        raise CommandError(visible(run.error_text), returncode=FAILED)
    return run
