"""In a worker's process: from a message to the end of the run."""

from __future__ import annotations

import logging
import os
from contextlib import suppress

from django.apps import apps
from django.utils.module_loading import import_string

from exportsite.jobs.errors import HandedBack
from exportsite.jobs.lease import Lease, claim
from exportsite.jobs.run import LeasedRun

log = logging.getLogger(__name__)


class _Leaving:
    """Whether this process was told to end."""

    now = False


def deliver(label: str, pk: str) -> None:
    """What a message calls. A message of which nothing comes, because the run is not there to be taken, is normal."""
    if not _Leaving.now:
        perform(apps.get_model(label), pk)
    if _Leaving.now:
        os._exit(0)


def perform(model: type[LeasedRun], pk: object) -> None:
    """Claim a run and do its work. What goes wrong is said in its row, and unforeseen things in the log."""
    lease = claim(model, pk)
    if lease is None:
        return
    with suppress(Exception), lease:  # The first run of a kind imports much: its heart has to beat meanwhile.
        import_string(model.work)(lease.run, lease)


def leave(number: int = 0, frame: object = None) -> None:
    """The worker's handler of SIGTERM: end now, or hand back the run that is under way and end then."""
    _Leaving.now = True
    if Lease.current is None:
        os._exit(0)
    Lease.current.stop(HandedBack)
