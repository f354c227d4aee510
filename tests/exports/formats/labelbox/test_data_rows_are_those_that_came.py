"""An export of Labelbox that was loaded comes out again as it was, block by block as parameters ask for."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from audit.models import Project
from exports.run import make_export
from tests.fakes.labelbox_story import PROJECT, TEMPLATES, golden

pytestmark = pytest.mark.django_db

BLOCKS = (
    "attachments", "metadata_fields", "embeddings", "data_row_details", "project_details", "label_details",
    "performance_details", "interpolated_frames", "all_model_runs", "predictions", "model_run_details",
)  # fmt: skip
ROWS = [row for name in TEMPLATES for row in golden(name)]
Row = dict[str, Any]


def load(folder: Path, rows: list[Row]) -> Project:
    """Data rows as a project. They come with line ends between tokens, as an array that people can read has them."""
    path = folder / "came.json"
    path.write_text(json.dumps(rows, indent=1))
    call_command("load", str(path), "--project", "Fixtures", stdout=StringIO(), stderr=StringIO())
    return Project.objects.get()


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """The golden data rows."""
    return load(tmp_path, ROWS)


def export(project: Project, path: Path, *asked: str, **more: Any) -> list[Row]:
    make_export(project, "labelbox", parameters={**dict.fromkeys(asked, True), **more}, output=path)
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def test_with_every_block_rows_are_equal_to_what_came(project, tmp_path) -> None:
    found = export(project, tmp_path / "all.ndjson", *BLOCKS)
    assert len(found) == len(ROWS)
    for row, came in zip(found, ROWS, strict=True):
        assert row.pop("experiments") == {}
        assert row == {"attachments": [], "metadata_fields": [], "embeddings": [], **came}


def test_bytes_of_labels_are_spliced_and_a_row_is_a_line(project, tmp_path) -> None:
    path = tmp_path / "all.ndjson"
    export(project, path, *BLOCKS)
    data = path.read_bytes()
    assert data.count(b"\n") == len(ROWS)
    assert b"\r" not in data
    again = tmp_path / "again.ndjson"
    export(project, again, *BLOCKS)
    assert again.read_bytes() == data


OF_ROWS = {"attachments": "attachments", "metadata_fields": "metadata_fields", "embeddings": "embeddings"}
OF_PROJECT = {"project_details": "project_details"}
OF_LABELS = {"label_details": "label_details", "performance_details": "performance_details"}


def blocks(row: Row) -> set[str]:
    """The optional blocks that a row has, by the parameters that ask for them."""
    ours = row["projects"][PROJECT]
    return {
        *(name for name, key in OF_ROWS.items() if key in row),
        *(name for name, key in OF_PROJECT.items() if key in ours),
        *(name for name, key in OF_LABELS.items() if any(key in label for label in ours["labels"])),
        *({"data_row_details"} if "details" in row["data_row"] else ()),
    }


@pytest.mark.parametrize("asked", [(), *((name,) for name in BLOCKS[:7])], ids=lambda asked: "".join(asked) or "none")
def test_a_block_is_there_when_its_parameter_asks_for_it(project, tmp_path, asked) -> None:
    for row in export(project, tmp_path / "some.ndjson", *asked):
        assert {"data_row", "media_attributes", "projects"} <= set(row)
        assert {"id", "row_data"} <= set(row["data_row"])
        ours = row["projects"][PROJECT]
        assert {"name", "labels", "project_tags"} <= set(ours)
        assert all({"label_kind", "version", "id", "annotations"} <= set(label) for label in ours["labels"])
        assert blocks(row) <= set(asked)
        assert not (row.keys() | ours.keys()) & {"model_runs", "project_name", "files"}
    if asked:
        assert any(blocks(row) for row in export(project, tmp_path / "more.ndjson", *asked))


def test_filled_in_frames_come_only_when_asked_for(project, tmp_path) -> None:
    def frames(rows: list[Row]) -> dict[str, list[str]]:
        labels = [
            label for row in rows for label in row["projects"][PROJECT]["labels"] if label["label_kind"] == "Video"
        ]
        (label,) = labels
        return {number: list(frame["objects"]) for number, frame in label["annotations"]["frames"].items()}

    all_frames = frames(export(project, tmp_path / "all.ndjson", "interpolated_frames"))
    drawn = frames(export(project, tmp_path / "drawn.ndjson"))
    (label,) = [label for row in ROWS for label in row["projects"][PROJECT]["labels"] if label["label_kind"] == "Video"]
    keys = label["annotations"]["key_frame_feature_map"]
    by_hand = {(number, id_) for id_, map_ in keys.items() for number, drawn_ in map_.items() if drawn_}
    assert {(number, id_) for number, ids in drawn.items() for id_ in ids} == by_hand
    assert by_hand < {(number, id_) for number, ids in all_frames.items() for id_ in ids}


def test_all_labels_come_unless_the_latest_are_asked_for(project, tmp_path) -> None:
    def most(rows: list[Row]) -> int:
        return max(len(row["projects"][PROJECT]["labels"]) for row in rows)

    assert most(export(project, tmp_path / "all.ndjson")) == 2
    assert most(export(project, tmp_path / "latest.ndjson", export_type="latest")) == 1


@pytest.mark.parametrize("people", ["names", "pseudonyms"])
def test_people_are_called_as_asked(project, tmp_path, people) -> None:
    rows = export(project, tmp_path / "all.ndjson", "label_details", "project_details", people=people)
    assert ("labeler1@example.com" in json.dumps(rows)) is (people == "names")


def test_model_runs_have_what_is_asked_for(tmp_path) -> None:
    (came,) = golden("model_run_image")
    project = load(tmp_path, [came])
    (row,) = export(
        project, tmp_path / "all.ndjson", "all_model_runs", "predictions", "model_run_details", "label_details"
    )
    assert row["experiments"] == came["experiments"]
    assert [label for one in row["projects"].values() for label in one["labels"]] == []
    ((model, found),) = came["experiments"].items()
    (run,) = found["runs"]
    for asked, keys in {
        "all_model_runs": {"labels"},
        "predictions": {"predictions"},
        "model_run_details": {"run_data_row_id", "annotation_group_id", "split"},
    }.items():
        (row,) = export(project, tmp_path / f"{asked}.ndjson", asked)
        assert row["experiments"][model]["runs"][run].keys() == {"name"} | keys
    (row,) = export(project, tmp_path / "none.ndjson")
    assert "experiments" not in row
