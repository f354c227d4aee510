"""A task's trail and the event list by each filter, at two sizes of the log: the time must not grow with it.

    python -m bench.trail [--small 100000] [--large 10000000]

The rows are made by SQL, not by append (their envelopes are dummies): only reading is measured here. Takes 20 GB of
disk at the default size. Target: at most 1.3 times as long (docs/performance.md).
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Callable

from bench.ground import STAGES, START, TYPES, ground, seconds, table

RUNS = 40
PER_TASK = 20

EVENTS = """
INSERT INTO audit_event (id, log_id, task_id, n, type, source_type, occurred_at, stage, actor_id, late, envelope)
SELECT %(log)s * (1::bigint << 40) + i, %(log)s, %(task)s + i / %(per)s, i %% %(per)s + 1,
    (%(types)s::text[])[1 + (i * 7919 %% 6)], 'SAVED', %(start)s::timestamptz + i * interval '3 seconds',
    (%(stages)s::text[])[1 + (i * 104729 %% 3)], %(person)s + (i * 15485863 %% 12), false, %(envelope)s
FROM generate_series(0::bigint, %(events)s - 1) AS i
"""
TASKS = """
INSERT INTO audit_task (id, project_id, external_id, number, name, stage, status, assignee_id, cycle, events, first_at,
    last_at, dated, active_ms, from_index, last_index, words)
SELECT %(task)s + i, %(project)s, 'task-' || i, i + 1, 'task-' || i, (%(stages)s::text[])[1 + i %% 3], 'submitted',
    %(person)s + i %% 12, 1, %(per)s, %(start)s, %(start)s::timestamptz + (i + 1) * interval '1 minute', true, 0,
    i * %(per)s, (i + 1) * %(per)s - 1, array_to_tsvector(ARRAY['task', i::text])
FROM generate_series(0, %(events)s / %(per)s - 1) AS i
"""
WORDS = """
INSERT INTO audit_eventwords (event_id, words)
SELECT %(log)s * (1::bigint << 40) + i, array_to_tsvector(ARRAY['lesion', 'w' || i %% 1000])
FROM generate_series(0, %(events)s - 1, 50) AS i
"""


def envelope() -> bytes:
    """An envelope that pages can read; the same for all rows."""
    from audit.log.envelope import Envelope, seal, stamp

    return seal(
        Envelope(
            v=1, log="bench", task="task-1", n=1, type="task.submitted", source_type="SAVED", source_key="1",
            occurred_at=START.isoformat(), received_at=stamp(START), actor="p1", actor_kind="person", assignee=None,
            stage="Label", to_stage=None, cycle=1, derived=False, content=None, text=None,
        )
    )  # fmt: skip


def fill(name: str, events: int) -> int:
    """A project with `events` rows in its log; its id."""
    from django.db import connection

    from audit.log.create import create_project
    from audit.models import Identity, Person, Source, Task

    source = Source.objects.create(kind="file", name=name)
    project = create_project(source, name, name)
    people = [
        Person.objects.create(
            project=project,
            identity=Identity.objects.create(source=source, subject=bytes([number])),
            pseudonym=f"p{number}",
        ).pk
        for number in range(12)
    ]
    newest = Task.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    values = {
        "log": project.log.pk, "project": project.pk, "task": newest + 1, "per": PER_TASK, "types": list(TYPES),
        "stages": list(STAGES), "start": START, "person": people[0], "envelope": envelope(), "events": events,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(TASKS, values)
        cursor.execute(EVENTS, values)
        cursor.execute(WORDS, values)
        cursor.execute("SET session_replication_role = origin")
        cursor.execute("UPDATE audit_log SET size = %s WHERE id = %s", [events, project.log.pk])
        cursor.execute("UPDATE audit_project SET tasks = %s WHERE id = %s", [events // PER_TASK, project.pk])
        cursor.execute("VACUUM ANALYZE")
    return project.pk


def reads(project_id: int, events: int) -> dict[str, Callable[[], object]]:
    """What is measured: name and call."""
    from datetime import timedelta

    from audit.models import Person, Project, Task
    from audit.queries import lists
    from audit.queries.filters import Filters

    project = Project.objects.select_related("source", "log").get(pk=project_id)
    task = Task.objects.select_related("project__log").get(project=project, number=events // PER_TASK // 2)
    person = Person.objects.filter(project=project).order_by("pk")[5]
    middle = START + timedelta(seconds=3 * events // 2)
    filters = {
        "no filter": Filters(),
        "type": Filters(types=("review.rejected",)),
        "person": Filters(people=(person.pk,)),
        "stage": Filters(stages=("Review_1",)),
        "from": Filters(since=middle),
        "to": Filters(until=middle),
        "words, rare": Filters(words="'w7':*"),
        "words, common": Filters(words="'lesion':*"),
    }
    found: dict[str, Callable[[], object]] = {"task trail": lambda: lists.trail(task)}
    for name, wanted in filters.items():
        found[f"events: {name}"] = lambda wanted=wanted: lists.events(project, wanted)  # type: ignore[misc]
    found["tasks: no filter"] = lambda: lists.tasks(project)
    found["tasks: stage"] = lambda: lists.tasks(project, Filters(stages=("Review_1",)))
    return found


def main() -> None:
    """Fill both, then read in turn, so that both meet the same machine."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--small", type=int, default=100_000)
    options.add_argument("--large", type=int, default=10_000_000)
    given = options.parse_args()
    with ground():
        small = reads(fill("small", given.small), given.small)
        large = reads(fill("large", given.large), given.large)
        lines = []
        for name in small:
            times: tuple[list[float], list[float]] = ([], [])
            small[name](), large[name]()
            for _ in range(RUNS):
                times[0].append(seconds(small[name]))
                times[1].append(seconds(large[name]))
            first, second = statistics.median(times[0]), statistics.median(times[1])
            lines.append((name, f"{first * 1000:.1f}", f"{second * 1000:.1f}", f"{second / first:.2f}"))
        table(
            "Reading lists",
            ("what", f"{given.small:,} events, ms", f"{given.large:,} events, ms", "ratio (target: at most 1.3)"),
            lines,
        )


if __name__ == "__main__":
    main()
