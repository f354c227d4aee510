"""`isahit_mask`: the platform's own pictures, or classes in the colours that were asked for."""

from __future__ import annotations

import base64
import io
import json
from struct import pack
from typing import Any
from zlib import crc32

import pytest
from PIL import Image

from exports.formats.base import ProjectInfo
from exports.formats.isahit.mask import IsahitMaskFormat
from tests.exports.formats.isahit.conftest import GOLDEN, shot, shot_of
from tests.exports.formats.snapshots import Shot, write

CAR, BUS = (2, 0, 10), (3, 1, 20)


def picture() -> bytes:
    """A car's pixel, a bus's, and one of nothing."""
    image = Image.new("RGB", (3, 1))
    for place, color in enumerate((CAR, BUS)):
        image.putpixel((place, 0), color)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def masked(data: bytes, name: str = "s.jpg") -> Shot:
    found = json.loads((GOLDEN / "isahit" / "segmentation.json").read_text())
    task = found["tasks"][0]
    task["name"] = name
    task["data"]["body"]["mask"] = "data:image/png;base64," + base64.b64encode(data).decode()
    return shot_of(found["project_configuration"], [task])


def pixels(data: bytes) -> list[Any]:
    with Image.open(io.BytesIO(data)) as image:
        return [image.convert("RGB").getpixel((place, 0)) for place in range(3)]


def test_masks_are_the_very_pictures_under_the_tasks_names() -> None:
    made = write(IsahitMaskFormat(), masked(picture()))
    assert made.files["s.jpg.png"] == picture()
    assert made.errors == []
    assert made.written == {"tasks": 1, "labels": 1}
    assert "s.png" in write(IsahitMaskFormat(), masked(picture()), replace_extension=True).files


def test_classes_have_the_colours_that_were_asked_for() -> None:
    asked = ("car=#140014", "bus=#0000ff")  # The first one's blue is the bus's, and stays the car's all the same.
    made = write(IsahitMaskFormat(), masked(picture()), semantic_mapping=asked)
    assert pixels(made.files["s.jpg.png"]) == [(0x14, 0, 0x14), (0, 0, 255), (0, 0, 0)]


@pytest.mark.parametrize(("pair", "said"), [("car", "no class with its colour"), ("tram=#000000", "no class 'tram'")])
def test_mappings_that_make_no_sense_are_refused(pair, said) -> None:
    values = {"input_id": "", "semantic_mapping": (pair,)}
    (unfit,) = IsahitMaskFormat().refuses(shot("segmentation").project, values)
    assert unfit.parameter == "semantic_mapping"
    assert said in unfit.text


def test_labels_without_a_mask_and_broken_ones_are_skipped_by_name() -> None:
    none = write(IsahitMaskFormat(), shot("segmentation"))
    assert none.written == {"tasks": 0, "labels": 0}
    assert {error["code"] for error in none.errors} == {"no_file"}
    broken = write(IsahitMaskFormat(), masked(b"no picture"))
    assert {error["code"] for error in broken.errors} == {"unreadable"}


def test_a_picture_that_would_fill_the_memory_is_skipped_by_name() -> None:
    header = b"IHDR" + pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + pack(">I", 13) + header + pack(">I", crc32(header))
    made = write(IsahitMaskFormat(), masked(bomb), semantic_mapping=("car=#140014",))
    assert made.written == {"tasks": 0, "labels": 0}
    assert {error["code"] for error in made.errors} == {"unreadable"}


def test_hostile_names_stay_inside() -> None:
    made = write(IsahitMaskFormat(), masked(picture(), name="../x"))
    assert not any(".." in name.split("/") for name in made.files)
    assert [error["code"] for error in made.errors] == ["renamed"]


def test_projects_that_segment_nothing_are_refused() -> None:
    assert "not compatible" in IsahitMaskFormat().refusal(shot("rectangle").project)
    assert "isahit lab" in IsahitMaskFormat().refusal(ProjectInfo("kili", "P", "P", "o"))
    values = {"input_id": "boxes", "semantic_mapping": ()}
    (unfit,) = IsahitMaskFormat().refuses(shot("form_two_inputs").project, values)
    assert unfit.parameter == "input_id"
    assert IsahitMaskFormat().refuses(shot("form_two_inputs").project, {**values, "input_id": "segs"}) == []
