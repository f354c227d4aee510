"""A label of Kili may name a frame that no video has: nothing is written for all those before it."""

from __future__ import annotations

import json

from msgspec.structs import replace

from exports.formats.kili.coco import CocoFormat
from tests.exports.formats.kili_cases import shot_of
from tests.exports.formats.snapshots import Shot, write


def _pictures(shot: Shot) -> int:
    files = write(CocoFormat(), shot, layout="merged").files
    return len(json.loads(files["labels.json"])["images"])


def test_frames_without_annotations_are_counted_up_to_what_a_video_may_have() -> None:
    shot = shot_of("08_video_frames")
    usual = _pictures(shot)
    task = shot.assets[0]
    *others, row = task.labels
    said = json.loads(row.content)
    said["label"]["jsonResponse"]["999999999"] = {}
    said["label"]["jsonResponse"]["9" * 5_000] = {}
    odd = replace(row, content=json.dumps(said).encode())
    shot.assets[0] = replace(task, labels=(*others, odd))
    assert _pictures(shot) == usual > 0
