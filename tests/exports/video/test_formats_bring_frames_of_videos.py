"""Formats that name frames as pictures: with media, the frames lie where the labels say, and are the right ones."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

import pytest

from audit.annotations import Annotation, Box, Medium
from exports.archive import BadItem
from exports.formats import FORMATS
from tests.exports.formats.snapshots import Made, write
from tests.exports.formats.told import Project, box
from tests.exports.video.films import HEIGHT, WIDTH, brightness, film, shade

URL = "https://x.example/clip.mp4"
FRAMES = 12
PICTURED = ["coco", "pascal_voc", "yolo_v8", "mot"]


def labelled(project: Project, frames: Sequence[int] = (0, 5, 11), told: int | None = FRAMES, **more: Any) -> None:
    """A video with a box in each of these frames."""
    medium = Medium("video", "clip.mp4", URL, WIDTH, HEIGHT, frames=told, **{"files": (URL,), **more})
    said: list[Annotation] = [box(0.1, 0.1, 0.5, 0.5, frame=frame) for frame in frames]
    project.add("clip.mp4", said, media=[medium])


def made(project: Project, slug: str, **more: Any) -> Made:
    merged = {} if slug == "mot" else {"layout": "merged"}
    return write(FORMATS[slug], project.shot(), with_assets=True, **merged, **more)


def pictures(found: Made) -> dict[str, bytes]:
    return {path: data for path, data in found.files.items() if path.endswith((".jpg", ".png"))}


def number(path: str) -> int:
    """The frame, from 0, that a file's name says."""
    return int(re.search(r"(\d+)\.(jpg|png)$", path)[1]) - 1  # type: ignore[index]


@pytest.mark.parametrize("slug", PICTURED)
def test_the_pictures_are_those_frames(project: Project, slug: str) -> None:
    project.kept[URL] = film(FRAMES)
    labelled(project)
    found = made(project, slug)
    assert found.errors == []
    shown = {number(path): brightness(data) for path, data in pictures(found).items()}
    assert set(shown) == ({0, 5, 11} if slug == "yolo_v8" else set(range(FRAMES)))
    assert all(abs(value - shade(frame)) < 6 for frame, value in shown.items())


def test_coco_names_every_picture(project: Project) -> None:
    project.kept[URL] = film(FRAMES)
    labelled(project)
    found = made(project, "coco")
    named = {image["file_name"] for image in json.loads(found.files["labels.json"])["images"]}
    assert named == set(pictures(found))


def test_yolo_has_a_picture_for_each_file_of_labels(project: Project) -> None:
    project.kept[URL] = film(FRAMES)
    labelled(project)
    found = made(project, "yolo_v8")
    labels = {path[len("labels/") : -len(".txt")] for path in found.files if path.startswith("labels/")}
    assert labels == {path[len("images/") : -len(".jpg")] for path in pictures(found)} == {
        "clip_01",
        "clip_06",
        "clip_12",
    }  # fmt: skip


def test_voc_has_a_picture_for_each_file_of_labels(project: Project) -> None:
    project.kept[URL] = film(FRAMES)
    labelled(project)
    found = made(project, "pascal_voc")
    labels = {path[len("labels/") : -len(".xml")] for path in found.files if path.endswith(".xml")}
    assert labels == {path[len("images/") : -len(".jpg")] for path in pictures(found)}


@pytest.mark.parametrize("slug", PICTURED)
def test_two_exports_have_the_same_bytes(project: Project, slug: str) -> None:
    project.kept[URL] = film(FRAMES)
    labelled(project)
    first, second = pictures(made(project, slug)), pictures(made(project, slug))
    assert first == second != {}


@pytest.mark.parametrize("slug", PICTURED)
@pytest.mark.parametrize(("told", "has"), [(12, 13), (12, 24), (13, 12)])
def test_another_number_of_frames_than_the_platform_says_is_named(
    project: Project, slug: str, told: int, has: int
) -> None:
    project.kept[URL] = film(has)
    labelled(project, told=told)
    found = made(project, slug)
    (line,) = found.errors
    assert (line["asset"], line["code"]) == ("T1", "other_frames")
    assert f"counts {told} frames in the video 'clip.mp4', its file has {has}" in line["text"]
    assert pictures(found) == {}
    assert found.written == {"tasks": 1, "labels": 1}, "what was drawn is in the archive all the same"


@pytest.mark.parametrize("slug", PICTURED)
def test_a_label_of_a_frame_that_the_video_lacks_is_named(project: Project, slug: str) -> None:
    project.kept[URL] = film(8)
    labelled(project, told=None)
    (line,) = made(project, slug).errors
    assert "speaks of its frame 11 (from 0), its file has 8 frames" in line["text"]


@pytest.mark.parametrize("slug", PICTURED)
@pytest.mark.parametrize(("file", "code"), [(b"no video", "unreadable"), (None, "no_file")])
def test_a_video_that_is_broken_or_not_there_costs_nothing_else(
    project: Project, slug: str, file: bytes | None, code: str
) -> None:
    if file is not None:
        project.kept[URL] = file
    labelled(project)
    found = made(project, slug)
    assert [line["code"] for line in found.errors] == [code]
    assert "clip.mp4" in found.errors[0]["text"]
    assert found.written == {"tasks": 1, "labels": 1}


@pytest.mark.parametrize("slug", PICTURED)
def test_a_strict_export_fails_because_of_it(project: Project, slug: str) -> None:
    project.kept[URL] = b"no video"
    labelled(project)
    with pytest.raises(BadItem, match="no frames are in the archive"):
        made(project, slug, strict=True)


@pytest.mark.parametrize("slug", ["kili", "raw"])
def test_kilis_own_have_the_video_itself(project: Project, slug: str) -> None:
    project.kept[URL] = b"the video, whatever it is"
    labelled(project)
    found = write(FORMATS[slug], project.shot(), with_assets=True)
    assert found.files["assets/clip.mp4"] == b"the video, whatever it is"
    assert found.errors == []


@pytest.mark.parametrize("slug", PICTURED)
def test_without_media_nothing_is_decoded(project: Project, slug: str) -> None:
    project.kept[URL] = b"no video"
    labelled(project)
    found = write(FORMATS[slug], project.shot())
    assert (found.errors, pictures(found)) == ([], {})


@pytest.mark.parametrize("slug", ["coco", "pascal_voc", "yolo_v8"])
def test_a_video_of_single_pictures_brings_these(project: Project, slug: str) -> None:
    urls = tuple(f"https://x.example/{place}.png" for place in range(3))
    project.kept |= {url: f"picture {place}".encode() for place, url in enumerate(urls)}
    labelled(project, frames=(0, 1, 2), told=3, files=urls)
    found = made(project, slug)
    assert found.errors == []
    assert {number(path): data for path, data in pictures(found).items()} == {
        0: b"picture 0",
        1: b"picture 1",
        2: b"picture 2",
    }
    assert all(path.endswith(".png") for path in pictures(found))


@pytest.mark.parametrize("slug", PICTURED)
def test_each_label_of_a_video_has_its_frames(project: Project, slug: str) -> None:
    project.kept[URL] = film(4)
    medium = Medium("video", "clip.mp4", URL, WIDTH, HEIGHT, frames=4, files=(URL,))
    one: list[Box] = [box(0.1, 0.1, 0.5, 0.5, frame=2)]
    project.add("clip.mp4", one, one, media=[medium])
    found = made(project, slug, export_type="normal")
    assert len(pictures(found)) == (2 if slug == "yolo_v8" else 8)
    assert found.errors == []
