"""What the processes that get killed do: `python -m tests.crash.work prepare | load [POINT NUMBER] | check`.

`check` prints what the log holds. `load` does so first; then it appends the same events every time, in batches of
BATCH, and prints how many of them the log holds for certain after each commit. When it comes to the step POINT for the
NUMBERth time, it prints `here` and waits.
"""

from __future__ import annotations

import functools
import json
import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import django
from psycopg.pq import ExecStatus, PGresult

from audit.log.rows import COPY_EVENTS, HEADER

if TYPE_CHECKING:
    from audit.log.copies import Copies

EVENTS = 6_000
BATCH = 100
POINTS = {
    "_meet_people": True,
    "_read_held": True,
    "copying": False,
    "_write_tree": True,
    "_write_projections": False,
    "_write_head": False,
    "commit": True,
}
"""Steps of a batch, and whether batches of which all is known come to them too."""


def events() -> Iterator[object]:
    from tests.factories import worked_task

    for task in range(EVENTS // 8):
        yield from worked_task(f"T{task}", start=task)


def prepare() -> None:
    from django.core.management import call_command

    from tests.factories import make_project

    call_command("migrate", verbosity=0)
    make_project(name="Crash")


def load(point: str = "", number: str = "0") -> None:
    from audit.log import append
    from audit.models import Project

    check()
    append.BATCH = BATCH
    if point:
        wait_at(point, int(number))
    log = append.Appender(Project.objects.get(name="Crash"))
    certain = 0
    for event in events():
        log.add(event)
        if log.added + log.known > certain:
            certain = log.added + log.known
            print(certain, flush=True)


def wait_at(point: str, number: int) -> None:
    from django.db.backends.base.base import BaseDatabaseWrapper

    from audit.log.copies import Copies
    from audit.log.write import Batch

    owners = {"commit": (BaseDatabaseWrapper, "_commit"), "copying": (Copies, "_take")}
    owner, name = owners.get(point, (Batch, point))
    original = getattr(owner, name)
    calls: list[int] = []

    @functools.wraps(original)
    def waiting(*given: Any) -> object:
        if point != "copying" or takes_events(*given):
            calls.append(1)
            if len(calls) == number:
                if point == "copying":
                    send_half(given[0])
                here()
        return original(*given)

    setattr(owner, name, waiting)


def takes_events(copies: Copies, result: PGresult | None) -> bool:
    return result is not None and result.status == ExecStatus.COPY_IN and copies._statement == COPY_EVENTS


def send_half(copies: Copies) -> None:
    copies._pg.put_copy_data(b"".join((HEADER, *copies._waiting[COPY_EVENTS][: BATCH // 2])))
    while copies._pg.flush():
        pass


def here() -> None:
    print("here", flush=True)
    time.sleep(600)


def check() -> None:
    from audit.log.envelope import unseal
    from audit.log.verify import verify
    from audit.models import Event, Log

    log = Log.objects.get(project__name="Crash")
    held = [unseal(bytes(data)) for data in Event.objects.order_by("id").values_list("envelope", flat=True)]
    found = {
        "size": log.size,
        "problems": [str(problem) for problem in verify(log).problems],
        "keys": len({(envelope.task, envelope.source_key) for envelope in held}),
        "rows": len(held),
    }
    print(json.dumps(found), flush=True)


if __name__ == "__main__":
    django.setup()
    if sys.argv[1] == "load":
        load(*sys.argv[2:])
    else:
        {"prepare": prepare, "check": check}[sys.argv[1]]()
