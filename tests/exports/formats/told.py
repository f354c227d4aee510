"""Labels that say what a test wants said: a source kind whose payloads are names of neutral values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec.structs import replace

from audit.annotations import Annotation, Box, Labelled, Medium, Polygon, Problem
from audit.ontology import Job, LabelClass, Ontology
from audit.sources import NEUTRALS, READINGS
from audit.sources.base import Neutral, ReadFile, no_file
from audit.sources.files.reading import FilesReading
from exports.formats.base import LabelledTask, LabelRow, ProjectInfo
from tests.exports.formats.snapshots import Shot

KIND = "told"
KINDS = Job("KIND", "Kind?", "classification", ("radio",), (LabelClass("A", "a"), LabelClass("B", "b")))
TAGS = Job("TAGS", "Tags?", "classification", ("check",), (LabelClass("X", "x"), LabelClass("Y", "y")), multiple=True)
NOTE = Job("NOTE", "Note?", "transcription", ("text",))
NER = Job("NER", "Names", "entities", ("ner",), (LabelClass("PERSON", "Person"),))
DATED = "2026-03-02T09:00:00.000000Z"


def job(key: str = "JOB_0", classes: Sequence[str] = ("CAR", "BUS"), tools: Sequence[str] = ("rectangle",)) -> Job:
    """A job of objects."""
    return Job(key, key.title(), "objects", tuple(tools), tuple(LabelClass(one, one.title()) for one in classes))


def box(x: float, y: float, width: float, height: float, class_: str = "CAR", **more: Any) -> Box:
    """A box of JOB_0."""
    fields: dict[str, Any] = {"job": "JOB_0", "tool": "rectangle", "classes": (class_,) if class_ else ()}
    return Box(x=x, y=y, width=width, height=height, **(fields | more))


def polygon(*points: tuple[float, float], class_: str = "CAR", **more: Any) -> Polygon:
    """A polygon of JOB_0."""
    fields: dict[str, Any] = {"job": "JOB_0", "tool": "polygon", "classes": (class_,)}
    return Polygon(outline=points, **(fields | more))


@dataclass
class Told(Neutral):
    """Gives back what was put in."""

    jobs: Ontology
    of_tasks: dict[bytes, tuple[Medium, ...]] = field(default_factory=dict)
    of_labels: dict[bytes, Labelled] = field(default_factory=dict)

    def ontology(self, project: bytes) -> Ontology:
        return self.jobs

    def media(self, task: bytes) -> tuple[Medium, ...]:
        return self.of_tasks[task]

    def annotations(self, label: bytes, task: bytes, ontology: Ontology, read: ReadFile = no_file) -> Labelled:
        return self.of_labels[label]


class Project:
    """A project of told labels: add assets, then take its snapshot."""

    def __init__(self, *jobs: Job) -> None:
        self.told = Told(Ontology(jobs or (job(),)))
        self.assets: list[LabelledTask] = []
        self.kept: dict[str, bytes] = {}

    def add(
        self,
        name: str,
        *labels: Sequence[Annotation],
        media: Sequence[Medium] | None = None,
        size: tuple[float | None, float | None] = (100, 50),
        problems: Sequence[Problem] = (),
        **more: Any,
    ) -> LabelledTask:
        """An asset with one label for each list of annotations. Without `media` it is one image."""
        number = len(self.assets) + 1
        key = b'{"task":%d}' % number
        self.told.of_tasks[key] = tuple(
            media
            if media is not None
            else [Medium("image", name, (url := f"https://x.example/{number}.jpg"), *size, files=(url,))]
        )
        rows = []
        for place, said in enumerate(labels):
            content = b'{"label":"%d.%d"}' % (number, place)
            self.told.of_labels[content] = Labelled(tuple(said), tuple(problems))
            row = LabelRow(
                f"L{number}.{place}", 1, "DEFAULT", f"author{place}", datetime(2026, 3, 1, 8, place, tzinfo=UTC),
                1000, "Label", False, False, number, content,
            )  # fmt: skip
            rows.append(row)
        latest = tuple(row.external_id for row in rows)
        task = LabelledTask(f"T{number}", number, name, "Label", "done", key, latest, tuple(rows))
        self.assets.append(replace(task, **more))
        return self.assets[-1]

    def shot(self) -> Shot:
        """The snapshot."""
        info = ProjectInfo(KIND, "P-1", "Cars", "test.example/i/l", b"{}", DATED)
        return Shot(project=info, assets=list(self.assets), kept=self.kept)


def registered(monkeypatch: pytest.MonkeyPatch, *jobs: Job) -> Iterator[Project]:
    """A project whose kind of source is known while a test runs."""
    project = Project(*jobs)
    monkeypatch.setitem(NEUTRALS, KIND, project.told)
    monkeypatch.setitem(READINGS, KIND, FilesReading())
    yield project
