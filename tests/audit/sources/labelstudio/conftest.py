"""Tasks of Label Studio with one label, read as an export of them would be."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from audit.annotations import Labelled
from audit.sources.base import SourceEvent
from audit.sources.exported.container import Container
from audit.sources.labelstudio.exported import LabelStudioSource
from audit.sources.labelstudio.neutral import LabelStudioNeutral

Tell = Callable[[list[dict[str, Any]]], list[SourceEvent]]


@pytest.fixture
def told(tmp_path: Path) -> Tell:
    """The events of an export with these tasks: the project's, then the tasks'."""

    def tell(tasks: list[dict[str, Any]]) -> list[SourceEvent]:
        path = tmp_path / "export.json"
        path.write_text(json.dumps(tasks))
        with Container(str(path)) as container:
            source = LabelStudioSource(container, "Reads")
            histories = [history for page in source.task_pages() for history in page.histories]
            return [*source.project_events(), *(event for history in histories for event in history.events)]

    return tell


@pytest.fixture
def says(told: Tell) -> Callable[..., Labelled]:
    """What these results of one annotation say, of a task with this data."""

    def read(*results: dict[str, Any], data: dict[str, Any] | None = None) -> Labelled:
        events = told(
            [{"id": 1, "data": data or {"image": "https://h/a.png"}, "annotations": [{"id": 2, "result": results}]}]
        )
        project = next(event for event in events if event.type == "project.updated")
        task = next(event for event in events if event.type == "task.updated")
        label = next(event for event in events if event.type == "label.updated")
        neutral = LabelStudioNeutral()
        return neutral.annotations(label.content or b"", task.content or b"", neutral.ontology(project.content or b""))

    return read
