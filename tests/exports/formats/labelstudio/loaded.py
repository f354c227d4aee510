"""Exports in Label Studio's format, loaded again as a source."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from audit.annotations import Labelled, Medium
from audit.ontology import Ontology
from audit.sources.base import TaskHistory
from audit.sources.exported.container import Container
from audit.sources.labelstudio.exported import LabelStudioSource
from audit.sources.labelstudio.neutral import LabelStudioNeutral
from audit.sources.labelstudio.reading import LabelStudioReading

NEUTRAL = LabelStudioNeutral()


@dataclass(frozen=True)
class Loaded:
    """A task that was loaded: its media, and what each label says, by the source's ids of them."""

    media: tuple[Medium, ...]
    said: dict[str, Labelled]


def events_of(path: Path) -> tuple[bytes, list[TaskHistory]]:
    """The project's payload, and the tasks, of a file or folder."""
    with Container(str(path)) as container:
        source = LabelStudioSource(container, "again")
        (settings,) = source.project_events()
        histories = [history for page in source.task_pages() for history in page.histories]
        source.close()
    return settings.content or b"", histories


def loaded(tasks: bytes, tmp_path: Path) -> tuple[Ontology, dict[str, Loaded]]:
    """What a tasks.json says."""
    path = tmp_path / "tasks.json"
    path.write_bytes(tasks)
    settings, histories = events_of(path)
    ontology = NEUTRAL.ontology(settings)
    found: dict[str, Loaded] = {}
    for history in histories:
        task = next(one.content for one in history.events if one.type == "task.updated") or b""
        labels = [one.content or b"" for one in history.events if one.type == "label.updated"]
        ids = [LabelStudioReading().label_details(one).external_id for one in labels]
        said = [NEUTRAL.annotations(one, task, ontology) for one in labels]
        found[history.task] = Loaded(NEUTRAL.media(task), dict(zip(ids, said, strict=True)))
    return ontology, found
