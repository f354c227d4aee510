"""What the SDK's export says of recorded label data, and what we say: told in the words of its tasks.json, the same."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from audit.annotations import VolumeMask
from audit.ontology import Ontology
from audit.sources.base import SourceEvent
from audit.sources.redbrick.events import read_task
from audit.sources.redbrick.labels import label_event
from audit.sources.redbrick.neutral import RedBrickNeutral
from audit.sources.redbrick.project import RedBrickProject
from tests.audit.sources.redbrick.conftest import raw
from tests.audit.sources.redbrick.exported import as_exported, compared, voxels_of

NEUTRAL = RedBrickNeutral()
LABELS = Path(__file__).parents[3] / "golden" / "redbrick" / "labels.json"


@pytest.fixture(scope="module")
def recorded() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(LABELS.read_bytes())
    return found


@pytest.fixture
def ontology(golden: dict[str, Any], recorded: dict[str, Any]) -> Ontology:
    return NEUTRAL.ontology(raw({**golden["project"], "taxonomy": recorded["taxonomy"]}))


@pytest.fixture
def events(
    golden: dict[str, Any], recorded: dict[str, Any], projects: Callable[[str], RedBrickProject]
) -> Callable[[str], tuple[list[SourceEvent], SourceEvent]]:
    """A task's labels (the latest first, then those of a consensus), and the task itself."""

    def run(task: str) -> tuple[list[SourceEvent], SourceEvent]:
        rows = recorded["tasks"][task]
        entry = {**golden["tasks"][task], "latestTaskData": rows["latest"]}
        history, told = read_task(raw(entry), projects(task))
        latest = [event for event in history.events if event.version and event.version.thing.startswith("label/")]
        several = [label_event(raw(row), told, projects(task)) for row in rows["consensus"]]
        return [*latest, *(event for event in several if event)], history.events[-1]

    return run


@pytest.mark.parametrize("task", range(6))
def test_the_export_of_the_sdk_says_the_same(task: int, recorded: Any, ontology: Ontology, events: Any) -> None:
    meant = recorded["exported"]["single_mask"]["tasks.json"][task]
    labels, details = events(meant["taskId"])
    found = NEUTRAL.annotations(labels[0].content, details.content, ontology, _file(recorded))
    assert found.problems == ()
    media = NEUTRAL.media(details.content)
    assert len(media) == len(meant["series"])
    assert as_exported(found.annotations, ontology, len(media)) == compared(meant)


def test_a_labels_voxels_are_its_own_and_those_it_shares(recorded: Any, ontology: Ontology, events: Any) -> None:
    """The export cuts a file for each label where some overlap: the voxels of its value and its groups."""
    meant = recorded["exported"]["default"]
    labels, details = events(meant["tasks.json"][1]["taskId"])
    found = NEUTRAL.annotations(labels[0].content, details.content, ontology, _file(recorded))
    assert len(found.annotations) == 2
    for one in found.annotations:
        assert isinstance(one, VolumeMask)
        voxels = voxels_of(_file(recorded)(one.file))
        path = f"segmentations/site 02-CASE-0002/CT axial/instance-{one.value}.nii.gz"
        assert sum(voxels[value] for value in (one.value, *one.group)) == meant["voxels"][path]["1"] == 18


def test_all_voxels_are_somebodys(recorded: Any, ontology: Ontology, events: Any) -> None:
    files = set()
    for task in recorded["exported"]["single_mask"]["tasks.json"]:
        labels, details = events(task["taskId"])
        found = NEUTRAL.annotations(labels[0].content, details.content, ontology, _file(recorded))
        masks = [one for one in found.annotations if isinstance(one, VolumeMask)]
        for name in {one.file for one in masks}:
            drawn = {value for one in masks if one.file == name for value in (one.value, *one.group)}
            assert set(voxels_of(_file(recorded)(name))) - {0} == drawn
            files.add(name)
    assert files == {"seg/case1-a", "seg/case1-b", "seg/case2-a", "seg/case3-a", "seg/case4-a"}


def test_each_reader_of_a_consensus_has_a_label(recorded: Any, golden: Any, ontology: Ontology, events: Any) -> None:
    meant = recorded["exported"]["consensus"]["tasks.json"][0]
    labels, details = events(meant["taskId"])
    told = [json.loads(event.content) for event in labels]
    assert [(one["kind"], one["stage"]) for one in told] == [
        ("REVIEW", "Consensus_Best"),
        ("CONSENSUS", "Consensus_Label"),
        ("CONSENSUS", "Consensus_Label"),
    ]
    exported = [meant["superTruth"], *meant["consensusTasks"]]
    assert [event.actor.email for event in labels[1:]] == [one["updatedBy"] for one in meant["consensusTasks"]]
    for event, one in zip(labels, exported, strict=True):
        found = NEUTRAL.annotations(event.content, details.content, ontology, _file(recorded))
        assert as_exported(found.annotations, ontology, 1)["series"] == compared(one)["series"]


def _file(recorded: dict[str, Any]) -> Callable[[str], bytes]:
    return lambda name: base64.b64decode(recorded["files"][name])
