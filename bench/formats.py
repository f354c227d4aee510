"""Formats of labels from PostgreSQL to the finished zip, beside the same writer from memory, and kili-formats.

    python -m bench.formats [--images 20000]

Each image has 10 boxes and 3 polygons of 16 points, as a label of Kili. "From memory" is our writer given the payloads
as the record has them; kili-formats is given the same labels as Python objects, and writes no files. CPU is that of the
exporting process: the database's is not in it. Targets: docs/performance.md.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import time
from collections.abc import Callable, Generator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from bench.ground import ground, own_peak_mib, table

WIDTH, HEIGHT = 1920, 1080
BOXES, POLYGONS, CORNERS = 10, 3, 16
FORMATS = ("coco", "yolo_v8", "pascal_voc", "kili", "raw")
Json = dict[str, Any]
JOBS = {"BOX": "rectangle", "POLY": "polygon"}


def main() -> None:
    """Make the project, then measure each format."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--images", type=int, default=20_000)
    images = options.parse_args().images
    with ground() as home:
        _record(images)
        memory = _from_memory(images)
        theirs = _kili_formats(images)
        lines = []
        for slug in FORMATS:
            wall, cpu = _timed(lambda slug=slug: _export(slug, home))
            limit_wall, limit_cpu = memory[slug]
            peer = theirs.get(slug)  # CPU seconds
            lines.append(
                (
                    slug,
                    f"{wall:.1f}",
                    f"{cpu:.1f}",
                    f"{images / wall:,.0f}",
                    f"{limit_wall:.1f}",
                    f"{limit_cpu:.1f}",
                    f"{limit_cpu / cpu:.2f}",
                    f"{peer:.1f}" if peer else "",
                    f"{peer / cpu:.1f}" if peer else "",
                )
            )
    header = (
        "format", "s", "CPU s", "images/s", "from memory, s", "CPU s", "memory / database (CPU)",
        "kili-formats, CPU s", "times as fast",
    )  # fmt: skip
    table(f"Formats of {images:,} images, {BOXES + POLYGONS} annotations each", header, lines)
    print(f"\nLargest resident size: {own_peak_mib():.0f} MiB")


def _timed(work: Callable[[], object]) -> tuple[float, float]:
    began, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - began, time.process_time() - cpu


def _settings() -> Json:
    jobs = {
        key: {
            "mlTask": "OBJECT_DETECTION",
            "tools": [tool],
            "instruction": "",
            "required": 1,
            "isChild": False,
            "content": {"input": "radio", "categories": {name: {"name": name} for name in ("CAR", "BUS", "TRAM")}},
        }
        for key, tool in JOBS.items()
    }
    return {"id": "bench", "title": "Bench", "inputType": "IMAGE", "jsonInterface": {"jobs": jobs}}


def _asset(number: int) -> Json:
    """An asset as Kili answers it, its label as an object."""
    rng = random.Random(number)

    def annotation(points: list[Json], kind: str, place: int) -> Json:
        return {
            "categories": [{"name": rng.choice(("CAR", "BUS", "TRAM")), "confidence": 100}],
            "mid": f"{number:08d}-{place:05d}",
            "type": kind,
            "children": {},
            "boundingPoly": [{"normalizedVertices": points}],
        }

    boxes, polygons = [], []
    for place in range(BOXES):
        x, y, width, height = rng.uniform(0, 0.7), rng.uniform(0, 0.7), rng.uniform(0.01, 0.3), rng.uniform(0.01, 0.3)
        corners = [(x, y + height), (x, y), (x + width, y), (x + width, y + height)]
        boxes.append(annotation([{"x": a, "y": b} for a, b in corners], "rectangle", place))
    for place in range(POLYGONS):
        x, y = rng.uniform(0.2, 0.8), rng.uniform(0.2, 0.8)
        turns = [2 * math.pi * corner / CORNERS for corner in range(CORNERS)]
        radii = [rng.uniform(0.05, 0.2) for _ in turns]
        ring = [{"x": x + r * math.cos(t), "y": y + r * math.sin(t)} for r, t in zip(radii, turns, strict=True)]
        polygons.append(annotation(ring, "polygon", BOXES + place))
    label = {
        "id": f"label-{number}",
        "labelType": "DEFAULT",
        "createdAt": "2026-03-01T08:00:00.000Z",
        "author": {"id": "u1", "email": "amara@example.org", "firstname": "Amara", "lastname": "Okafor"},
        "jsonResponse": {"BOX": {"annotations": boxes}, "POLY": {"annotations": polygons}},
    }
    return {
        "id": f"asset-{number}",
        "externalId": f"image_{number:07d}.jpg",
        "content": f"https://media.example.org/{number}.jpg",
        "resolution": {"width": WIDTH, "height": HEIGHT},
        "status": "LABELED",
        "labels": [label],
    }


def _histories(images: int) -> Iterator[Any]:
    from audit.sources.kili.assets import asset_of, history_of
    from audit.sources.kili.labels import label_of
    from audit.sources.kili.project import project_of

    project = project_of(json.dumps(_settings()).encode())
    for number in range(images):
        asset = asset_of(json.dumps(_asset(number)).encode())
        yield history_of(asset, [label_of(raw) for raw in asset.labels], [], None, project)


def _record(images: int) -> None:
    from audit.log.append import Appender
    from audit.log.checkpoint import sign
    from audit.log.create import create_project
    from audit.models import Source
    from audit.sources.kili.project import settings_event

    source = Source.objects.create(kind="kili", name="Bench")
    project = create_project(source, external_id="bench", name="Bench")
    with Appender(project) as appender:
        appender.add(settings_event(json.dumps(_settings()).encode()))
        for history in _histories(images):
            for event in history.events:
                if (first := event.opening()) is not None:
                    appender.add(first)
        appender.flush()
    sign(project.log)


def _export(slug: str, home: Path) -> None:
    from django.core.management import call_command

    call_command("export", "Bench", "--format", slug, "-p", "layout=merged", "-o", str(home / f"{slug}.zip"))


class _Memory:
    """A snapshot whose tasks are at hand."""

    def __init__(self, images: int) -> None:
        from audit.sources.kili.project import settings_event
        from exports.formats.base import LabelledTask, LabelRow, ProjectInfo

        details = settings_event(json.dumps(_settings()).encode()).content
        self.project = ProjectInfo("kili", "bench", "Bench", "bench/i/l", details, "2026-03-02T09:00:00.000000Z")
        self._tasks = []
        for number, history in enumerate(_histories(images), start=1):
            contents = {event.type: event.content for event in history.events}
            row = LabelRow(
                f"label-{number}", 1, "DEFAULT", None, datetime(2026, 3, 1, 8, tzinfo=UTC), None, "", False, False,
                number, contents["label.updated"],
            )  # fmt: skip
            name = f"image_{number:07d}.jpg"
            self._tasks.append(
                LabelledTask(history.task, number, name, "", "", contents["task.updated"], (row.external_id,), (row,))
            )

    def labelled(self) -> Iterator[Any]:
        """The tasks."""
        return iter(self._tasks)

    def drawn(self, draw: Callable[[Any], Any]) -> Generator[tuple[Any, Any], None, None]:
        """The tasks with their drawings."""
        return ((task, draw(task)) for task in self._tasks)

    def file(self, content: bytes, name: str) -> IO[bytes]:
        """None is kept."""
        raise FileNotFoundError(name)

    def person(self, pseudonym: str | None) -> str | None:
        """Nobody is named."""
        return pseudonym


def _from_memory(images: int) -> dict[str, tuple[float, float]]:
    """Seconds and CPU seconds of our writers without the database."""
    import tempfile

    from exports.archive import Archive
    from exports.formats import FORMATS as KNOWN

    snapshot, found = _Memory(images), {}
    for slug in FORMATS:
        format_ = KNOWN[slug]
        values = {one.name: one.default_for(filtered=False) for one in format_.parameters} | {"layout": "merged"}

        def work(format_: Any = format_, values: Any = values) -> None:
            with tempfile.TemporaryFile() as out, Archive(out) as archive:
                format_.write(archive, snapshot, values, lambda done: None)

        found[slug] = _timed(work)
    return found


def _kili_formats(images: int) -> dict[str, float]:
    """CPU seconds of kili-formats' converters over the same labels; they write no files."""
    from kili_formats import (
        convert_from_kili_to_coco_format,
        convert_from_kili_to_voc_format,
        convert_from_kili_to_yolo_format,
    )
    from kili_formats.types import JobCategory

    jobs = _settings()["jsonInterface"]["jobs"]
    names = [(job, name) for job in JOBS for name in ("CAR", "BUS", "TRAM")]
    ids = {
        f"{job}__{name}": JobCategory(category_name=name, id=place, job_id=job)
        for place, (job, name) in enumerate(names)
    }
    assets = []
    for number in range(images):
        asset = _asset(number)
        asset["latestLabel"] = asset.pop("labels")[0]
        asset["content"] = ""
        assets.append(asset)

    def yolo() -> None:
        for asset in assets:
            for job in JOBS:
                convert_from_kili_to_yolo_format(job, asset["latestLabel"], ids)

    def voc() -> None:
        for asset in assets:
            said = asset["latestLabel"]["jsonResponse"]
            convert_from_kili_to_voc_format(said, WIDTH, HEIGHT, {"filename": asset["externalId"]}, jobs)

    def coco() -> None:
        convert_from_kili_to_coco_format(
            jobs=jobs, assets=assets, title="B", project_input_type="IMAGE", annotation_modifier=None, merged=True
        )

    return {"yolo_v8": _timed(yolo)[1], "pascal_voc": _timed(voc)[1], "coco": _timed(coco)[1]}


if __name__ == "__main__":
    main()
