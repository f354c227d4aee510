"""A first sync and one that finds nothing new, against the fake platform; peak memory at two sizes.

    python -m bench.sync [--tasks 1000] [--large 50000] [--latency 0.05] [--sdk PYTHON]

The platform runs in a process of its own on the same machine, so its time is in ours: "the platform alone" says how
long a client takes that reads the same pages and throws them away. `--latency` is how many seconds each answer takes on
its way. `--sdk` names the interpreter of an environment with redbrick-sdk, which then reads the same project by its own
`get_task_events` and `get_active_time`, with their default pages (10 and 100). Targets: 3 times the SDK; at most 1.2
times the memory (docs/performance.md).
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from bench.ground import ROOT, ground, peak_mib, seconds, table

SDK = """
import redbrick, sys, time, warnings
warnings.simplefilter("ignore")
url, org, project, key = sys.argv[1:]
began = time.perf_counter()
found = redbrick.get_project(org, project, api_key=key, url=url)
tasks = events = 0
for task in found.export.get_task_events(only_ground_truth=False):
    tasks += 1
    events += len(task["events"])
for stage in found.stages:
    events += sum(1 for _ in found.export.get_active_time(stage_name=stage.stage_name))
print(tasks, events, time.perf_counter() - began)
"""


FAKE = """
import sys, threading
from audit.demo.redbrick import Clock, FakeRedBrick, World
from audit.demo.redbrick.scripts import LIVER, ORG
world = World(int(sys.argv[1]), Clock())
with FakeRedBrick(world) as fake:
    fake.fail("", times=10**9, delay=float(sys.argv[2]))
    print(fake.url, ORG, LIVER.id, world.key, sep="\\n", flush=True)
    threading.Event().wait()
"""


class Platform:
    """Where the fake answers."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.url, self.org, self.project, self.key = (line.strip() for line in islice(lines, 4))


@contextmanager
def platform(tasks: int, latency: float) -> Iterator[Platform]:
    """The fake with so many tasks, its story at its end; each answer comes `latency` seconds later."""
    process = subprocess.Popen(
        [sys.executable, "-c", FAKE, str(tasks), str(latency)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield Platform(iter(process.stdout.readline, ""))
    finally:
        process.kill()
        process.wait()


def read_only(there: Platform) -> int:
    """Read all pages, and do nothing with them; how many tasks came."""
    from audit.sources.redbrick import RedBrickClient, RedBrickSource
    from audit.sources.web import Conditions

    how = Conditions(allow_hosts=["127.0.0.1"])
    client = RedBrickClient(there.url, there.key, there.org, there.project, how)
    tasks = sum(len(page.items) for page in client.task_pages())
    for stage in RedBrickSource(client).project().worked():
        for _ in client.time_pages(stage):
            pass
    client.close()
    return tasks


def main() -> None:
    """Measure each size with a platform of its own."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--tasks", type=int, default=1_000)
    options.add_argument("--large", type=int, default=50_000)
    options.add_argument("--latency", type=float, default=0.05)
    options.add_argument("--sdk", type=Path)
    given = options.parse_args()
    os.environ["LABELTRAIL_ALLOW_HOSTS"] = "127.0.0.1"
    rates: list[tuple[str, ...]] = []
    peaks: list[tuple[float, float]] = []
    with ground():
        for tasks in dict.fromkeys((given.tasks, given.large)):
            with platform(tasks, given.latency) as there:
                rates += _measured(there, tasks, given.sdk if tasks == given.tasks else None, peaks)
    table("Syncs", ("what", "tasks", "events", "seconds", "tasks/s", "events/s"), rates)
    if len(peaks) == 2:
        (first, again), (large_first, large_again) = peaks
        table(
            "Peak memory",
            ("what", f"{given.tasks:,} tasks, MiB", f"{given.large:,} tasks, MiB", "ratio (target: at most 1.2)"),
            [
                ("first sync", f"{first:.0f}", f"{large_first:.0f}", f"{large_first / first:.2f}"),
                ("second sync", f"{again:.0f}", f"{large_again:.0f}", f"{large_again / again:.2f}"),
            ],
        )


def _measured(there: Platform, tasks: int, sdk: Path | None, peaks: list[tuple[float, float]]) -> list[tuple[str, ...]]:
    from django.core.management import call_command

    from audit.models import Event, Project, SyncRun

    os.environ["BENCH_KEY"] = there.key
    where = ["--url", there.url, "--org", there.org, "--project", there.project, "--key-env", "BENCH_KEY"]
    with open(os.devnull, "w") as nowhere:
        call_command("connect", "redbrick", *where, stdout=nowhere, stderr=nowhere)
    project = Project.objects.latest("pk")
    peaks.append((peak_mib(["sync", str(project.pk)]), peak_mib(["sync", str(project.pk)])))
    first, second = SyncRun.objects.filter(project=project).order_by("pk")
    events = Event.objects.filter(log__project=project).count()
    alone = seconds(lambda: read_only(there))
    rows = [
        _row("the platform alone", tasks, events, alone),
        _row("first sync", tasks, events, (first.finished_at - first.started_at).total_seconds()),
        _row("second sync", tasks, events, (second.finished_at - second.started_at).total_seconds()),
    ]
    if sdk is not None:
        # The SDK leaves a numeric address as it is only when "localhost" is in it.
        arguments = [there.url + "/localhost", there.org, there.project, there.key]
        output = subprocess.run([sdk, "-c", SDK, *arguments], check=True, capture_output=True, text=True).stdout
        came, told, took = output.splitlines()[-1].split()
        rows.append(_row("redbrick-sdk", int(came), int(told), float(took)))
    return rows


def _row(what: str, tasks: int, events: int, took: float) -> tuple[str, ...]:
    return what, f"{tasks:,}", f"{events:,}", f"{took:.1f}", f"{tasks / took:,.0f}", f"{events / took:,.0f}"


if __name__ == "__main__":
    main()
