"""Webhooks: platforms say that something happened, and the tasks are read as in any pass. A message is no record.

Each project has an address of its own with a secret in it, made from the project's key; a new one is made by counting
`Project.hook` on. Platforms that sign their messages do so with another secret, which they are given once.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping

from audit.live import hints
from audit.live.run import SyncRefused, request_sync
from audit.models import Hint, Mode, Project
from audit.people.identity import project_key
from audit.sources.hook import BadHook
from audit.sources.origins import PLATFORMS, origin

MOST = 1_000
"""Tasks that wait to be looked at; when there are more, an incremental pass reads all that changed."""
LARGEST = 1 << 20
"""Bytes of a message."""
LONGEST = 2_400
"""Bytes of a task's id, as for events."""


class NoHook(Exception):
    """A project that takes no messages; the text says why."""


def address_key(project: Project) -> str:
    """The secret in the project's address. Raises NoHook when it takes no messages."""
    return _secret(project, b"address")


def signing_key(project: Project) -> str:
    """The secret with which the platform signs, if it does. Raises NoHook."""
    return _secret(project, b"signature")


def renew(project: Project) -> None:
    """Give the project a new address and a new secret; those before mean nothing any more. Raises NoHook."""
    if project.source.kind not in PLATFORMS or PLATFORMS[project.source.kind].hook is None:
        raise NoHook(f'"{project.name}" ({origin(project.source.kind)}): no messages are sent from there')
    project.hook = abs(project.hook) + 1
    project.save(update_fields=["hook"])


def switch_off(project: Project) -> None:
    """Take no more messages; those addresses that there were are never used again."""
    project.hook = -abs(project.hook)
    project.save(update_fields=["hook"])


def take(project: Project, given: str, headers: Mapping[str, str], body: bytes) -> int:
    """Note the tasks that a message is about; how many. Raises NoHook for a wrong secret, BadHook for a bad message."""
    if not hmac.compare_digest(address_key(project).encode(), given.encode()):
        raise NoHook("the address is not that of the project")
    read = PLATFORMS[project.source.kind].hook
    assert read is not None
    tasks = [task for task in read(headers, body, signing_key(project)) if len(task.encode()) <= LONGEST]
    if any("\0" in task for task in tasks):
        raise BadHook("an id of a task has a NUL in it")
    hints.add(project, tasks)
    return len(tasks)


def begin_hinted() -> None:
    """Queue a pass for every project with tasks to look at; called by the worker's tick."""
    for project in Project.objects.select_related("source").filter(hints__isnull=False).distinct()[:MOST]:
        waiting = Hint.objects.filter(project=project)[: MOST + 1].count()
        try:
            if waiting > MOST:
                request_sync(project, Mode.INCREMENTAL, "webhook")
                Hint.objects.filter(project=project).delete()
            else:
                request_sync(project, Mode.HINTED, "webhook")
        except SyncRefused:
            continue  # Another pass is under way: at the next tick.


def _secret(project: Project, what: bytes) -> str:
    if project.hook < 1 or project.source.kind not in PLATFORMS:
        raise NoHook(f'"{project.name}" takes no messages')
    message = b"labeltrail/v1/hook\0" + what + b"\0" + str(project.hook).encode()
    return base64.b32encode(hmac.digest(project_key(project.log), message, "sha256")).decode()[:32].lower()
