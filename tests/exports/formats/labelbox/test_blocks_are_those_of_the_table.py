"""Labelbox's table of what an export has: always, by a parameter, or never. Of its own rows and of other platforms'."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from audit.annotations import Medium
from exports.formats.labelbox.labelbox import LabelboxFormat
from tests.exports.formats.labelbox.test_what_is_exported_loads_again import BLOCKS
from tests.exports.formats.loaded import loaded
from tests.exports.formats.snapshots import Shot, write
from tests.exports.formats.told import box, registered
from tests.fakes.labelbox_story import PROJECT, golden

Row = dict[str, Any]
ALWAYS, NEVER = "always", "never"
PLACES = {"data_row_details": "data_row/details", "project_details": "projects/*/project_details"}
PLACES |= {"label_details": "projects/*/labels/*/label_details"}
PLACES |= {"performance_details": "projects/*/labels/*/performance_details"}


def _under(place: str, *names: str) -> dict[str, str]:
    """What a parameter puts under a place."""
    parameter = next((name for name, at in PLACES.items() if place.startswith(at)), ALWAYS)
    return {f"{place}/{name}": parameter for name in names}


FIELDS = {
    "attachments": "attachments",
    "metadata_fields": "metadata_fields",
    "embeddings": "embeddings",
    "experiments": NEVER,
    "projects/*/files": NEVER,
    **_under("data_row", "id", "row_data", "external_id"),
    **_under("projects/*", "name", "labels", "project_tags"),
    **_under("projects/*/labels/*", "label_kind", "version", "id", "annotations"),
    **_under(PLACES["data_row_details"], "dataset_id", "dataset_name"),
    **_under(PLACES["label_details"], "created_at", "updated_at", "created_by", "reviews"),
    **_under(PLACES["performance_details"], "seconds_to_create", "skipped"),
    **_under(PLACES["project_details"], "task_name", "workflow_status", "workflow_history"),
    "media_attributes": ALWAYS,
}
"""Where a field is, and what asks for it, in an export of a project."""
LABELBOX = {
    **FIELDS,
    **_under("data_row", "global_key"),
    **_under(PLACES["data_row_details"], "created_at", "updated_at", "last_activity_at", "created_by"),
    **_under(PLACES["performance_details"], "seconds_to_review"),
    **_under(
        f"{PLACES['performance_details']}/performance_details_v2",
        "seconds_to_create", "seconds_to_review", "seconds_to_rework", "seconds_total",
    ),
    **_under(
        PLACES["project_details"],
        "ontology_id", "task_id", "batch_id", "batch_name", "priority", "selected_label_id",
        "consensus_expected_label_count",
    ),
}  # fmt: skip
"""The same, with what only Labelbox tells."""
RUN = "experiments/*/runs/*"
OF_RUNS = {
    f"{RUN}/labels": {"all_model_runs"},
    f"{RUN}/predictions": {"predictions"},
    f"{RUN}/run_data_row_id": {"model_run_details"},
    f"{RUN}/annotation_group_id": {"model_run_details"},
    f"{RUN}/split": {"model_run_details"},
    f"{RUN}/name": {"all_model_runs", "predictions", "model_run_details"},
    "experiments/*/name": {"all_model_runs", "predictions", "model_run_details"},
}
"""Of model runs, and which parameters ask for each."""


def has(found: Any, place: str) -> bool:
    """Whether there is something at the place; `*` is any name, or any item of a list."""
    name, _, rest = place.partition("/")
    if name == "*":
        inner = list(found.values()) if isinstance(found, dict) else found
        return bool(inner) and any(has(one, rest) for one in inner)
    if not isinstance(found, dict) or name not in found:
        return False
    return has(found[name], rest) if rest else True


@pytest.fixture
def own(tmp_path: Path) -> Shot:
    """A data row with all that Labelbox tells of it."""
    return loaded("labelbox", tmp_path / "came.ndjson", json.dumps(golden("image")[0]).encode())


@pytest.fixture
def others(monkeypatch: pytest.MonkeyPatch) -> Shot:
    (project,) = registered(monkeypatch)
    project.add("a", [box(0, 0, 1, 1)], media=[Medium("image", "a.jpg", None, 10, 10)])
    return project.shot()


def row(shot: Shot, *asked: str) -> Row:
    found: Row = json.loads(write(LabelboxFormat(), shot, **dict.fromkeys(asked, True)).files["data_rows.ndjson"])
    return found


SINGLE = [(), *((name,) for name in BLOCKS if name not in ("all_model_runs", "predictions", "model_run_details"))]


@pytest.mark.parametrize("asked", SINGLE, ids=lambda asked: "".join(asked) or "nothing")
@pytest.mark.parametrize("whose", ["own", "others"])
def test_a_field_is_there_always_or_when_its_parameter_asks_for_it(request, whose, asked) -> None:
    found = row(request.getfixturevalue(whose), *asked)
    table = LABELBOX if whose == "own" else FIELDS
    there = {place for place in table if has(found, place)}
    assert there == {place for place, when in table.items() if when == ALWAYS or when in asked}


def test_of_labelbox_nothing_else_is_in_a_row(own) -> None:
    found = row(own, *BLOCKS[:8])
    (ours,) = found.pop("projects").values()
    labels = ours.pop("labels")
    blocks = {"data_row", "media_attributes", "attachments", "metadata_fields", "embeddings"}
    assert found.keys() == blocks
    assert ours.keys() == {"name", "project_details", "project_tags"}
    kept = {"label_kind", "version", "id", "label_details", "performance_details", "annotations"}
    assert all(label.keys() == kept for label in labels)
    assert PROJECT in row(own)["projects"]


@pytest.mark.parametrize("asked", ["", "all_model_runs", "predictions", "model_run_details"])
def test_of_model_runs_there_is_what_is_asked_for(tmp_path, asked) -> None:
    shot = loaded("labelbox", tmp_path / "came.ndjson", json.dumps(golden("model_run_image")[0]).encode())
    found = row(shot, *filter(None, [asked]))
    assert {place for place in OF_RUNS if has(found, place)} == {
        place for place, when in OF_RUNS.items() if asked in when
    }
