"""How fast events are appended: against a bare COPY of the same rows, and against django-auditlog.

    python -m bench.ingest [--events 1000000] [--runs 3] [--peer-events 50000] [--signal-events 5000]

The facts: tasks of 20 events, payloads of about 190 bytes, 12 people. Ours goes from prepared `SourceEvent`s to
committed rows (people replaced, hashed, numbered, projections written). The bare COPY puts the rows that this made into
empty tables of the same make, indexes included, 10,000 events a transaction. Both take turns batch by batch, so that
what else the machine does hits both.
"""

from __future__ import annotations

import argparse
import cProfile
import json
import pstats
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING

from bench.ground import PEOPLE, ROOT, STAGES, START, TYPES, ground, table

if TYPE_CHECKING:
    from audit.models import Log
    from audit.sources.base import SourceEvent

PER_TASK = 20
BATCH = 10_000
TABLES = ("audit_event", "audit_disclosure", "audit_task", "audit_tile")


@dataclass(frozen=True, slots=True)
class Rates:
    """Events a second of one run."""

    ours: float
    bare: float


def facts(count: int) -> Iterator[SourceEvent]:
    """`count` events, task after task, as a source's adapter yields them."""
    from audit.sources.base import PersonRef, SourceEvent

    rng = random.Random(11)
    people = [PersonRef(email, email=email, name=email.split("@")[0].replace(".", " ").title()) for email in PEOPLE]
    for number in range(count):
        task, step = divmod(number, PER_TASK)
        moment = START + timedelta(seconds=number)
        actor = people[rng.randrange(len(people))]
        kind = TYPES[step % len(TYPES)]
        payload = {
            "eventType": kind.upper(),
            "taskId": f"task-{task:07d}",
            "createdAt": moment.isoformat(),
            "createdBy": actor.email,
            "data": {"stage": STAGES[step % 3], "score": rng.random(), "tool": "brush"},
        }
        yield SourceEvent(
            task=f"task-{task:07d}",
            type=kind,
            source_type=kind.upper(),
            occurred_at=moment.isoformat(),
            instant=moment,
            actor=actor,
            actor_kind="person",
            assignee=people[rng.randrange(len(people))] if kind == "task.assigned" else None,
            stage=STAGES[step % 3],
            cycle=1,
            content=json.dumps(payload).encode(),
        )


def run_ours_and_bare(count: int) -> Rates:
    """One run: a new project and new twins of the tables."""
    from django.db import connection

    from audit.log.append import Appender
    from audit.log.create import create_project
    from audit.models import Log, Project, Source

    source = Source.objects.create(kind="file", name=f"bench {time.time_ns()}")
    project = create_project(source, source.name, source.name)
    with connection.cursor() as cursor:
        for name in TABLES:
            cursor.execute(f"DROP TABLE IF EXISTS bare_{name}")
            cursor.execute(f"CREATE TABLE bare_{name} (LIKE {name} INCLUDING ALL)")
    ours = bare = 0.0
    stream = facts(count)
    appender = Appender(project)
    done = 0
    while chunk := list(islice(stream, BATCH)):
        ours += _appended(appender, chunk)
        size = Log.objects.get(project=project).size
        bare += _copied(project.log, done, size)
        done = size
    assert done == count, "every fact is an event of its own"
    assert Project.objects.get(pk=project.pk).tasks == -(-count // PER_TASK)
    return Rates(count / ours, count / bare)


def _appended(appender: object, chunk: list[SourceEvent]) -> float:
    begin = time.perf_counter()
    for event in chunk:
        appender.add(event)  # type: ignore[attr-defined]
    appender.flush()  # type: ignore[attr-defined]
    return time.perf_counter() - begin


def _copied(log: Log, start: int, end: int) -> float:
    """Seconds to COPY what the events `start` to `end` made into the twins; reading it out before is not counted."""
    from django.db import connection, transaction

    spent = 0.0
    for first in range(start, end, BATCH):
        last = min(first + BATCH, end)
        a, b = log.event_id(first), log.event_id(last)
        queries = {
            "audit_event": f"SELECT * FROM audit_event WHERE id >= {a} AND id < {b} ORDER BY id",
            "audit_disclosure": "SELECT * FROM audit_disclosure "
            f"WHERE event_id >= {a} AND event_id < {b} ORDER BY 1, 2",
            "audit_task": f"SELECT * FROM audit_task WHERE project_id = {log.project_id} "
            f"AND from_index >= {first} AND from_index < {last} ORDER BY id",
            "audit_tile": f"SELECT * FROM audit_tile WHERE log_id = {log.pk} AND level = 0 "
            f"AND index >= {first // 256} AND index < {last // 256} ORDER BY index",
        }
        data: dict[str, list[bytes]] = {}
        with connection.cursor() as cursor:
            for name, query in queries.items():
                with cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT BINARY)") as copy:
                    data[name] = _blocks(b"".join(bytes(block) for block in copy))
        begin = time.perf_counter()
        with transaction.atomic(), connection.cursor() as cursor:
            for name, blocks in data.items():
                with cursor.copy(f"COPY bare_{name} FROM STDIN (FORMAT BINARY)") as copy:
                    for block in blocks:
                        copy.write(block)
        spent += time.perf_counter() - begin
    return spent


def _blocks(data: bytes, size: int = 1 << 18) -> list[bytes]:
    """The same bytes in pieces that a client would send."""
    return [data[start : start + size] for start in range(0, len(data), size)]


def run_auditlog(bulk: int, saved: int) -> Rates:
    """django-auditlog in a process of its own: bulk_create of LogEntry rows, and its signals on saved models."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.auditlog_peer", str(bulk), str(saved)],
        check=True, capture_output=True, text=True, cwd=ROOT,
    )  # fmt: skip
    found = json.loads(done.stdout.splitlines()[-1])
    return Rates(found["bulk"], found["signals"])


def profile(count: int) -> None:
    """Where the time of an append goes."""
    from audit.log.append import Appender
    from audit.log.create import create_project
    from audit.models import Source

    source = Source.objects.create(kind="file", name="profile")
    appender = Appender(create_project(source, "profile", "profile"))
    events = list(facts(count))
    profiler = cProfile.Profile()
    profiler.runcall(_appended, appender, events)
    pstats.Stats(profiler).sort_stats("tottime").print_stats(35)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--peer-events", type=int, default=50_000)
    parser.add_argument("--signal-events", type=int, default=5_000)
    parser.add_argument("--profile", action="store_true", help="profile one append instead of comparing")
    options = parser.parse_args()
    with ground(durable=True):
        if options.profile:
            profile(options.events)
            return
        own: list[Rates] = []
        peer: list[Rates] = []
        for _ in range(options.runs):
            own.append(run_ours_and_bare(options.events))
            if options.peer_events:
                peer.append(run_auditlog(options.peer_events, options.signal_events))
        report(own, peer)


def report(own: list[Rates], peer: list[Rates]) -> None:
    """Print medians and the ratios within a run."""

    def middle(values: list[float]) -> float:
        return statistics.median(values)

    lines: list[tuple[object, ...]] = [
        ("Labeltrail's append", f"{middle([run.ours for run in own]):,.0f}", "", ""),
        (
            "bare COPY of the same rows",
            f"{middle([run.bare for run in own]):,.0f}",
            f"{middle([run.ours / run.bare for run in own]):.0%}",
            "at least 50 %",
        ),
    ]
    if peer:
        pairs = list(zip(own, peer, strict=True))
        lines += [
            (
                "django-auditlog, bulk_create",
                f"{middle([run.ours for run in peer]):,.0f}",
                f"{middle([a.ours / b.ours for a, b in pairs]):.1f} x",
                "at least 5 x",
            ),
            (
                "django-auditlog, signals",
                f"{middle([run.bare for run in peer]):,.0f}",
                f"{middle([a.ours / b.bare for a, b in pairs]):.1f} x",
                "at least 50 x",
            ),
        ]
    table("Ingest", ("what", "events/s (median)", "ours against it", "target"), lines)


if __name__ == "__main__":
    main()
