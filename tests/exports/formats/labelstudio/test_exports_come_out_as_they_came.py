"""What came from Label Studio comes out as it came: labels with their history and reviews, and their very numbers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from audit.sources.labelstudio.reading import LabelStudioReading
from exports.formats.base import LabelledTask, LabelRow, ProjectInfo
from exports.formats.labelstudio.labelstudio import LabelStudioFormat
from exports.formats.labelstudio.own import TOLD
from tests.exports.formats.labelstudio.loaded import events_of
from tests.exports.formats.snapshots import Shot, write

GOLDEN = Path(__file__).parents[3] / "golden" / "labelstudio" / "history.json"
REVIEW = {"id": 3, "annotation": 2, "accepted": True, "created_by": 14, "created_at": "2026-01-03T10:00:00Z"}
RESULT = {
    "id": "r", "type": "rectanglelabels", "from_name": "tag", "to_name": "image", "original_width": 100,
    "original_height": 50, "value": {"x": 0.1234567890123456789, "y": 1, "width": 2, "height": 3, "rotation": 0,
                                     "rectanglelabels": ["Car"]},
}  # fmt: skip
TASK: dict[str, Any] = {
    "id": 1,
    "data": {"image": "https://h/a.png", "site": "north"},
    "annotations": [
        {"id": 2, "completed_by": 14, "result": [RESULT], "reviews": [REVIEW]},
        {"id": 4, "completed_by": 15, "result": [], "was_cancelled": True},
    ],
    "predictions": [{"id": 5, "model_version": "m", "result": [RESULT]}],
    "meta": {"a": None},
}


def shot_of(tasks: Any, tmp_path: Path) -> Shot:
    """The snapshot of an export that was loaded."""
    path = tmp_path / "export.json"
    path.write_text(json.dumps(tasks))
    settings, histories = events_of(path)
    shot = Shot(project=ProjectInfo("labelstudio-file", "P-1", "Reads", "test.example/i/l", settings))
    for number, history in enumerate(histories, 1):
        rows, told = [], []
        for event in history.events:
            if event.type == "label.updated":
                label = LabelStudioReading().label_details(event.content or b"")
                rows.append(
                    LabelRow(
                        label.external_id, 1, label.kind, None, label.created_at, None, "", label.skipped,
                        label.sent_back, number, event.content or b"",
                    )
                )  # fmt: skip
            elif event.type in TOLD:
                told.append((event.source_type, event.content or b""))
        details = next(one.content for one in history.events if one.type == "task.updated")
        task = LabelledTask(history.task, number, "a", "", "", details, (), tuple(rows), tuple(told))
        shot.assets.append(task)
    return shot


def test_the_recorded_export_comes_out_as_it_came(tmp_path: Path) -> None:
    (came,) = json.loads(GOLDEN.read_text())
    made = write(LabelStudioFormat(), shot_of([came], tmp_path))
    assert made.errors == []
    (found,) = json.loads(made.files["tasks.json"])
    # First and last names are one text in the record; the list of reviews is there when there is one.
    came["annotations"][0]["completed_by"] = {"id": 14, "email": "sergei@heartex.test", "name": ""}
    del came["annotations"][0]["reviews"]
    assert found == came
    view = ET.fromstring(made.files["label_config.xml"])
    assert [(tag.tag, tag.get("name")) for tag in view] == [("Text", "text"), ("Choices", "sentiment")]


def test_labels_of_every_kind_and_reviews_come_out(tmp_path: Path) -> None:
    made = write(LabelStudioFormat(), shot_of([TASK], tmp_path))
    assert made.errors == []
    (found,) = json.loads(made.files["tasks.json"])
    assert found == {**TASK, "drafts": []}
    assert b"0.12345678901234568" in made.files["tasks.json"]
    view = ET.fromstring(made.files["label_config.xml"])
    assert [(tag.tag, tag.get("name"), tag.get("toName")) for tag in view] == [
        ("Image", "image", None), ("RectangleLabels", "tag", "image"),
    ]  # fmt: skip
    assert [label.get("value") for label in view[1]] == ["Car"]


def test_parameters_leave_labels_out_with_all_that_happened_to_them(tmp_path: Path) -> None:
    made = write(LabelStudioFormat(), shot_of([TASK], tmp_path), label_type_in=("PREDICTION",))
    assert made.errors == []
    (found,) = json.loads(made.files["tasks.json"])
    assert found["annotations"] == []
    assert found["predictions"] == TASK["predictions"]
    assert made.written == {"tasks": 1, "labels": 3}


def test_a_review_that_names_no_annotation_is_of_the_only_one_or_has_a_line(tmp_path: Path) -> None:
    review = {name: value for name, value in REVIEW.items() if name != "annotation"}
    one = {**TASK, "annotations": [{**TASK["annotations"][0], "reviews": [review]}]}
    made = write(LabelStudioFormat(), shot_of([one], tmp_path))
    assert json.loads(made.files["tasks.json"])[0]["annotations"] == one["annotations"]
    two = {**one, "annotations": [*one["annotations"], TASK["annotations"][1]]}
    made = write(LabelStudioFormat(), shot_of([two], tmp_path))
    assert [(line["asset"], line["code"]) for line in made.errors] == [("1", "not_held")]


def test_a_payload_that_is_none_is_skipped_by_name(tmp_path: Path) -> None:
    shot = shot_of([TASK, {**TASK, "id": 9}], tmp_path)
    broken = LabelledTask("1", 1, "a", "", "", b"[", (), shot.assets[0].labels)
    shot.assets[0] = broken
    made = write(LabelStudioFormat(), shot)
    assert [one["id"] for one in json.loads(made.files["tasks.json"])] == [9]
    assert [line["code"] for line in made.errors] == ["unreadable"] * 4
    assert made.written == {"tasks": 1, "labels": 3}


def test_a_pairwise_compares_the_two_fields_of_the_task(tmp_path: Path) -> None:
    result = {"id": "p", "type": "pairwise", "from_name": "pw", "to_name": "pw", "value": {"selected": "left"}}
    task = {
        "id": 1,
        "data": {"first": "One text.", "second": "Another."},
        "annotations": [{"id": 2, "result": [result]}],
    }

    def tags(of: Any) -> list[tuple[str, str | None, str | None]]:
        view = ET.fromstring(write(LabelStudioFormat(), shot_of([of], tmp_path)).files["label_config.xml"])
        return [(tag.tag, tag.get("name"), tag.get("toName")) for tag in view if tag.tag == "Pairwise"]

    assert tags(task) == [("Pairwise", "pw", "first,second")]
    # Among three fields nothing says which two are compared.
    assert tags({**task, "data": {**task["data"], "third": "x"}}) == [("Pairwise", "pw", "pw")]
