"""Delivery of runs to workers, by django-q2's broker in the same database.

A message says "look at this run", no more. It is stored by the transaction that queues the run, so it comes when, and
only when, the run is there. Lost, repeated or late it has no effect: the claim decides, and the reaper sends another.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from django.utils import timezone
from django_q.models import OrmQ
from django_q.signing import BadSignature, SignedPackage
from django_q.tasks import async_task

from exportsite.jobs.run import LeasedRun

Message = tuple[str, str]
"""The label of the kind of run, and its key."""


def dispatch(run: LeasedRun) -> None:
    """Send a message about the run, as a part of the caller's transaction."""
    async_task("exportsite.jobs.worker.deliver", run.label(), str(run.pk))


def waiting() -> set[Message]:
    """The messages that no cluster has taken yet."""
    found: set[Message] = set()
    for payload in OrmQ.objects.filter(lock__lte=timezone.now()).values_list("payload", flat=True).iterator():
        with suppress(BadSignature):
            found.add(_read(SignedPackage.loads(payload)))
    return found


def _read(package: dict[str, Any]) -> Message:
    label, pk = package["args"]
    return label, pk
