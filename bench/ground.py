"""What the measurements share: a throw-away PostgreSQL and home, invented event logs of any length, medians, tables."""

from __future__ import annotations

import json
import os
import platform
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

STAGES = ("Label", "Review_1", "Review_2")
TYPES = ("task.assigned", "task.started", "task.submitted", "review.rejected", "rework.submitted", "review.accepted")
PEOPLE = [f"person.{number:02d}@example.org" for number in range(12)]
START = datetime(2026, 1, 1, tzinfo=UTC)


@contextmanager
def ground(*, durable: bool = False) -> Iterator[Path]:
    """A new home with a running, migrated PostgreSQL, and Django set up on it; all gone afterwards."""
    from exportsite import postgres

    with tempfile.TemporaryDirectory(prefix="labeltrail-bench-") as folder:
        home = Path(folder)
        home.chmod(0o711)
        with postgres.ensure(home, durable=durable):
            os.environ["LABELTRAIL_HOME"] = str(home)
            os.environ["LABELTRAIL_PRIVATE_POSTGRES"] = "1"
            os.environ["DATABASE_URL"] = postgres.address(home)
            os.environ["DJANGO_SETTINGS_MODULE"] = "exportsite.settings"
            import django
            from django.core.management import call_command
            from django.db import connections

            django.setup()
            call_command("migrate", verbosity=0)
            yield home
            connections.close_all()


def ndjson(path: Path, events: int, *, per_task: int = 20) -> Path:
    """An event log of `events` lines of about 300 bytes, `per_task` for each task, tasks interleaved."""
    rng = random.Random(7)
    tasks = max(1, events // per_task)
    with path.open("w", encoding="utf-8") as file:
        for number in range(events):
            task = number % tasks
            kind = TYPES[(number // tasks) % len(TYPES)]
            line = {
                "event_id": f"{task}/{number // tasks}",
                "task": f"task-{task:07d}",
                "event": kind,
                "time": (START + timedelta(seconds=number)).isoformat(),
                "actor": rng.choice(PEOPLE),
                "stage": STAGES[(number // tasks) % len(STAGES)],
                "duration_ms": rng.randrange(10_000, 2_000_000) if kind == "task.submitted" else None,
                "comment": "Lesion 2 is missing on slice 41." if kind == "review.rejected" else None,
                "payload": {"score": rng.random(), "device": "workstation-7", "tool": "brush"},
            }
            file.write(json.dumps({key: value for key, value in line.items() if value is not None}) + "\n")
    return path


def seconds(work: Callable[[], object]) -> float:
    """How long one call takes."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def median_seconds(work: Callable[[], object], runs: int = 3) -> float:
    """The median of several runs."""
    return statistics.median(seconds(work) for _ in range(runs))


def peak_mib(arguments: Sequence[str]) -> float:
    """The largest resident size of a command of ours, its children included, in MiB."""
    code = (
        "import resource, subprocess, sys\n"
        "subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, sys.executable, str(ROOT / "manage.py"), *arguments],
        check=True, capture_output=True, text=True, cwd=ROOT,
    )  # fmt: skip
    unit = 1024 * 1024 if platform.system() == "Darwin" else 1024
    return int(done.stdout) / unit


def table(title: str, header: Sequence[str], lines: Sequence[Sequence[object]]) -> None:
    """Print a table in Markdown, with the machine's size."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**30
    print(
        f"\n### {title}\n\n{os.cpu_count()} cores, {memory} GiB, Python {platform.python_version()}, "
        f"load {os.getloadavg()[0]:.1f}\n"
    )
    for line in (header, ["---"] * len(header), *lines):
        print("| " + " | ".join(str(cell) for cell in line) + " |", flush=True)


def own_peak_mib() -> float:
    """This process's largest resident size so far, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
