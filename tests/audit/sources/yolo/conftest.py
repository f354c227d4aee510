"""Data sets of YOLO from texts, and what they say when they are opened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from audit.annotations import Labelled, Medium
from audit.ontology import Ontology
from audit.sources.exported.container import Container
from audit.sources.yolo.exported import KIND
from audit.sources.yolo.neutral import YoloNeutral

NEUTRAL = YoloNeutral()


@dataclass
class Loaded:
    """What a data set says: by the ids of tasks their media, and what is said of those that have a label."""

    ontology: Ontology
    media: dict[str, Medium]
    said: dict[str, Labelled]


Load = Callable[..., Loaded]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Write files, by their paths, into a folder, and load it."""

    def call(files: dict[str, str | bytes], *, recognised: bool = True) -> Loaded:
        for name, data in files.items():
            path = tmp_path / "set" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data if isinstance(data, bytes) else data.encode())
        with Container(str(tmp_path / "set")) as container:
            assert KIND.recognises(container) is recognised
            source = KIND.open(container, "Set")
            try:
                (project,) = source.project_events()
                histories = [one for page in source.task_pages() for one in page.histories]
            finally:
                source.close()
        ontology = NEUTRAL.ontology(project.content or b"")
        media, said = {}, {}
        for history in histories:
            task = history.events[0].content or b""
            (media[history.task],) = NEUTRAL.media(task)
            for event in history.events[1:]:
                said[history.task] = NEUTRAL.annotations(event.content or b"", task, ontology)
        return Loaded(ontology, media, said)

    return call
