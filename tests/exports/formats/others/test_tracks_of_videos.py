"""`mot`: a folder a video, a line a box, tracks numbered from 1."""

from __future__ import annotations

import configparser
import math
from typing import Any

import pytest

from audit.annotations import Medium
from exports.formats.others.mot import MotFormat
from tests.exports.formats.snapshots import write
from tests.exports.formats.told import Project, box

VIDEO = Medium("video", "drive.mp4", width=200, height=100, frames=30, frame_rate=25)


def test_boxes_of_one_object_are_one_track(project: Project) -> None:
    frames = [
        box(0.1, 0.1, 0.5, 0.5, object="a", frame=0),
        box(0.2, 0.1, 0.5, 0.5, "BUS", object="b", frame=0),
        box(0.3, 0.1, 0.5, 0.5, object="a", frame=2),
    ]
    project.add("drive.mp4", frames, media=[VIDEO])
    made = write(MotFormat(), project.shot())
    assert made.files["drive/gt/gt.txt"].decode().splitlines() == [
        "1,1,21.00,11.00,100.00,50.00,1,1,-1",
        "1,2,41.00,11.00,100.00,50.00,1,2,-1",
        "3,1,61.00,11.00,100.00,50.00,1,1,-1",
    ]
    assert made.files["drive/gt/labels.txt"] == b"JOB_0/CAR\nJOB_0/BUS\n"
    info = configparser.ConfigParser()
    info.read_string(made.files["drive/seqinfo.ini"].decode())
    assert dict(info["Sequence"]) | {} == {
        "name": "drive", "imdir": "img1", "framerate": "25", "seqlength": "30", "imwidth": "200", "imheight": "100",
        "imext": ".jpg",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (box(0, 0, 0, 1, frame=0), "bad_geometry"),
        (box(0, 0, math.nan, 1, frame=0), "bad_number"),
        (box(0, 0, 1, 1, "TRAM", frame=0), "unknown_class"),
        (box(0, 0, 1, 1, "", frame=0), "unknown_class"),
        (box(0, 0, 1, 1, frame=0, angle=5.0), "turned"),
    ],
)
def test_what_can_not_be_written_is_noted(project: Project, bad: Any, code: str) -> None:
    project.add("drive.mp4", [bad], media=[VIDEO])
    assert [error["code"] for error in write(MotFormat(), project.shot()).errors] == [code]


@pytest.mark.parametrize(
    ("medium", "code"), [(Medium("image", "a.png", width=1, height=1), "no_media"), (Medium("video", "v"), "no_size")]
)
def test_an_asset_that_is_no_video_is_skipped(project: Project, medium: Medium, code: str) -> None:
    project.add("a", [box(0, 0, 1, 1)], media=[medium])
    made = write(MotFormat(), project.shot())
    assert [error["code"] for error in made.errors] == [code, code]
    assert made.written == {"tasks": 0, "labels": 0}
