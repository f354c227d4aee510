"""Pictures of videos, and folders, never have the name of another asset's files, whichever comes first."""

from __future__ import annotations

import json

import pytest

from audit.annotations import Medium
from exports.formats import FORMATS
from tests.exports.formats.snapshots import write
from tests.exports.formats.told import Project, box


def film(name: str, frames: int = 3) -> Medium:
    """A video."""
    return Medium("video", name, f"https://x.example/{name}", 64, 36, frames=frames)


def both(project: Project, *, video_first: bool) -> None:
    """A video of three frames, and a picture that is called as its second one."""
    video = ("clip.mp4", [box(0, 0, 0.5, 0.5, frame=1)], [film("clip.mp4")])
    for name, said, media in (video, ("clip_2.jpg", [box(0, 0, 1, 1)], None))[:: 1 if video_first else -1]:
        project.add(name, said, media=media)


@pytest.mark.parametrize("slug", ["coco", "pascal_voc", "yolo_v4", "yolo_v5", "yolo_v7", "yolo_v8"])
@pytest.mark.parametrize("video_first", [True, False])
def test_a_picture_called_as_a_frame_has_a_file_of_its_own(project, slug, video_first) -> None:
    both(project, video_first=video_first)
    made = write(FORMATS[slug], project.shot(), layout="merged")
    assert made.written == {"tasks": 2, "labels": 2}
    assert [(one["code"], one["asset"]) for one in made.errors] == [("renamed", "T2")]
    if slug == "coco":
        names = [one["file_name"] for one in json.loads(made.files["labels.json"])["images"]]
        assert len(set(names)) == len(names) == 4
    else:
        labels = [path for path in made.files if path.startswith("labels/")]
        assert len(labels) == (4 if slug == "pascal_voc" else 2)


def test_names_that_no_frame_has_stay(project) -> None:
    project.add("clip.mp4", [box(0, 0, 0.5, 0.5, frame=1)], media=[film("clip.mp4", 12)])
    for name in ("clip_2.jpg", "clip_2_1.jpg", "clip_002.jpg", "clip_x.jpg"):
        project.add(name, [box(0, 0, 1, 1)])
    made = write(FORMATS["yolo_v8"], project.shot(), layout="merged")
    assert made.errors == []
    assert "labels/clip_02.txt" in made.files


FOLDERS = {"coco": "x.jpg/y.jpg", "kili": "x.json/y.jpg", "pascal_voc": "x.xml/y.jpg", "yolo_v8": "x.txt/y.jpg"}


@pytest.mark.parametrize("slug", FOLDERS)
@pytest.mark.parametrize("folder_first", [True, False])
def test_no_folder_has_the_path_of_a_file(project, slug, folder_first, tmp_path) -> None:
    for name in (FOLDERS[slug], "x.jpg")[:: 1 if folder_first else -1]:
        project.kept[f"https://x.example/{len(project.assets) + 1}.jpg"] = b"picture"
        project.add(name, [box(0, 0, 1, 1)])
    made = write(FORMATS[slug], project.shot(), with_assets=True)
    for path, data in made.files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(data)
    assert {(one["code"], one["asset"]) for one in made.errors} <= {("renamed", "T2")}


def test_folders_that_are_called_as_a_video_stay(project) -> None:
    for number in range(3):
        project.add(f"clip.mp4/{number}.jpg", [box(0, 0, 1, 1)])
    made = write(FORMATS["yolo_v8"], project.shot(), layout="merged")
    assert made.errors == []
    assert "labels/clip.mp4/2.txt" in made.files
