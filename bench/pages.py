"""Each page of a project at two sizes of its log: seconds on the server and bytes of the answer must not grow with it.

    python -m bench.pages [--small 100000] [--large 10000000] [--runs 15]

The rows are made by SQL (bench.trail) in five minutes or so, the log's tree over them is a real one. Takes 12 GB of
disk at the default size. Target: at most 1.3 times as long (docs/performance.md).
"""

from __future__ import annotations

import argparse
import gzip
import statistics
from functools import partial

from bench.ground import STAGES, START, ground, seconds, table
from bench.trail import PER_TASK, fill

BATCH = 256 * 256
TIMES = """
INSERT INTO audit_activetime (event_id, project_id, task_id, person_id, stage, cycle, milliseconds, from_index)
SELECT e.id, %(project)s, e.task_id, e.actor_id, e.stage, 1 + e.task_id %% 2, 60000, e.id & ((1::bigint << 40) - 1)
FROM audit_event e WHERE e.log_id = %(log)s AND e.n = 3
"""


def furnish(project_id: int, events: int) -> None:
    """What the pages show besides events: the order of stages, active time, the log's tree and a checkpoint."""
    from django.db import connection

    from audit.log.checkpoint import sign
    from audit.log.merkle import Edge, leaf_hash
    from audit.models import Log, Project, Tile
    from bench.trail import envelope

    Project.objects.filter(pk=project_id).update(stages=list(STAGES))
    log = Log.objects.get(project=project_id)
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(TIMES, {"project": project_id, "log": log.pk})
        cursor.execute("SET session_replication_role = origin")
    edge, leaf = Edge(), leaf_hash(envelope())
    for start in range(0, events, BATCH):
        tiles = edge.extend([leaf] * min(BATCH, events - start))
        Tile.objects.bulk_create(
            [Tile(log=log, level=one.level, index=one.index, hashes=one.hashes) for one in tiles], batch_size=500
        )
    log.edge = edge.encode()
    log.save(update_fields=["edge"])
    sign(log)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def addresses(project_id: int, events: int) -> dict[str, str]:
    """What is measured: name and address."""
    from audit.models import Task

    task = Task.objects.get(project=project_id, number=events // PER_TASK // 2)
    day = f"{START:%Y-%m-%d}"
    of = f"/projects/{project_id}/"
    return {
        "all projects": "/",
        "project": of,
        "tasks": f"{of}tasks/",
        "tasks: stage": f"{of}tasks/?stage=Review_1",
        "tasks: words": f"{of}tasks/?words=task",
        "trail": f"/tasks/{task.pk}/",
        "trail, an event’s proof and raw record": f"/tasks/{task.pk}/?event=3",
        "events": f"{of}events/",
        "events: type and stage": f"{of}events/?type=review.rejected&stage=Review_1",
        "events: words": f"{of}events/?words=lesion",
        "events: one day": f"{of}events/?from={day}&to={day}",
        "entry": f"{of}events/5000/",
        "integrity": f"{of}integrity/",
        "sync": f"{of}sync/",
        "new export": f"/exports/new/?project={project_id}",
        "new report": f"/reports/new/?project={project_id}",
    }


def main() -> None:
    """Fill both, then ask for each page in turn, so that both meet the same machine."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--small", type=int, default=100_000)
    options.add_argument("--large", type=int, default=10_000_000)
    options.add_argument("--runs", type=int, default=15)
    given = options.parse_args()
    with ground() as home:
        (home / "static").mkdir()
        from django.contrib.auth.models import User
        from django.test import Client

        client = Client()
        client.force_login(User.objects.create_superuser("bench"))
        pages = []
        for name, events in (("small", given.small), ("large", given.large)):
            project = fill(name, events)
            furnish(project, events)
            pages.append(addresses(project, events))
        lines = []
        for name in pages[0]:
            times: tuple[list[float], list[float]] = ([], [])
            answers = [client.get(page[name], HTTP_HOST="localhost") for page in pages]
            assert [answer.status_code for answer in answers] == [200, 200], (name, answers)
            for _ in range(given.runs):
                for at, page in enumerate(pages):
                    times[at].append(seconds(partial(client.get, page[name], HTTP_HOST="localhost")))
            first, second = (statistics.median(one) for one in times)
            size = answers[1].content
            lines.append(
                (name, f"{first * 1000:.0f}", f"{second * 1000:.0f}", f"{second / first:.2f}",
                 f"{len(size) / 1000:.0f}", f"{len(gzip.compress(size, 6)) / 1000:.1f}")
            )  # fmt: skip
        table(
            "Pages",
            (
                "page",
                f"{given.small:,} events, ms",
                f"{given.large:,} events, ms",
                "ratio (target: at most 1.3)",
                "kB",
                "kB compressed",
            ),
            lines,
        )


if __name__ == "__main__":
    main()
