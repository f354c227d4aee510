"""`manage.py worker`: do the runs that wait in the queue, until it is stopped."""

from __future__ import annotations

import os
import signal
from argparse import ArgumentParser
from contextlib import suppress
from typing import Any

import psycopg
from django.core.management.base import CommandError

from exportsite import commands
from exportsite.exits import FAILED
from exportsite.jobs.supervisor import SlotTaken, Supervisor
from exportsite.launch import hold_private_server
from exportsite.postgres import PostgresUnavailable


class Command(commands.Command):
    """Keeps a cluster of workers working. One for each machine is enough; more slots are possible."""

    help = (
        "Do queued exports, reports, syncs and verifications until Ctrl-C or SIGTERM. What is under way then goes back "
        "into the queue. LABELTRAIL_WORKERS says how many runs at a time."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--slot", type=int, default=1, help="which worker of this machine it is (1)")

    def handle(self, *, slot: int, **options: Any) -> None:
        supervisor = Supervisor(slot, revive=_revive)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, supervisor.stop)
        try:
            supervisor.run()
        except SlotTaken as problem:
            raise CommandError(str(problem), returncode=FAILED) from None
        except psycopg.OperationalError as problem:
            raise CommandError(f"The database can't be reached: {problem}", returncode=FAILED) from None


def _revive() -> None:
    """Start the private server again, when that is what the worker works on: nobody else might."""
    if os.environ.get("LABELTRAIL_PRIVATE_POSTGRES"):
        with suppress(PostgresUnavailable):
            hold_private_server(os.environ)
