"""What exports say, through the neutral words of their platforms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from audit.annotations import Annotation, Problem
from audit.ontology import Ontology
from audit.sources import neutral
from audit.sources.base import SourceEvent
from audit.sources.exported.container import Container
from audit.sources.exported.kinds import kind_of


@dataclass
class Told:
    """An export's events, and what its labels say, by their ids: of all tasks where these are of a task alone."""

    kind: str
    ontology: Ontology
    events: list[SourceEvent] = field(default_factory=list)
    labels: dict[str, tuple[Annotation, ...]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


@pytest.fixture
def told() -> Callable[[Path], Told]:
    """All that an export tells."""

    def read(path: Path) -> Told:
        with Container(str(path)) as container:
            kind = kind_of(container, None)
            assert kind is not None
            source, words = kind.open(container, "Read"), neutral(kind.platform)
            project, *others = source.project_events()
            found = Told(kind.slug, words.ontology(project.content or b""), [project, *others])
            for history in (history for page in source.task_pages() for history in page.histories):
                found.events += history.events
                task = next(event for event in history.events if event.type == "task.updated")
                for event in history.events:
                    if event.version is not None and event.version.thing.startswith("label/"):
                        said = words.annotations(event.content or b"", task.content or b"", found.ontology)
                        label = event.version.thing.removeprefix("label/")
                        found.labels[label] = (*found.labels.get(label, ()), *said.annotations)
                        found.problems += said.problems
            return found

    return read
