"""Labelbox's own SDK reads our rows as it reads its exports, and takes what they say for its imports (7.17.0)."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from audit.annotations import Annotation, Mask, Medium, Polygon
from exports.formats.labelbox.labelbox import LabelboxFormat
from tests.exports.formats.labelbox.test_what_is_exported_loads_again import (
    BLOCKS,
    LINKS,
    SAID,
    WITHIN,
)
from tests.exports.formats.loaded import loaded
from tests.exports.formats.snapshots import write
from tests.exports.formats.told import KINDS, NER, NOTE, TAGS, job, registered
from tests.fakes.labelbox_story import TEMPLATES, golden

SCRIPT = """
import base64, json, sys
import labelbox.types as lb
from labelbox.data.serialization.ndjson.converter import NDJsonConverter
from labelbox.schema.export_task import _BufferedGCSFileReader, _BufferedJsonConverter, Converter

class Chunks:
    def __init__(self, path):
        self.chunks = [(None, open(path, newline="").read())]
    def get_next_chunk(self):
        return self.chunks.pop() if self.chunks else None

reader = _BufferedGCSFileReader()
reader.set_retrieval_strategy(Chunks(sys.argv[1]))
rows = []
for info, line in reader.read():
    rows += [one.json for one in _BufferedJsonConverter().convert(Converter.ConverterInputArgs(None, info, line))]

def point(one):
    return lb.Point(x=one["x"], y=one["y"])

def said(one):
    if "bounding_box" in one:
        box = one["bounding_box"]
        ends = {"start": lb.Point(x=box["left"], y=box["top"]),
                "end": lb.Point(x=box["left"] + box["width"], y=box["top"] + box["height"])}
        if "page_number" in one:
            return lb.DocumentRectangle(**ends, page=one["page_number"] - 1, unit=lb.RectangleUnit.PIXELS)
        return lb.Rectangle(**ends)
    if "polygon" in one:
        return lb.Polygon(points=[point(at) for at in one["polygon"]])
    if "line" in one:
        return lb.Line(points=[point(at) for at in one["line"]])
    if "point" in one:
        return point(one["point"])
    if one.get("composite_mask", {}).get("url", "").startswith("data:"):
        data = base64.b64decode(one["composite_mask"]["url"].partition(",")[2])
        return lb.Mask(mask=lb.MaskData(im_bytes=data), color=tuple(one["composite_mask"]["color_rgb"]))
    if "conversational_location" in one:
        of = one["conversational_location"]
        return lb.ConversationEntity(message_id=of["message_id"], **{n: of["location"][n] for n in ("start", "end")})
    if "location" in one and "start" in one["location"]:
        return lb.TextEntity(start=one["location"]["start"], end=one["location"]["end"])
    return None

pixels, imports, taken = {}, 0, 0
for row in rows:
    for project in row["projects"].values():
        for label in project["labels"]:
            for one in label["annotations"].get("objects", []):
                value = said(one)
                if value is None:
                    continue
                if isinstance(value, lb.Mask):
                    pixels[one["feature_id"]] = int((value.draw(color=1) > 0).sum())
                    continue
                taken += 1
                annotation = lb.ObjectAnnotation(name=one["name"], value=value)
                ours = lb.Label(data={"global_key": row["data_row"]["id"]}, annotations=[annotation])
                imports += len(list(NDJsonConverter.serialize([ours])))
print(json.dumps({"rows": rows, "pixels": pixels, "taken": taken, "imports": imports}))
"""


def read_by_the_sdk(path: Path) -> Any:
    python = Path(os.environ.get("LABELTRAIL_JUDGES", "/nowhere")) / "labelbox" / "bin" / "python"
    if not python.exists():
        pytest.skip("LABELTRAIL_JUDGES names no directory with an environment labelbox, with labelbox installed")
    return json.loads(subprocess.check_output([str(python), "-W", "ignore", "-c", SCRIPT, str(path)]))


@pytest.mark.judge
def test_it_reads_rows_of_labelbox_as_they_came(tmp_path) -> None:
    rows = [row for name in TEMPLATES for row in golden(name)]
    came = b"".join(json.dumps(row).encode() + b"\n" for row in rows)
    made = write(LabelboxFormat(), loaded("labelbox", tmp_path / "came.ndjson", came), **dict.fromkeys(BLOCKS, True))
    path = tmp_path / "rows.ndjson"
    path.write_bytes(made.files["data_rows.ndjson"])
    found = read_by_the_sdk(path)["rows"]
    assert [row.pop("experiments") for row in found] == [{}] * len(rows)
    assert found == [{"attachments": [], "metadata_fields": [], "embeddings": [], **row} for row in rows]


@pytest.mark.judge
def test_it_takes_what_other_platforms_said(monkeypatch, tmp_path) -> None:
    hole = ((0.25, 0.25), (0.75, 0.25), (0.75, 0.75), (0.25, 0.75))
    ring = Polygon(outline=((0, 0), (1, 0), (1, 1), (0, 1)), holes=(hole,), object="ring", **WITHIN)
    runs = Mask(width=100, height=50, counts=(1, 49, 4950), object="runs", **WITHIN)
    masks: list[Annotation] = [ring, runs]
    (project,) = registered(monkeypatch, job(), KINDS, TAGS, NOTE, NER, LINKS)
    kinds = ("image", "text", "document", "conversation")
    for what in kinds:
        medium, annotations = SAID[what]
        project.add(what, [one for one in annotations if type(one).__name__ != "Ranking"], media=[medium])
    project.add("masks", masks, media=[Medium("image", "a.jpg", None, 100, 50)])
    path = tmp_path / "rows.ndjson"
    path.write_bytes(write(LabelboxFormat(), project.shot()).files["data_rows.ndjson"])
    found = read_by_the_sdk(path)
    assert len(found["rows"]) == len(kinds) + 1
    assert found["pixels"] == {"ring": 5000 - 25 * 50, "runs": 49}
    assert found["taken"] == found["imports"] == 8
