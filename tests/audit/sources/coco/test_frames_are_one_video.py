"""Images of which Labeltrail wrote that they are frames of a video are that video again; any others are pictures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from audit.annotations import Labelled, Medium
from audit.sources.coco import films
from audit.sources.coco.exported import CocoSource
from audit.sources.coco.neutral import CocoNeutral
from audit.sources.coco.reading import CocoReading
from audit.sources.exported.container import Container

NEUTRAL = CocoNeutral()


def frame(number: int, video: Any = "clip", id_: int | None = None, **more: Any) -> dict[str, Any]:
    """An image as Labeltrail writes a frame."""
    size = {"width": 20, "height": 10}
    of = {"asset": "A-1", "label": "L-1", "video": video, "frame": number}
    return {"id": 10 + number if id_ is None else id_, "file_name": f"{video}_{number}.jpg", **size, **of, **more}


def box(image: int, object_: str = "car 1") -> dict[str, Any]:
    """A box."""
    return {"id": image * 7, "image_id": image, "category_id": 1, "bbox": [2, 1, 4, 2], "object": object_}


Loaded = list[tuple[str, str | None, Medium, list[Labelled]]]


def loaded(tmp_path: Path, *images: dict[str, Any], boxes: list[dict[str, Any]] | None = None) -> Loaded:
    """Of each task its id, name, medium, and what its label says."""
    content = {
        "info": {"description": "P - Exported from Labeltrail"},
        "categories": [{"id": 1, "name": "car", "supercategory": "JOB"}],
        "images": list(images),
        "annotations": boxes or [],
    }
    path = tmp_path / "labels.json"
    path.write_text(json.dumps(content))
    found: Loaded = []
    with Container(str(path)) as container:
        source = CocoSource(container, "P")
        (settings,) = source.project_events()
        assert NEUTRAL.kinds(settings.content or b"") is None, "it may have videos"
        ontology = NEUTRAL.ontology(settings.content or b"")
        for page in source.task_pages():
            for history in page.histories:
                task = history.events[0].content or b""
                said = [NEUTRAL.annotations(one.content or b"", task, ontology) for one in history.events[1:]]
                found.append((history.task, CocoReading().task_details(task).name, NEUTRAL.media(task)[0], said))
        source.close()
    return found


def test_frames_are_one_video_and_objects_go_through_it(tmp_path: Path) -> None:
    ((task, name, medium, (said,)),) = loaded(
        tmp_path, frame(0), frame(1), frame(2), boxes=[box(12), box(10), box(10, "car 2")]
    )
    assert (task, name) == ("10", "clip")
    assert (medium.kind, medium.name, medium.frames, medium.width, medium.height) == ("video", "clip", 3, 20, 10)
    assert sorted((one.frame, one.object, one.job) for one in said.annotations) == [
        (0, "car 1", "JOB"),
        (0, "car 2", "JOB"),
        (2, "car 1", "JOB"),
    ]


def test_videos_labels_and_pictures_stay_apart(tmp_path: Path) -> None:
    found = loaded(
        tmp_path,
        frame(0),
        frame(1),
        {"id": 1, "file_name": "a.jpg", "width": 9, "height": 9, "asset": "A-2", "label": "L-1"},
        frame(0, "other", id_=2),
        frame(1, "other", id_=3, label="L-2"),
    )
    assert [(name, medium.kind, medium.frames) for _, name, medium, _ in found] == [
        ("clip", "video", 2),
        ("a.jpg", "image", None),
        ("other", "video", 1),
        ("other", "video", 2),
    ]


@pytest.mark.parametrize(
    "more",
    [{"video": 5}, {"video": ""}, {"frame": -1}, {"frame": "1"}, {"frame": True}, {"asset": None}, {"label": 3}],
    ids=repr,
)
def test_what_others_call_a_video_is_a_picture(tmp_path: Path, more: dict[str, Any]) -> None:
    ((_, name, medium, (said,)),) = loaded(tmp_path, frame(1) | more, boxes=[box(11)])
    assert (name, medium.kind) == ("clip_1.jpg", "image")
    assert [one.frame for one in said.annotations] == [None]


def test_an_image_that_has_images_is_a_picture(tmp_path: Path) -> None:
    odd = {"id": 1, "file_name": "a.jpg", "images": [{"id": 2, "frame": 3}], "video": "clip"}
    ((_, _, medium, _),) = loaded(tmp_path, odd)
    assert (medium.kind, medium.name) == ("image", "a.jpg")


def test_frames_of_a_video_that_is_too_long_stay_pictures(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(films, "MOST", 300)
    found = loaded(tmp_path, frame(0), frame(1), frame(2), frame(3), boxes=[box(13)])
    assert [(task, medium.kind, len(said)) for task, _, medium, said in found] == [
        ("10", "image", 0),
        ("11", "image", 0),
        ("12", "image", 0),
        ("13", "image", 1),
    ]
