from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from audit.annotations import (
    Answer,
    Box,
    Choice,
    Classification,
    Cuboid3D,
    Ellipse,
    Landmark,
    Marker,
    Measurement,
    Polygon,
    Polyline,
    VolumeMask,
)
from audit.sources.base import PersonRef

GOLDEN = Path(__file__).parents[3] / "golden" / "redbrick" / "tasks.json"
FIRST, OVERLAP, FLAT = (f"d0000000-0000-4000-8000-000000000{number}" for number in ("103", "206", "303"))
AGREED, MINE = (f"d0000000-0000-4000-8000-000000000{number}" for number in ("903", "901"))
Read = Callable[..., Any]


@pytest.fixture
def export(told: Read, tmp_path: Path) -> Read:
    """What the golden tasks say, after a change of them; every mask that they name is there."""

    def read(change: Callable[[list[dict[str, Any]]], object] = lambda tasks: None) -> Any:
        tasks = json.loads(GOLDEN.read_text())
        change(tasks)
        written = json.dumps(tasks)
        (tmp_path / "tasks.json").write_text(written)
        for word in written.split('"'):
            if "segmentations/" in word and "://" not in word:
                mask = tmp_path / word[word.index("segmentations/") :]
                mask.parent.mkdir(parents=True, exist_ok=True)
                mask.write_bytes(gzip.compress(b"voxels"))
        return told(tmp_path)

    return read


def test_everything_that_is_drawn_comes_back(export: Read) -> None:
    found = export()
    assert (found.kind, found.problems) == ("redbrick-export", [])
    kinds = {type(one) for one in (*found.labels[FIRST], *found.labels[FLAT])}
    assert kinds == {
        VolumeMask,
        Measurement,
        Landmark,
        Ellipse,
        Box,
        Cuboid3D,
        Classification,
        Polygon,
        Polyline,
        Marker,
    }


def test_segments_are_voxels_of_a_number_in_their_file(export: Read) -> None:
    masks = [one for one in export().labels[FIRST] if isinstance(one, VolumeMask)]
    assert [(mask.file, mask.value, mask.medium, mask.linked, mask.locked) for mask in masks] == [
        ("segmentations/CASE-0001/CT axial.nii.gz", 1, 0, "grp-1", False),
        ("segmentations/CASE-0001/CT axial.nii.gz", 2, 0, None, True),
        ("segmentations/CASE-0001/CT axial.nii.gz", 3, 0, None, False),
        ("segmentations/CASE-0001/B.nii.gz", 4, 1, None, False),
    ]


def test_segments_with_files_of_their_own_are_ones_in_them(export: Read) -> None:
    masks = [one for one in export().labels[OVERLAP] if isinstance(one, VolumeMask)]
    assert [(mask.file.rpartition("/")[2], mask.value) for mask in masks] == [
        ("instance-1.nii.gz", 1),
        ("instance-2.nii.gz", 1),
    ]


def test_measures_keep_their_points_in_order(export: Read) -> None:
    length, angle = (one for one in export().labels[FIRST] if isinstance(one, Measurement))
    assert (length.measure, length.value, length.points) == ("length", 4.0, ((1, 1, 1), (5, 1, 1)))
    assert length.world == ((0.5, 0.5, 2.5), (4.5, 0.5, 2.5))
    assert (angle.measure, angle.value, angle.points[1]) == ("angle", 90.0, (3, 3, 1))


def test_shapes_have_their_frames_tracks_and_figures(export: Read) -> None:
    (box,) = (one for one in export().labels[FIRST] if isinstance(one, Box))
    assert (box.x, box.y, box.width, box.height) == (0.1, 0.2, 0.3, 0.4)
    assert (box.frame, box.object, box.key_frame, box.ends) == (2, "trk-1", True, True)
    assert ("area", 118.2) in box.figures


def test_classes_and_attributes_are_those_that_labels_name(export: Read) -> None:
    found = export()
    job = found.ontology.job("SEGMENTATION")
    assert [known.title for known in job.classes] == ["Nodule", "Effusion"]
    (texture,) = (one for one in found.ontology.jobs if one.title == "Texture")
    assert [known.title for known in texture.classes] == ["Solid", "Ground glass"]
    assert found.labels[FIRST][0].answers == (Answer(texture.key, (Choice("0"),)),)


def test_a_consensus_has_a_label_of_each_labeler(export: Read) -> None:
    found = export()
    labels = [event for event in found.events if event.type == "label.updated"]
    kinds = {json.loads(event.content)["taskData"]["tdId"]: json.loads(event.content)["kind"] for event in labels}
    assert (kinds[AGREED], kinds[MINE]) == ("DEFAULT", "CONSENSUS")
    (author,) = (event.actor for event in labels if event.version.thing == f"label/{MINE}")
    assert author.external_id == "labeler@example.org"


def test_people_are_their_addresses_and_keys_their_names(export: Read) -> None:
    found = export()
    created = next(event for event in found.events if event.type == "task.created")
    assert created.actor == PersonRef("admin@example.org", "admin@example.org")
    (key,) = (event for event in found.events if event.version and event.version.thing == f"label/{FLAT}")
    assert (key.actor.external_id, key.actor_kind) == ("API:ci-pipeline", "service")


def test_masks_at_addresses_are_a_problem_and_keep_no_signature(export: Read) -> None:
    def change(tasks: list[dict[str, Any]]) -> None:
        address = "https://storage.example.org/mask?X-Amz-Signature=secret"
        for series in tasks[0]["series"]:
            series["segmentations"] = address
            for entry in series["segmentMap"].values():
                entry["mask"] = address

    found = export(change)
    assert {problem.code for problem in found.problems} == {"no_file"}
    assert not any(b"secret" in (event.content or b"") for event in found.events)


def test_masks_in_other_forms_are_kept_and_said_to_be_no_nifti(export: Read) -> None:
    def change(tasks: list[dict[str, Any]]) -> None:
        (series,) = tasks[2]["series"]
        series["segmentations"] = "x/segmentations/CASE-0003/A.dcm"
        series["segmentMap"] = {f"Segment_{key}": {**one, "mask": None} for key, one in series["segmentMap"].items()}

    found = export(change)
    assert [problem.code for problem in found.problems] == ["no_file", "no_file"]
    (label,) = (event for event in found.events if event.version and event.version.thing == f"label/{FLAT}")
    assert [ref.name for ref in label.files] == ["segmentations/CASE-0003/A.dcm"]


def test_where_the_export_once_was_makes_no_new_version(export: Read) -> None:
    def state(found: Any) -> list[str]:
        return [event.version.state for event in found.events if event.type == "label.updated"]

    def move(tasks: list[dict[str, Any]]) -> None:
        tasks[:] = json.loads(json.dumps(tasks).replace('"default/', '"C:\\\\exports\\\\lungs/'))

    assert state(export()) == state(export(move))
