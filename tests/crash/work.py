"""What the processes that get killed do: `python -m tests.crash.work prepare | load [POINT] | check`.

`load` appends the same events every time, in batches of BATCH, and prints how many of them the log holds for certain
after each commit. With POINT, the name of a step, it prints `here` and waits when it comes to that step the third time.
"""

from __future__ import annotations

import functools
import json
import sys
import time
from collections.abc import Iterator

import django

EVENTS = 2_400
BATCH = 100
POINTS = ("_meet_people", "_read_held", "_rows", "_write_projections", "_write_head", "commit")


def events() -> Iterator[object]:
    from tests.factories import worked_task

    for task in range(EVENTS // 8):
        yield from worked_task(f"T{task}", start=task)


def prepare() -> None:
    from django.core.management import call_command

    from tests.factories import make_project

    call_command("migrate", verbosity=0)
    make_project(name="Crash")


def load(point: str | None) -> None:
    from audit.log import append
    from audit.models import Project

    append.BATCH = BATCH
    if point:
        wait_at(point)
    log = append.Appender(Project.objects.get(name="Crash"))
    certain = 0
    for event in events():
        log.add(event)
        if log.added + log.known > certain:
            certain = log.added + log.known
            print(certain, flush=True)


def wait_at(point: str) -> None:
    from django.db.backends.base.base import BaseDatabaseWrapper

    from audit.log.write import Batch

    owner, name = (BaseDatabaseWrapper, "_commit") if point == "commit" else (Batch, point)
    original = getattr(owner, name)
    calls: list[int] = []

    @functools.wraps(original)
    def waiting(*given: object) -> object:
        calls.append(1)
        found = iter(original(*given)) if point == "_rows" else None
        if len(calls) != 3:
            return found or original(*given)
        if found:
            return half_of(found)
        here()
        return None

    setattr(owner, name, waiting)


def half_of(rows: Iterator[bytes]) -> Iterator[bytes]:
    for _ in range(BATCH // 2):
        yield next(rows)
    here()


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
    print(json.dumps(found))


if __name__ == "__main__":
    django.setup()
    if sys.argv[1] == "load":
        load(sys.argv[2] if len(sys.argv) > 2 else None)
    else:
        {"prepare": prepare, "check": check}[sys.argv[1]]()
