"""Label Studio's own SDK takes the configuration and every task, and reads the brushes (label-studio-sdk 2.1.2)."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from msgspec.structs import replace as changed

from audit.annotations import (
    COMPARISON,
    Answer,
    Box,
    Choice,
    Classification,
    Mask,
    Medium,
    PageSpan,
    Polygon,
    Range,
    Ranking,
    TextSpan,
    Transcription,
)
from exports.formats.labelstudio.labelstudio import LabelStudioFormat
from tests.exports.formats.labelstudio.test_what_is_exported_loads_again import DRAWN, JOBS, PICTURE
from tests.exports.formats.snapshots import Made, write
from tests.exports.formats.told import box, registered

MASK = [[0, 1, 1, 0], [0, 1, 0, 0], [1, 1, 0, 1]]
OUT: dict[str, Any] = {"job": "DRAW", "tool": "t", "object": "x"}
SCRIPT = """
import json, sys
import numpy as np
from label_studio_sdk.label_interface import LabelInterface
from label_studio_sdk.converter.brush import decode_rle
folder = sys.argv[1]
interface = LabelInterface(open(folder + "/label_config.xml").read())
interface.validate()
wrong, brushes = [], []
for task in json.load(open(folder + "/tasks.json")):
    for label in task["annotations"]:
        regions = [one for one in label["result"] if one["type"] != "relation"]
        for one in regions:
            context = {"result": label["result"], "region": one}
            wrong += interface.validate_region(one, return_errors=True, context=context)
            if "rle" in one["value"]:
                size = int(one["original_height"]), int(one["original_width"])
                image = decode_rle(one["value"]["rle"]).reshape(*size, 4)
                brushes.append((image[:, :, 3] > 0).astype(int).tolist())
        for one in label["result"]:
            if one["type"] == "relation":
                wrong += interface.validate_relation(one, regions, return_errors=True)
print(json.dumps({"wrong": wrong, "brushes": brushes}))
"""


@pytest.mark.judge
def test_every_region_is_valid_by_the_configuration(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    project = next(iter(registered(monkeypatch, *JOBS)))
    answers = (Answer("KIND", (Choice("CAR"),)), Answer("NOTE", text="a"), Answer("COUNT", number=2))
    drawn = [one for one in DRAWN if not isinstance(one, Mask)]
    project.add("a.jpg", [*(changed(one, job=job, answers=answers) for one in drawn for job in ("DRAW", "BOXES")),
                          Classification(job="KIND", tool="t", answer=Answer("KIND", (Choice("BUS"),))),
                          Transcription(job="NOTE", tool="t", text="b"),
                          Ranking(job="RANK", tool="t", order=(("y",), ("x",))),
                          Ranking(job="PICK", tool=COMPARISON, classes=("CAR",), order=(("y",), ("x",))),
                          Ranking(job="PICK", tool=COMPARISON, classes=("BUS",), order=(("y", "x"),))],
                media=[PICTURE])  # fmt: skip
    project.add("b.jpg", [one for one in DRAWN if isinstance(one, Mask)], media=[replace(PICTURE, width=4, height=3)])
    span = TextSpan(job="NER", tool="t", classes=("CAR",), start=0, end=3, quote="The")
    project.add("c.txt", [span], media=[Medium("text", "text", text="The")])
    heard = Range(job="HEARD", tool="t", classes=("CAR",), start=1, end=2)
    project.add("d.mp3", [heard], media=[Medium("audio", "a", "https://x.example/a.mp3")])
    frames = [box(0, 0, 0.1, 0.1, job="BOXES", object="o", frame=frame) for frame in (0, 3)]
    seen = changed(heard, unit="frames")
    said = Classification(job="KIND", tool="t", answer=Answer("KIND", (Choice("CAR"), Choice("BUS"))), frame=2)
    ring = ((0, 0), (1, 0), (1, 1))
    outlines = [
        Polygon(outline=ring, frame=frame, **{**OUT, "classes": keys}) for frame, keys in ((1, ()), (2, ("CAR",)))
    ]
    noted = Transcription(job="NOTE", tool="t", text="b", frame=1)
    project.add(
        "e.mp4",
        [*frames, seen, said, noted, outlines[0]],
        [outlines[1]],
        media=[Medium("video", "v", "https://x.example/a.mp4", frame_rate=25)],
    )
    marks = [box(0, 0, 0.1, 0.1, job="BOXES", page=2), PageSpan(job="NER", tool="t", classes=("CAR",), boxes=(ring,))]
    project.add("f.pdf", marks, media=[Medium("pdf", "f", "https://x.example/f.pdf", pages=((9, 9), (9, 9)))])
    made = write(LabelStudioFormat(), project.shot())
    assert made.errors == []
    said = judged(made, tmp_path)
    assert said["wrong"] == []
    assert said["brushes"] == [MASK, MASK]


@pytest.mark.judge
def test_hostile_names_are_valid_by_the_configuration(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    project = next(iter(registered(monkeypatch, *JOBS)))
    names = ('a"b', "a'b", "a&b", "<a>", "a:b", "a\nb", "a\tb", "é\U0001f9e0", "a\x01b", " a ")
    said: list[Any] = [Box(job="DRAW", tool="t", classes=(name,), x=0, y=0, width=1, height=1) for name in names]
    project.add("a.jpg", said)
    assert judged(write(LabelStudioFormat(), project.shot()), tmp_path)["wrong"] == []


def judged(made: Made, tmp_path: Path) -> Any:
    """What the SDK says of an export."""
    python = Path(os.environ.get("LABELTRAIL_JUDGES", "/nowhere")) / "labelstudio" / "bin" / "python"
    if not python.exists():
        pytest.skip("LABELTRAIL_JUDGES names no directory with an environment labelstudio, with label-studio-sdk")
    for name in ("tasks.json", "label_config.xml"):
        (tmp_path / name).write_bytes(made.files[name])
    return json.loads(subprocess.check_output([str(python), "-W", "ignore", "-c", SCRIPT, str(tmp_path)]))
