"""Syncs of a RedBrick project beside the vendor's SDK reading the same; peak memory at two sizes.

    python -m bench.sync [--tasks 1000] [--large 50000] [--latency 0.05] [--rounds 3] [--sdk PYTHON]

The platform answers from memory (bench/platform.py), to both alike, at once and with `--latency` seconds on the way of
each answer. `--sdk` names the interpreter of an environment with redbrick-sdk, which reads all tasks and active time by
its own `get_task_events` and `get_active_time`, with their default pages (10 and 100); it keeps nothing, while a sync
records everything. They take turns, each in a process of its own; medians are shown. CPU is that of the reading process
alone: the database's is not in it. Rows are tasks, events and active times: of a sync those that its record holds
afterwards, without what was concluded, of the SDK those that it handed to its program.

Targets: 3 times the SDK's rows a second; at most 1.2 times the memory (docs/performance.md).
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from statistics import median
from typing import NamedTuple

import orjson

from bench.ground import ROOT, ground, table
from bench.platform import Platform, platform

SDK = """
import redbrick, sys, time, warnings
warnings.simplefilter("ignore")
url, org, project, key = sys.argv[1:]
began, cpu = time.perf_counter(), time.process_time()
found = redbrick.get_project(org, project, api_key=key, url=url)
rows = 0
for task in found.export.get_task_events(only_ground_truth=False):
    rows += 1 + len(task["events"])
for stage in found.stages:
    rows += sum(1 for _ in found.export.get_active_time(stage_name=stage.stage_name))
print(rows, time.perf_counter() - began, time.process_time() - cpu, 0)
"""

SYNC = """
import re, sys, time
import django
django.setup()
from audit.live.run import sync
from audit.models import Mode, Project
project = Project.objects.select_related("source", "log").get(pk=sys.argv[1])
began, cpu = time.perf_counter(), time.process_time()
run = sync(project, Mode.FULL)
took, cpu = time.perf_counter() - began, time.process_time() - cpu
with open("/proc/self/status") as status:  # A child's ru_maxrss is not less than what its parent had.
    peak = re.search(r"VmHWM:\\s+(\\d+)", status.read())[1]
print(run.found, took, cpu, peak)
"""

READ = """
import sys, time
import django
django.setup()
from audit.live.platforms import open_project
from audit.models import Project
source = open_project(Project.objects.select_related("source").get(pk=sys.argv[1]))
began, cpu = time.perf_counter(), time.process_time()
of_project, counted = list(source.project_events()), source.count()
tasks = sum(len(page.histories) for page in source.task_pages())
for rows in source.time_pages():
    pass
source.close()
print(0, time.perf_counter() - began, time.process_time() - cpu, 0, tasks)
"""
"""What a sync reads, with nothing compared and nothing recorded."""


class Reading(NamedTuple):
    """One reading of everything: how many rows, wall and CPU seconds, the largest resident size in KiB."""

    rows: int
    seconds: float
    cpu: float
    peak: int


def main() -> None:
    """Rates at one size, then memory at two."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--tasks", type=int, default=1_000)
    options.add_argument("--large", type=int, default=50_000)
    options.add_argument("--latency", type=float, default=0.05)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--sdk", type=Path)
    given = options.parse_args()
    os.environ["LABELTRAIL_ALLOW_HOSTS"] = "127.0.0.1"
    with ground():
        for latency in dict.fromkeys((0.0, given.latency)) if given.rounds else ():
            with platform(given.tasks, latency) as there:
                _rates(there, given.tasks, latency, given.sdk, given.rounds)
        if given.large:
            _memory(given.tasks, given.large)


def _rates(there: Platform, tasks: int, latency: float, sdk: Path | None, rounds: int) -> None:
    _read_only(there)  # From now on the platform answers from memory.
    if sdk is not None:
        _sdk(there, sdk)
    found: defaultdict[str, list[Reading]] = defaultdict(list)
    for number in range(rounds):
        project = _connected(there, f"{latency}-{number}")
        for what in ("first sync", "second sync"):
            found[what].append(_sync(project)._replace(rows=rows_of(project)))
        found["reading alone"].append(_read(project)._replace(rows=rows_of(project)))
        if sdk is not None:
            found["redbrick-sdk"].append(_sdk(there, sdk))
    lines = []
    for what, readings in found.items():
        took = median(reading.seconds for reading in readings)
        rows = readings[0].rows
        cpu = median(reading.cpu for reading in readings)
        rate = f"{tasks / took:,.0f}", f"{rows / took:,.0f}"
        lines.append((what, f"{rows:,}", f"{took:.2f}", f"{cpu:.2f}", *rate))
    answers = f"answers {latency * 1000:.0f} ms later" if latency else "answers at once"
    table(f"{tasks:,} tasks, {answers}", ("what", "rows", "seconds", "CPU seconds", "tasks/s", "rows/s"), lines)
    if sdk is not None:
        pairs = list(zip(found["first sync"], found["redbrick-sdk"], strict=True))
        ratio = median(theirs.seconds / ours.seconds for ours, theirs in pairs)
        more = pairs[0][0].rows / pairs[0][1].rows
        print(
            f"\nFirst sync to SDK: {more * ratio:.2f} times the rows a second (target: at least 3), {ratio:.2f} times "
            "the tasks"
        )


def _memory(small: int, large: int) -> None:
    peaks: list[list[float]] = []
    for tasks in (small, large):
        with platform(tasks, 0.0) as there:
            project = _connected(there, f"memory-{tasks}")
            peaks.append([_sync(project).peak / 1024 for _ in range(2)])
    table(
        "Peak memory",
        ("what", f"{small:,} tasks, MiB", f"{large:,} tasks, MiB", "ratio (target: at most 1.2)"),
        [
            (what, f"{least:.0f}", f"{most:.0f}", f"{most / least:.2f}")
            for what, least, most in zip(("first sync", "second sync"), *peaks, strict=True)
        ],
    )


def rows_of(project: int) -> int:
    """What a record holds of its platform: tasks, labels, and whatever else was told and not concluded."""
    from audit.models import Event, Task

    envelopes = Event.objects.filter(log__project_id=project).values_list("type", "envelope")
    told = sum(
        type_ == "label.created" or not orjson.loads(bytes(envelope))["derived"]
        for type_, envelope in envelopes.iterator()
    )
    return told + Task.objects.filter(project_id=project).count()


def _connected(there: Platform, name: str) -> int:
    """A project of ours at an address of its own, so that it is a new one; its number."""
    from django.core.management import call_command

    from audit.models import Project

    os.environ["BENCH_KEY"] = there.key
    address = ["--url", f"{there.url}/{name}/graphql", "--org", there.org, "--project", there.project]
    with open(os.devnull, "w") as nowhere:
        call_command("connect", "redbrick", *address, "--key-env", "BENCH_KEY", stdout=nowhere, stderr=nowhere)
    return Project.objects.latest("pk").pk


def _sync(project: int) -> Reading:
    return _reading([sys.executable, "-c", SYNC, str(project)])


def _read(project: int) -> Reading:
    return _reading([sys.executable, "-c", READ, str(project)])


def _sdk(there: Platform, python: Path) -> Reading:
    # The SDK leaves a numeric address as it is only when "localhost" is in it.
    return _reading([str(python), "-c", SDK, f"{there.url}/localhost", there.org, there.project, there.key])


def _reading(command: list[str]) -> Reading:
    output = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout
    rows, took, cpu, peak, *_ = output.splitlines()[-1].split()
    return Reading(int(rows), float(took), float(cpu), int(peak))


def _read_only(there: Platform) -> None:
    """Ask for everything that a sync asks for."""
    from audit.sources.redbrick import RedBrickClient, RedBrickSource
    from audit.sources.web import Conditions

    client = RedBrickClient(there.url, there.key, there.org, there.project, Conditions(allow_hosts=["127.0.0.1"]))
    source = RedBrickSource(client)
    source.count()
    for _ in client.task_pages():
        pass
    for _ in source.time_pages():
        pass
    source.close()


if __name__ == "__main__":
    main()
