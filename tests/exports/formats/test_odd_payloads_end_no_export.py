"""A platform's payload of another shape than ever before: what it says has a line or is let be, and nothing else fails.

Each case is a place in a recorded label, and what stands there.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from exports.formats import FORMATS
from exports.formats.labels.annotated import AnnotatedFormat
from tests.exports.formats.snapshots import Shot, write
from tests.exports.formats.sources import shot_of
from tests.exports.formats.test_every_source_goes_to_every_format import asked

Path_ = tuple[str | int, ...]
_OBJECT = ("annotations", "objects", 0, "classifications")
CASES: dict[str, tuple[str, int, Path_, Any]] = {
    "no list of questions below a choice": ("labelbox image", 0, (*_OBJECT, 0, "radio_answer", "classifications"), 1.5),
    "no list of questions about an object": ("labelbox image", 0, _OBJECT, 7),
    "a label that is no object": ("kili 09_text_ner_relations", 0, ("label",), []),
    "an id that is no text": ("labelstudio", 2, ("annotation", "result", 0, "id"), {"x": 1}),
    "points that are no list": ("coco", 0, ("annotations", 2, "keypoints"), 3),
}


def changed(name: str, number: int, path: Path_, value: Any, tmp_path: Path) -> Shot:
    """A recorded project with this value at the place in the first label of one of its assets."""
    shot = shot_of(name, tmp_path)
    task = shot.assets[number]
    first, *rest = task.labels
    said: Any = json.loads(first.content)
    at = said
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    labels = (replace(first, content=json.dumps(said).encode()), *rest)
    shot.assets = [*shot.assets[:number], replace(task, labels=labels), *shot.assets[number + 1 :]]
    return shot


@pytest.mark.parametrize("case", CASES)
def test_every_format_is_written(case: str, tmp_path: Path) -> None:
    shot = changed(*CASES[case], tmp_path)
    written = 0
    for format_ in FORMATS.values():
        values = asked(format_, shot) if isinstance(format_, AnnotatedFormat) else None
        if values is None or format_.refusal(shot.project) or any(format_.refuses(shot.project, values)):
            continue
        made = write(format_, shot, **values)
        assert made.written["tasks"] + made.skipped.get("tasks", 0) == len(shot.assets)
        written += 1
    assert written
