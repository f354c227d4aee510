"""Slices with what they find, datasets, model runs with their predictions and splits, metadata, embeddings."""

from __future__ import annotations

import json
from typing import Any

import pytest

from audit.live.run import sync
from audit.models import Event, LabelVersion, Mode, Project
from audit.people import restorer
from audit.sources.labelbox import told
from exportsite.jobs import RunFailed
from tests.audit.live.labelbox.compare import differences
from tests.fakes.labelbox import FakeLabelbox
from tests.fakes.labelbox_story import World

FIRST = "clrow" + "0" * 20


@pytest.fixture
def rows() -> int:
    return 6


def contents(project: Project, task: str | None, source_type: str) -> list[Any]:
    """The payloads of such events of a task, people put back."""
    found = Event.objects.filter(log__project=project, source_type=source_type, disclosures__group="content")
    found = found.filter(task=None) if task is None else found.filter(task__external_id=task)
    restore = restorer(project)
    return [
        json.loads(restore(bytes(data))) for data in found.order_by("id").values_list("disclosures__data", flat=True)
    ]


def test_a_data_row_says_which_slices_find_it(project: Project, world: World) -> None:
    world.slices["clday"] = [FIRST]
    sync(project, Mode.FULL)
    assert contents(project, FIRST, "SLICES") == [
        {"slices": [{"id": "clday", "name": "night clday"}, {"id": "clslice", "name": "night clslice"}]}
    ]
    second = list(world.rows)[1]
    assert contents(project, second, "SLICES") == []
    world.slices["clslice"] = [second]
    world.slices["clday"] = []
    sync(project, Mode.FULL)
    assert contents(project, FIRST, "SLICES")[-1] == {"slices": []}
    assert contents(project, second, "SLICES") == [{"slices": [{"id": "clslice", "name": "night clslice"}]}]
    assert sync(project, Mode.FULL).added == 0


def test_an_incremental_pass_leaves_slices_alone(project: Project, fake: FakeLabelbox, world: World) -> None:
    sync(project, Mode.FULL)
    world.slices["clslice"] = []
    fake.requests.clear()
    assert sync(project, Mode.INCREMENTAL).added == 0
    assert fake.asked("exportDataRowsInSlicePyApi") == 0


def test_a_slice_that_is_too_large_is_left_out(
    project: Project, fake: FakeLabelbox, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(told, "LARGEST_SLICE", 1)
    world.slices["clsmall"] = [FIRST]
    sync(project, Mode.FULL)
    assert contents(project, FIRST, "SLICES") == [{"slices": [{"id": "clsmall", "name": "night clsmall"}]}]


def test_a_slice_that_can_not_be_read_fails_the_run(project: Project, fake: FakeLabelbox, world: World) -> None:
    fake.fail("exportDataRowsInSlice", times=100, errors=[{"message": "no such slice"}])
    with pytest.raises(RunFailed, match="no such slice"):
        sync(project, Mode.FULL)
    fake.faults.clear()
    sync(project, Mode.FULL)
    assert differences(project, world) == []


def test_datasets_are_held_and_each_data_row_says_its_own(project: Project, world: World) -> None:
    sync(project, Mode.FULL)
    assert [one["name"] for one in contents(project, None, "DATASET")] == ["fixtures dataset"]
    details = contents(project, FIRST, "data_row")[-1]["data_row"]["details"]
    assert details["dataset_name"] == world.rows[FIRST]["data_row"]["details"]["dataset_name"]


def test_model_runs_are_held_with_labels_predictions_and_splits(project: Project, world: World) -> None:
    sync(project, Mode.FULL)
    ((model_id, model),) = world.runs[FIRST].items()
    ((run_id, run),) = model["runs"].items()
    told_runs = contents(project, FIRST, "data_row")[-1]["model_runs"]
    assert [(one["model_id"], one["run_id"], one["split"]) for one in told_runs] == [(model_id, run_id, run["split"])]
    found = LabelVersion.objects.filter(project=project, task__external_id=FIRST, to_index=None)
    ids = set(found.filter(kind__in=["MODEL_RUN", "PREDICTION"]).values_list("external_id", "kind"))
    assert ids == {(f"{run_id}/{one['id']}", "MODEL_RUN") for one in run["labels"]} | {
        (f"{run_id}/{one['id']}", "PREDICTION") for one in run["predictions"]
    }
    assert run["predictions"]


def test_another_split_is_another_version_of_the_data_row(project: Project, world: World) -> None:
    sync(project, Mode.FULL)
    ((_, model),) = world.runs[FIRST].items()
    next(iter(model["runs"].values()))["split"] = "TEST"
    assert sync(project, Mode.FULL).added == 2, "the data row, and the end of the pass"
    assert contents(project, FIRST, "data_row")[-1]["model_runs"][0]["split"] == "TEST"


def test_metadata_and_embeddings_are_held(project: Project, world: World) -> None:
    field = {"schema_id": "clmeta", "schema_name": "weather", "schema_kind": "CustomMetadataString", "value": "שמש"}
    vector = {"id": "clemb", "name": "CLIP", "dimensions": 2, "is_custom": False, "values": [{"value": [0.25, -1.5]}]}
    world.rows[FIRST] |= {"metadata_fields": [field], "embeddings": [vector]}
    sync(project, Mode.FULL)
    assert contents(project, FIRST, "data_row")[-1]["metadata_fields"] == [field]
    assert contents(project, FIRST, "EMBEDDING")[-1] == vector
    field["value"] = "rain"
    vector["values"] = [{"value": [0.5, 0.5]}]
    before = len(contents(project, FIRST, "EMBEDDING"))
    sync(project, Mode.FULL)
    assert contents(project, FIRST, "data_row")[-1]["metadata_fields"] == [field]
    assert len(contents(project, FIRST, "EMBEDDING")) == before + 1
