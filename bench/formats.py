"""Formats of labels from PostgreSQL to the finished archive, beside the same writer from memory, and other people's.

    python -m bench.formats [--images 20000] [--peers PYTHON ...] [--memory SMALL LARGE]

Each image has 10 boxes and 3 polygons of 16 points, as a label of Kili, and formats of other platforms say the same;
Labelbox's own rows are those of a load of its export. "From memory" is our writer given the payloads as the record has
them, with as many processes. Others (`bench.peers`) have the same labels as objects of their own, and one process; an
interpreter of a throw-away environment that has datumaro and supervision is named by --peers, and whoever is not there
is left out. --memory compares the peak of all processes together at two sizes, counting shared pages once (Linux). CPU
is that of our processes: the database's is not in it. Targets: docs/performance.md.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import IO, Any

from bench.ground import ROOT, ground, table
from bench.pictures import BOXES, POLYGONS, asset, settings

FORMATS = ("coco", "yolo_v8", "pascal_voc", "kili", "raw")
PLATFORMS = ("labelbox", "diffgram", "labelstudio", "isahit_kili", "isahit_yolo")
"""Formats that say Kili's labels in another platform's words."""
ROWS = 4_000
"""Data rows a second that Labelbox's own SDK reads on loopback (DESIGN, section 9)."""
SAMPLE = ROOT / "tests" / "golden" / "labelbox" / "image.ndjson"
PART = 100
"""Tasks of which a process makes something at a time, where they are at hand."""
Seconds = tuple[float, float]
"""By the clock, and of CPU."""


def main() -> None:
    """Make the project, then measure each format."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--images", type=int, default=20_000)
    options.add_argument("--peers", nargs="*", default=[], metavar="PYTHON")
    options.add_argument("--memory", nargs=2, type=int, metavar=("SMALL", "LARGE"))
    given = options.parse_args()
    theirs = _peers([sys.executable, *given.peers], given.images)
    with ground() as home:
        record("Bench", given.images)
        title = f"Formats of {given.images:,} images, {BOXES + POLYGONS} annotations each"
        (aside := home / "first").mkdir()
        _export("Bench", "raw", aside)  # Who reads first what was just recorded has more to do.
        found = {slug: _timed(partial(_export, "Bench", slug, home)) for slug in (*FORMATS, *PLATFORMS)}
        memory = _in_memory(given.images)  # Not before: helpers are forked from a process as large as a worker's.
        lines = []
        for slug in FORMATS:
            seconds = found[slug][0]
            peers = [f"{name} {theirs_:.1f} s: {theirs_ / seconds:.1f}" for name, theirs_ in theirs.get(slug, ())]
            lines.append((*_line(slug, found[slug], memory), "; ".join(peers)))
        table(title, (*HEADER, "others, and times as fast"), lines)
        table(f"{title}, by other platforms", HEADER, [_line(slug, found[slug], memory) for slug in PLATFORMS])
        del memory
        _labelbox(home, given.images)
        if given.memory:
            _memory(home, *given.memory)


HEADER = ("format", "s", "CPU s", "images/s", "from memory, s", "CPU s", "share")


def _line(slug: str, found: Seconds, memory: _Memory) -> tuple[str, ...]:
    """A line under HEADER: what an export took, beside what the same writer takes from memory."""
    limit, each = _from_memory(slug, memory), f"{len(memory.tasks) / found[0]:,.0f}"
    return slug, *_shown(found), each, *_shown(limit), f"{limit[0] / found[0]:.2f}"


def _parameters(slug: str) -> dict[str, str]:
    return {"layout": "merged"} if slug in FORMATS else {"input_id": "POLY"} if slug.startswith("isahit_") else {}


def _shown(found: Seconds) -> tuple[str, str]:
    return f"{found[0]:.2f}", f"{found[1]:.2f}"


def _timed(work: Callable[[], object]) -> Seconds:
    began, cpu = time.perf_counter(), _cpu()
    work()
    return time.perf_counter() - began, _cpu() - cpu


def _cpu() -> float:
    """Of this process and of those that it started and that have ended."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


def _peers(pythons: list[str], images: int) -> dict[str, list[tuple[str, float]]]:
    """Of each format the others' CPU seconds."""
    found: dict[str, dict[str, float]] = {}
    missing: set[str] = set()
    for python in pythons:
        done = subprocess.run(
            [python, "-m", "bench.peers", "--images", str(images)], check=True, capture_output=True, text=True, cwd=ROOT
        )
        said = json.loads(done.stdout.splitlines()[-1])
        missing |= set(said["missing"])
        for name, slug, seconds in said["found"]:
            found.setdefault(slug, {}).setdefault(name, seconds)
    there = {name.split()[0] for names in found.values() for name in names}
    if left_out := sorted(missing - there):
        print(f"Not installed, and so left out: {', '.join(left_out)} (see --peers).")
    return {slug: list(names.items()) for slug, names in found.items()}


def _histories(images: int) -> Iterator[Any]:
    from audit.sources.kili.assets import asset_of, history_of
    from audit.sources.kili.labels import label_of
    from audit.sources.kili.project import project_of

    project = project_of(json.dumps(settings()).encode())
    for number in range(images):
        raw = asset_of(json.dumps(asset(number)).encode())
        yield history_of(raw, [label_of(one) for one in raw.labels], [], None, project)


def record(name: str, images: int) -> None:
    """A project of Kili with so many images."""
    from audit.log.append import Appender
    from audit.log.checkpoint import sign
    from audit.log.create import create_project
    from audit.models import Source
    from audit.sources.kili.project import settings_event

    project = create_project(Source.objects.create(kind="kili", name=name), external_id=name, name=name)
    with Appender(project) as appender:
        appender.add(settings_event(json.dumps(settings(name)).encode()))
        for history in _histories(images):
            for event in history.events:
                if (first := event.opening()) is not None:
                    appender.add(first)
        appender.flush()
    sign(project.log)


def _export(project: str, slug: str, home: Path) -> None:
    from django.core.management import call_command

    from exports.formats import FORMATS as KNOWN

    more = [word for name, value in _parameters(slug).items() for word in ("-p", f"{name}={value}")]
    path = home / f"{project}.{slug}.{KNOWN[slug].extension}"
    call_command("export", project, "--format", slug, *more, "-o", str(path))


class _Memory:
    """A snapshot whose tasks are at hand."""

    def __init__(self, project: Any, tasks: list[Any]) -> None:
        self.project = project
        self.tasks = tasks

    def each(self, make: Callable[[Any], Any]) -> Generator[Any, None, None]:
        """What is made of each, by as many processes, which have the tasks at hand as well."""
        from django.conf import settings

        from exportsite.helpers import shared

        def work(part: slice) -> list[Any]:
            return [make(task) for task in self.tasks[part]]

        parts = (slice(at, at + PART) for at in range(0, len(self.tasks), PART))
        with closing(shared(work, parts, helpers=settings.LABELTRAIL_EXPORT_PROCESSES)) as found:
            for _, made in found:
                yield from made

    def file(self, content: bytes, name: str) -> IO[bytes]:
        """None is kept."""
        raise FileNotFoundError(name)

    def person(self, pseudonym: str | None) -> str | None:
        """Nobody is named."""
        return pseudonym


def _in_memory(images: int) -> _Memory:
    """So many images of Kili."""
    from audit.sources.kili.project import settings_event
    from exports.formats.base import LabelledTask, LabelRow, ProjectInfo

    details = settings_event(json.dumps(settings()).encode()).content
    tasks = []
    for number, history in enumerate(_histories(images), start=1):
        contents = {event.type: event.content for event in history.events}
        row = LabelRow(
            f"label-{number}", 1, "DEFAULT", None, datetime(2026, 3, 1, 8, tzinfo=UTC), None, "", False, False,
            number, contents["label.updated"],
        )  # fmt: skip
        name = f"image_{number:07d}.jpg"
        tasks.append(
            LabelledTask(history.task, number, name, "", "", contents["task.updated"], (row.external_id,), (row,))
        )
    return _Memory(ProjectInfo("kili", "bench", "Bench", "bench/i/l", details, "2026-03-02T09:00:00.000000Z"), tasks)


def _recorded(project: str, slug: str) -> _Memory:
    """What the record has of a project, as the format reads it."""
    from audit.models import Project
    from exports.formats import FORMATS as KNOWN
    from exports.wanted import parts_of, selection_of, wanted

    of = Project.objects.get(name=project)
    (part,) = parts_of(wanted(of, slug, None, None, None, "", strict=False))
    selection = selection_of(part.log, KNOWN[slug], part.resolved)
    return _Memory(selection.project, list(selection.labelled()))


def _from_memory(slug: str, snapshot: _Memory) -> Seconds:
    from exports.archive import Archive
    from exports.formats import FORMATS as KNOWN

    format_: Any = KNOWN[slug]
    values = {one.name: one.default_for(filtered=False) for one in format_.parameters} | _parameters(slug)

    def work() -> None:
        with (
            tempfile.TemporaryFile() as out,
            tempfile.TemporaryFile() as beside,
            Archive(out, beside=beside if format_.beside else None) as archive,
        ):
            format_.write(archive, snapshot, values, lambda done: None)

    return _timed(work)


def _labelbox(home: Path, rows: int) -> None:
    """Data rows of Labelbox, loaded from its own export."""
    from django.core.management import call_command

    sample = json.loads(SAMPLE.read_text().splitlines()[0])
    with (home / "rows.ndjson").open("w") as file:
        for number in range(rows):
            sample["data_row"]["id"] = f"cl{number:023d}"
            sample["data_row"]["global_key"] = f"gk-{number}"
            file.write(json.dumps(sample) + "\n")
    with open("/dev/null", "w") as nowhere:
        call_command("load", str(home / "rows.ndjson"), "--project", "Rows", stdout=nowhere)
    found = _timed(lambda: _export("Rows", "labelbox", home))
    line = _line("labelbox", found, _recorded("Rows", "labelbox"))
    times = f"{rows / found[0] / ROWS:.1f}"
    table(f"{rows:,} data rows of Labelbox", (*HEADER, "of what its SDK reads (target: 5)"), [(*line, times)])


def _memory(home: Path, *sizes: int) -> None:
    for size in sizes:
        record(f"Of {size}", size)
    lines = []
    for slug in FORMATS:
        small, large = (peak_of_all(["export", f"Of {size}", "--format", slug, "-o", str(home / f"{size}.{slug}.zip")])
                        for size in sizes)  # fmt: skip
        lines.append((slug, f"{small:.0f}", f"{large:.0f}", f"{large / small:.2f}"))
    header = ("format", *(f"{size:,} images, MiB" for size in sizes), "ratio (target: at most 1.2)")
    table("Peak of all processes together", header, lines)


def peak_of_all(arguments: list[str]) -> float:
    """The most that a command of ours and its children hold at a time, in MiB; pages that they share count once."""
    with subprocess.Popen([sys.executable, str(ROOT / "manage.py"), *arguments], cwd=ROOT) as command:
        peak = 0
        while command.poll() is None:
            # Looked at twice: of one that ends in between, the others then hold what it shared with them.
            peak = max(peak, min(_held_by_all(command.pid), _held_by_all(command.pid)))
            time.sleep(0.05)
    if command.returncode:
        raise SystemExit(f"{' '.join(arguments)} failed")
    return peak / 1024


def _held_by_all(pid: int) -> int:
    return sum(map(_held, _family(pid)))


def _family(pid: int) -> list[int]:
    children: list[int] = []
    with suppress(OSError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            children += map(int, (thread / "children").read_text().split())
    return [pid, *(one for child in children for one in _family(child))]


def _held(pid: int) -> int:
    """KiB of a process, its part of shared pages."""
    with suppress(OSError, ProcessLookupError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0


if __name__ == "__main__":
    main()
