"""Snapshots of projects of every kind of source, from recorded samples: what formats get without a database."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from audit.sources import reading
from audit.sources.base import SourceEvent, TaskHistory
from audit.sources.exported.container import Container
from audit.sources.exported.kinds import KINDS
from exports.formats.base import LabelledTask, LabelRow, ProjectInfo
from tests.exports.formats import kili_cases
from tests.exports.formats.isahit import conftest as isahit
from tests.exports.formats.redbrick import recorded
from tests.exports.formats.snapshots import Shot

GOLDEN = Path(__file__).parents[2] / "golden"
DATED = "2026-03-02T09:00:00.000000Z"

COCO = {
    "images": [
        {"id": 1, "file_name": "a.jpg", "width": 100, "height": 50, "coco_url": "https://x.example/a.jpg"},
        {"id": 2, "file_name": "b.jpg", "width": 4, "height": 3},
        {"id": 3, "file_name": "c.jpg"},
    ],
    "categories": [{"id": 1, "name": "person", "keypoints": ["nose", "chin"]}, {"id": 2, "name": "car"}],
    "annotations": [
        {"id": 1, "image_id": 1, "category_id": 2, "bbox": [10, 10, 30, 20], "iscrowd": 0},
        {"id": 2, "image_id": 1, "category_id": 2, "segmentation": [[1, 1, 40, 1, 40, 30], [50, 1, 60, 1, 60, 9]]},
        {"id": 3, "image_id": 1, "category_id": 1, "keypoints": [10, 10, 2, 0, 0, 0], "bbox": [5, 5, 20, 20]},
        {"id": 4, "image_id": 2, "category_id": 1, "segmentation": {"size": [3, 4], "counts": [2, 5, 4, 1]}},
        {"id": 5, "image_id": 2, "category_id": 9, "bbox": [0, 0, 1, 1]},
        {"id": 6, "image_id": 3, "category_id": 2, "bbox": [0, 0, 1, 1]},
    ],
}
SPACY = [
    {"text": "Amara left.", "entities": [[0, 5, "PER"]], "spans": {"NER": [[0, 5, "PER"]]},
     "meta": {"task": "T1", "name": "a.txt", "label": "L1"}},
    {"text": "In Vienna.", "spans": [{"start": 3, "end": 9, "label": "PLACE"}], "answer": "accept",
     "_annotator_id": "ines", "_timestamp": 1712132931},
    {"text": "Bo.", "ents": [{"start": 0, "end": 9, "label": "PER"}], "spans": {"sc": []}, "cats": {"A": 1.0}},
]  # fmt: skip
_AT = {"original_width": 200, "original_height": 100}


def _region(type_: str, id_: str, **value: Any) -> dict[str, Any]:
    name = type_.removesuffix("labels") or "label"
    return {"id": id_, "type": type_, "from_name": name, "to_name": "image", "value": value, **_AT}


LABEL_STUDIO = [
    {
        "id": 1,
        "data": {"image": "https://h/a.png"},
        "annotations": [{"id": 1, "completed_by": 3, "created_at": "2026-01-01T10:00:00Z", "result": [
            _region("rectanglelabels", "a", x=10, y=20, width=30, height=40, rotation=0, rectanglelabels=["Car"]),
            _region("rectanglelabels", "b", x=50, y=20, width=30, height=40, rotation=30, rectanglelabels=["Car"]),
            _region("polygonlabels", "c", points=[[0, 0], [100, 0], [50, 100]], closed=True, polygonlabels=["A"]),
            _region("keypointlabels", "d", x=25, y=75, width=0.5, keypointlabels=["Eye"]),
            _region("ellipselabels", "e", x=50, y=50, radiusX=10, radiusY=20, rotation=30, ellipselabels=["A"]),
            _region("vectorlabels", "f", vertices=[{"id": "x", "x": 1, "y": 2}, {"id": "y", "x": 9, "y": 9}],
                    vectorlabels=["A"]),
            _region("choices", "a", x=10, y=20, width=30, height=40, rotation=0, choices=["Old"]),
            {"type": "choices", "from_name": "kind", "to_name": "image", "value": {"choices": ["Day"]}},
            {"type": "taxonomy", "from_name": "tax", "to_name": "image", "value": {"taxonomy": [["A", "B"]]}},
            {"type": "textarea", "from_name": "note", "to_name": "image", "value": {"text": ["seen"]}},
            {"type": "rating", "from_name": "stars", "to_name": "image", "value": {"rating": 4}},
            {"type": "relation", "from_id": "a", "to_id": "b", "direction": "right", "labels": ["next to"]},
            _region("bitmasklabels", "g", imageDataURL="data:image/png;base64,", bitmasklabels=["A"]),
        ]}],
    },
    {
        "id": 2,
        "data": {"text": "The liver of Vienna."},
        "annotations": [{"id": 2, "result": [
            {"id": "s", "type": "labels", "from_name": "ner", "to_name": "text",
             "value": {"start": 13, "end": 19, "text": "Vienna", "labels": ["Place"]}}]}],
        "predictions": [{"id": 2, "model_version": "m", "result": []}],
    },
    {
        "id": 3,
        "data": {"video": "https://h/a.mp4"},
        "annotations": [{"id": 3, "result": [
            {"id": "v", "type": "videorectangle", "from_name": "box", "to_name": "video", "value": {
                "framesCount": 9, "labels": ["Car"], "sequence": [
                    {"frame": 1, "x": 1, "y": 2, "width": 3, "height": 4, "rotation": 0, "enabled": True},
                    {"frame": 5, "x": 2, "y": 2, "width": 3, "height": 4, "rotation": 0, "enabled": False}]}},
            {"id": "w", "type": "timelinelabels", "from_name": "when", "to_name": "video", "value": {
                "ranges": [{"start": 1, "end": 4}], "timelinelabels": ["Fast"]}}]}],
    },
]  # fmt: skip


def shot_of_file(kind: str, path: Path) -> Shot:
    """The snapshot of an export that is loaded."""
    with Container(str(path)) as container:
        source = KINDS[kind].open(container, "Loaded")
        settings, *_ = source.project_events()
        histories = [history for page in source.task_pages() for history in page.histories]
        source.close()
    about = ProjectInfo(f"{kind}-file", "P-1", "Loaded", "test.example/i/l", settings.content, DATED)
    return Shot(project=about, assets=[_asset(kind, *one) for one in enumerate(histories, 1)])


def _asset(kind: str, number: int, history: TaskHistory) -> LabelledTask:
    details = next(event.content for event in history.events if event.type == "task.updated")
    assert details is not None
    told = reading(kind).task_details(details)
    found: dict[str, LabelRow] = {}
    others = []
    for event in history.events:
        row = _row(kind, number, event)
        if row is not None:
            found[row.external_id] = row
        elif not event.type.startswith(("label.", "task.updated")):
            others.append((event.source_type, event.content or b""))
    rows = sorted(found.values(), key=lambda row: (row.created_at is not None, row.created_at, row.external_id))
    name = told.name or history.task
    return LabelledTask(history.task, number, name, "", "", details, told.latest, tuple(rows), tuple(others))


def _row(kind: str, number: int, event: SourceEvent) -> LabelRow | None:
    if event.version is None or not event.version.thing.startswith("label/") or event.content is None:
        return None
    one = reading(kind).label_details(event.content)
    if one is None:
        return None
    author = event.actor.external_id if event.actor else None
    return LabelRow(
        one.external_id, 1, one.kind, author, one.created_at, one.milliseconds, one.step, one.skipped, one.sent_back,
        number, event.content,
    )  # fmt: skip


def _written(kind: str, content: Any, tmp_path: Path) -> Shot:
    path = tmp_path / f"{kind}.json"
    path.write_text(json.dumps(content))
    return shot_of_file(kind, path)


def _labelbox(name: str, tmp_path: Path) -> Shot:
    return shot_of_file("labelbox", GOLDEN / "labelbox" / f"{name}.ndjson")


def _redbrick(tmp_path: Path) -> Shot:
    return recorded.shot([task["taskId"] for task in recorded.exported("default")])


def _kilis(kind: str, folder: str, tmp_path: Path) -> Shot:
    return shot_of_file(kind, GOLDEN / "kili" / "exports" / folder)


def _kili(name: str, tmp_path: Path) -> Shot:
    return kili_cases.shot_of(name)


def _isahit(name: str, tmp_path: Path) -> Shot:
    return isahit.shot(name)


def _diffgram(tmp_path: Path) -> Shot:
    return shot_of_file("diffgram", GOLDEN / "diffgram" / "export.json")


def _geojson(tmp_path: Path) -> Shot:
    return shot_of_file("geojson", GOLDEN / "kili" / "exports" / "11_geospatial" / "geojson_merged")


def _spacy(tmp_path: Path) -> Shot:
    path = tmp_path / "marked.jsonl"
    path.write_text("\n".join(map(json.dumps, SPACY)))
    return shot_of_file("spacy", path)


SHOTS: dict[str, Callable[[Path], Shot]] = {
    "redbrick": _redbrick,
    **{
        f"kili {name}": partial(_kili, name)
        for name in ("02_all_image_tools", "06_two_annotators", "08_video_frames", "09_text_ner_relations", "10_pdf",
                     "11_geospatial", "12_classification_only")
    },
    **{
        f"labelbox {name}": partial(_labelbox, name)
        for name in ("image", "video", "text", "document", "conversational", "more")
    },
    **{
        f"isahit {name}": partial(_isahit, name)
        for name in ("rectangle", "polygon", "graph", "segmentation", "rectangle_sequence", "form_two_inputs")
    },
    "diffgram": _diffgram,
    "labelstudio": partial(_written, "labelstudio", LABEL_STUDIO),
    "geojson": _geojson,
    "spacy": _spacy,
    "coco": partial(_written, "coco", COCO),
    "yolo": partial(_kilis, "yolo", "01_bbox_single_job/yolo_v5_split"),
    "pascal_voc": partial(_kilis, "pascal_voc", "01_bbox_single_job/pascal_voc_merged"),
}  # fmt: skip
"""A snapshot for each kind of source, and for those whose samples are of one kind of media each, several."""

_SHOWN: dict[str, Shot] = {}


def shot_of(name: str, tmp_path: Path) -> Shot:
    """The snapshot of this name, to be written more than once."""
    if name not in _SHOWN:
        _SHOWN[name] = SHOTS[name](tmp_path)
    return replace(_SHOWN[name])
