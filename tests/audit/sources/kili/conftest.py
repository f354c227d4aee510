"""What labels of recorded projects say, as it comes out of the record's payloads."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from audit.annotations import Labelled
from audit.ontology import Ontology
from audit.sources.base import TaskHistory
from audit.sources.kili.assets import asset_of, history_of
from audit.sources.kili.labels import label_of
from audit.sources.kili.neutral import KiliNeutral
from audit.sources.kili.project import project_of, settings_event

GOLDEN = Path(__file__).parents[3] / "golden" / "kili"
NEUTRAL = KiliNeutral()

Said = Callable[..., Labelled]


def golden(name: str) -> dict[str, Any]:
    """A recorded project with its assets."""
    found: dict[str, Any] = json.loads((GOLDEN / f"{name}.json").read_text())
    return found


def ontology(project: dict[str, Any]) -> Ontology:
    """The project's ontology."""
    content = settings_event(json.dumps(project).encode()).content
    assert content is not None
    return NEUTRAL.ontology(content)


def history(project: dict[str, Any], asset: dict[str, Any], rows: list[bytes] | None = None) -> TaskHistory:
    """The history of an asset as Kili answers it, what labels say as text."""
    wire = {
        **asset,
        "labels": [{**label, "jsonResponse": json.dumps(label["jsonResponse"])} for label in asset["labels"]],
    }
    found = asset_of(json.dumps(wire).encode())
    labels = [label_of(raw) for raw in found.labels]
    return history_of(found, labels, [], rows, project_of(json.dumps(project).encode()))


def labelled(project: dict[str, Any], asset: dict[str, Any]) -> Labelled:
    """What the asset's first label says."""
    events = history(project, asset).events
    label = next(event for event in events if event.type == "label.updated").content
    task = events[-1].content
    assert label is not None
    assert task is not None
    return NEUTRAL.annotations(label, task, ontology(project))


@pytest.fixture
def said() -> Said:
    """`said(case, external id)`: what an asset's label of a recorded project says."""

    def run(case: str, external_id: str) -> Labelled:
        found = golden(case)
        asset = next(asset for asset in found["assets"] if asset["externalId"] == external_id)
        return labelled(found["project"], asset)

    return run


@pytest.fixture
def says() -> Said:
    """`says(jobs, response, **asset)`: what a label with this jsonResponse says in a project with these jobs."""

    def run(jobs: dict[str, Any], response: Any, **asset: Any) -> Labelled:
        project = {"id": "p", "inputType": "IMAGE", "jsonInterface": {"jobs": jobs}}
        label = {"id": "l", "jsonResponse": response, "labelType": "DEFAULT", "createdAt": "2026-03-02T08:00:00Z"}
        return labelled(project, {"id": "a", "externalId": "a", "labels": [label], **asset})

    return run
