"""Masks and polygons with holes of other platforms as RedBrick AI has masks: every pixel in its instance."""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from audit.annotations import Annotation, Answer, Choice, Mask, Medium, Polygon
from exports.formats import FORMATS
from tests.exports.formats.redbrick.volumes import loaded
from tests.exports.formats.snapshots import Made, write
from tests.exports.formats.told import Project, polygon

WIDTH, HEIGHT = 10, 6
HOLE = ((0.4, 0.4), (0.6, 0.4), (0.6, 0.6), (0.4, 0.6))


def runs(flags: NDArray[np.bool_], **more: Any) -> Mask:
    """A mask of flags by row and column."""
    counts: list[int] = []
    last, length = False, 0
    for flag in flags.ravel(order="F"):
        if flag != last:
            counts.append(length)
            last, length = flag, 0
        length += 1
    fields: dict[str, Any] = {"job": "JOB_0", "tool": "semantic", "classes": ("CAR",)}
    height, width = flags.shape
    return Mask(width=width, height=height, counts=(*counts, length), **(fields | more))


def rows(top: int, bottom: int) -> NDArray[np.bool_]:
    found = np.zeros((HEIGHT, WIDTH), bool)
    found[top:bottom, 2:7] = True
    return found


def exported(project: Project, **asked: Any) -> Made:
    return write(FORMATS["redbrick"], project.shot(), **asked)


def add(project: Project, *annotations: Annotation, **more: Any) -> None:
    project.add("a.jpg", list(annotations), size=(WIDTH, HEIGHT), **more)


def series(made: Made) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(made.files["P-1/tasks.json"])[0]["series"][0]
    return found


def voxels(made: Made, name: str) -> NDArray[Any]:
    """By row and column."""
    found = np.asarray(loaded(made.files[f"P-1/{name}"]).dataobj)
    assert found.shape == (WIDTH, HEIGHT, 1)
    return found[:, :, 0].T


def test_a_mask_is_an_instance_of_a_flat_volume(project: Project) -> None:
    add(project, runs(rows(0, 2), id="a"), runs(rows(3, 6), id="b", classes=("BUS",)))
    made = exported(project)
    assert made.errors == []
    said = series(made)
    assert said["segmentations"] == "segmentations/a.jpg/a.jpg.nii.gz"
    assert {key: (one["id"], one["category"]) for key, one in said["segmentMap"].items()} == {
        "1": ("a", "Car"),
        "2": ("b", "Bus"),
    }
    assert np.array_equal(voxels(made, said["segmentations"]), rows(0, 2) + 2 * rows(3, 6))


def test_a_polygon_with_holes_is_painted_one_without_stays_a_polygon(project: Project) -> None:
    whole = polygon((0, 0), (1, 0), (1, 1), (0, 1), holes=(HOLE,), id="holed")
    add(project, whole, polygon((0, 0), (0.5, 0), (0, 0.5), id="plain"))
    made = exported(project)
    said = series(made)
    assert [one["id"] for one in said["polygons"]] == ["plain"]
    expected = np.ones((HEIGHT, WIDTH), int)
    expected[2:4, 4:6] = 0
    assert np.array_equal(voxels(made, said["segmentations"]), expected)


def test_parts_of_an_object_are_one_instance(project: Project) -> None:
    part = polygon((0, 0), (0.2, 0), (0.2, 0.5), (0, 0.5), object="o")
    holed = polygon((0.3, 0), (1, 0), (1, 1), (0.3, 1), holes=(HOLE,), object="o")
    add(project, part, holed, runs(rows(5, 6), object="p"), runs(rows(4, 5), object="p"))
    made = exported(project)
    said = series(made)
    assert list(said["segmentMap"]) == ["1", "2"]
    assert "polygons" not in said
    assert voxels(made, said["segmentMap"]["1"]["mask"])[0, 0] == 1


def test_masks_that_overlap_share_numbers_and_lose_no_pixel(project: Project) -> None:
    flags = [rows(0, 4), rows(2, 6), rows(3, 5)]
    add(project, *(runs(one) for one in flags))
    made = exported(project, binary_mask="false")
    said = series(made)
    found = voxels(made, said["segmentations"])
    for number, one in said["segmentMap"].items():
        meant = np.isin(found, (int(number), *one.get("overlappingGroups", ())))
        assert np.array_equal(meant, flags[int(number) - 1])
    # What the third one covers, the others cover too: it has no pixel of its own.
    assert 3 not in found

    own = exported(project)
    for number, one in series(own)["segmentMap"].items():
        assert np.array_equal(voxels(own, one["mask"]), flags[int(number) - 1])


def test_a_mask_in_a_file_of_the_label(project: Project) -> None:
    picture = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    picture[1:3] = (255, 0, 0)
    out = io.BytesIO()
    Image.fromarray(picture).save(out, "PNG")
    project.kept["mask.png"] = out.getvalue()
    fields: dict[str, Any] = {"job": "JOB_0", "tool": "mask", "classes": ("BUS",)}
    add(project, Mask(file="mask.png", value=(255, 0, 0), **fields))
    made = exported(project, semantic_mask=True)
    found = voxels(made, series(made)["segmentations"][0])
    assert np.array_equal(found, 2 * (picture[:, :, 0] > 0))


def test_pictures_have_the_colours_of_class_map(project: Project) -> None:
    add(project, runs(rows(0, 2)))
    made = exported(project, mask_format="png")
    colors = json.loads(made.files["P-1/class_map.json"])
    assert list(colors) == ["Car", "Bus"]
    picture = np.asarray(Image.open(io.BytesIO(made.files["P-1/segmentations/a.jpg/a.jpg/a.jpg.png"])))
    assert np.array_equal(picture, np.array([(0, 0, 0), colors["Car"]], np.uint8)[rows(0, 2).astype(int)])


def test_attributes_stand_in_the_segment_map(project: Project) -> None:
    add(project, runs(rows(0, 2), answers=(Answer("COLOUR", (Choice("RED"),)),), locked=True))
    entry = series(exported(project))["segmentMap"]["1"]
    assert (entry["attributes"], entry["readOnly"]) == ({"COLOUR": "RED"}, True)


def test_several_peoples_masks_have_files_of_their_own(project: Project) -> None:
    project.add("a.jpg", [runs(rows(0, 2))], [runs(rows(0, 3))], size=(WIDTH, HEIGHT))
    made = exported(project)
    (task,) = json.loads(made.files["P-1/tasks.json"])
    names = [one["series"][0]["segmentations"] for one in task["consensusTasks"]]
    assert [voxels(made, name).sum() for name in names] == [10, 15]
    assert len({*names, task["series"][0]["segmentations"]}) == 3


@pytest.mark.parametrize(
    ("mask", "more", "code"),
    [
        (runs(np.ones((3, 3), bool)), {}, "bad_geometry"),
        (Mask(width=WIDTH, height=HEIGHT, counts=(0, 99), job="JOB_0", tool="x", classes=("CAR",)), {}, "bad_geometry"),
        (Mask(file="gone.png", job="JOB_0", tool="x", classes=("CAR",)), {}, "no_file"),
        (Mask(file="text.png", job="JOB_0", tool="x", classes=("CAR",)), {}, "unreadable"),
        (Mask(counts=(1, 2), job="JOB_0", tool="x", classes=("CAR",)), {}, "no_size"),
        (runs(rows(0, 2), frame=1), {}, "not_held"),
        (runs(rows(0, 2), medium=3), {}, "no_media"),
        (runs(rows(0, 2)), {"media": [Medium("video", "v.mp4", width=WIDTH, height=HEIGHT)]}, "not_held"),
        (
            Polygon(outline=((0, 0), (1, 0), (1, 1)), holes=(HOLE,), job="JOB_0", tool="x", classes=("CAR",)),
            {"media": [Medium("image", "a.jpg")]},
            "no_size",
        ),
        (
            Polygon(outline=((0, 0), (1, float("nan")), (1, 1)), holes=(HOLE,), job="JOB_0", tool="x"),
            {},
            "bad_number",
        ),
    ],
)
def test_a_mask_that_can_not_be_painted_has_a_line_and_costs_nothing_else(
    project: Project, mask: Annotation, more: dict[str, Any], code: str
) -> None:
    project.kept["text.png"] = b"no picture"
    add(project, polygon((0, 0), (1, 0), (1, 1), id="good"), mask, **more)
    made = exported(project)
    assert [one["code"] for one in made.errors] == [code]
    assert [one["id"] for one in series(made)["polygons"]] == ["good"]
    assert "segmentations" not in series(made)


def test_two_exports_are_equal(project: Project) -> None:
    add(project, *(runs(rows(at, at + 3)) for at in range(4)))
    first, second = (exported(project, binary_mask="false").files for _ in range(2))
    assert {name: first[name] for name in first if "P-1" in name} == {
        name: second[name] for name in second if "P-1" in name
    }
