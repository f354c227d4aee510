"""Masks of RedBrick AI's pictures, volumes of one slice, in formats of pictures; volumes have a line there."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from pycocotools import mask as coco_mask

from exports.formats import FORMATS
from tests.exports.formats.redbrick.recorded import shot, without
from tests.exports.formats.redbrick.volumes import loaded, nifti
from tests.exports.formats.snapshots import Made, Shot, write

VOLUME, FLAT = (f"70000000-0000-4000-8000-{number:012d}" for number in (1, 3))


def coco(snapshot: Shot) -> tuple[Made, list[dict[str, Any]]]:
    made = write(FORMATS["coco"], snapshot, layout="merged")
    found: list[dict[str, Any]] = json.loads(made.files["labels.json"])["annotations"]
    return made, [one for one in found if isinstance(one["segmentation"], dict)]


def decoded(one: dict[str, Any]) -> Any:
    height, width = one["segmentation"]["size"]
    return coco_mask.decode(coco_mask.frPyObjects(one["segmentation"], height, width))


def test_every_pixel_is_in_cocos_runs() -> None:
    snapshot = shot([FLAT])
    _, found = coco(snapshot)
    meant = np.asarray(loaded(snapshot.kept["seg/case3-a"]).dataobj)[:, :, 0].T
    assert [int(one["area"]) for one in found] == [4, 9]
    for number, one in enumerate(found, 1):
        assert np.array_equal(decoded(one), meant == number)


def test_a_volume_has_a_line() -> None:
    made, found = coco(shot([VOLUME]))
    assert found == []
    assert "no_media" in {one["code"] for one in made.errors}


@pytest.mark.parametrize(
    ("content", "code"),
    [(None, "no_file"), (b"no volume", "unreadable"), (nifti(np.ones((8, 6, 2), np.uint8)), "not_held")],
)
def test_a_mask_that_is_no_pictures_has_a_line(content: bytes | None, code: str) -> None:
    snapshot = without(shot([FLAT]), "seg/case3-a")
    if content is not None:
        snapshot.kept["seg/case3-a"] = content
    made, found = coco(snapshot)
    assert found == []
    assert [one["code"] for one in made.errors if one["job"] == "SEGMENTATION"] == [code, code]


@pytest.mark.parametrize("slug", ["yolo_v8", "pascal_voc", "labelbox", "diffgram", "labelstudio", "isahit_kili"])
def test_other_formats_of_masks_take_it_too(slug: str) -> None:
    made = write(FORMATS[slug], shot([FLAT]))
    assert made.written["tasks"] == 1
    assert [one for one in made.errors if one["job"] == "SEGMENTATION" and one["code"] == "not_held"] == []
