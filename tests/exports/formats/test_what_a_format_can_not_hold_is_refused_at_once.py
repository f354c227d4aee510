"""A format that holds none of a project's kinds of media is refused before it is queued, with what they are."""

from __future__ import annotations

import json
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from audit.models import Project
from audit.queries.filters import Filters
from audit.sources import neutral
from exports import kinds
from exports.formats import FORMATS
from exports.formats.base import Reads
from exports.run import request_export
from exports.snapshot import LogSnapshot
from exportsite.problems import WrongRequest
from tests.exports.formats.kili_cases import shot_of
from tests.exports.formats.told import box, registered

PICTURES = {
    "images": [{"id": 1, "file_name": "a.jpg", "width": 100, "height": 50}],
    "categories": [{"id": 1, "name": "car"}],
    "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 1, 9, 9]}],
}
CHOICE = {"type": "choices", "from_name": "c", "to_name": "text", "value": {"choices": ["A"]}}
SPAN = {"type": "labels", "from_name": "l", "to_name": "text", "id": "s", "value": {
    "start": 0, "end": 3, "text": "The", "labels": ["A"]}}  # fmt: skip
TEXTS = [{"id": 1, "data": {"text": "The"}, "annotations": [{"id": 2, "result": [CHOICE, SPAN]}]}]


def made(tmp_path: Path, name: str, content: Any) -> Project:
    path = tmp_path / f"{name}.json"
    path.write_text(json.dumps(content))
    call_command("load", str(path), "--project", name, stdout=StringIO(), stderr=StringIO())
    return Project.objects.get(external_id=name)


def about(project: Project) -> Any:
    return LogSnapshot(project.log, project.log.size, Filters(), Reads()).project


def test_pictures_are_no_videos_maps_or_texts(db: None, tmp_path: Path) -> None:
    info = about(made(tmp_path, "Pictures", PICTURES))
    assert info.media_kinds == {"image"}
    assert [FORMATS[name].refusal(info) for name in ("coco", "yolo_v8", "labelstudio", "diffgram")] == [""] * 4
    for name in ("mot", "geojson", "conll", "spacy"):
        assert "kind image" in FORMATS[name].refusal(info), name


def test_texts_are_no_pictures(db: None, tmp_path: Path) -> None:
    project = made(tmp_path, "Texts", TEXTS)
    info = about(project)
    assert info.media_kinds == {"text"}
    assert [FORMATS[name].refusal(info) for name in ("conll", "spacy", "classification_csv")] == [""] * 3
    for name in ("coco", "yolo_v5", "pascal_voc", "mot", "geojson"):
        assert FORMATS[name].refusal(info), name
    with pytest.raises(WrongRequest, match="video"):
        request_export(project, "mot", created_by="mei")


def test_the_api_and_the_command_say_so_alike(client: Client, tmp_path: Path) -> None:
    project = made(tmp_path, "Pictures", PICTURES)
    rows = client.get("/api/v1/formats/", {"project": project.pk}).json()["results"]
    told = {row["slug"]: row["why_not"] for row in rows}
    out = StringIO()
    call_command("export", str(project.pk), "--list", "--json", stdout=out)
    listed = {row["format"]: row["why_not"] for row in json.loads(out.getvalue())["formats"]}
    assert told == listed
    assert "this project's are of the kind image" in (told["mot"] or "")
    assert told["mot"] in client.get("/exports/new/", {"project": project.pk}).content.decode().replace("&#x27;", "'")
    with pytest.raises(CommandError, match="kind video"):
        call_command("export", str(project.pk), "--format", "mot", stdout=StringIO())


def test_of_a_large_project_it_is_not_claimed(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    many = [{**TEXTS[0], "id": id_} for id_ in (1, 2)]
    project = made(tmp_path, "Texts", many)
    monkeypatch.setattr(kinds, "LOOKED_AT", 1)
    info = about(project)
    assert info.media_kinds is None
    assert "kind" not in FORMATS["pascal_voc"].refusal(info)


def test_texts_that_are_only_named_are_no_entities(db: None, tmp_path: Path) -> None:
    span = {"type": "labels", "from_name": "l", "to_name": "text", "id": "s",
            "value": {"start": 0, "end": 3, "text": "The", "labels": ["A"]}}  # fmt: skip
    said = [{"id": 2, "result": [CHOICE, span]}]
    task = {"id": 1, "data": {"text": "https://x.example/a.txt"}, "annotations": said}
    project = made(tmp_path, "Named", [task])
    info = about(project)
    assert (info.media_kinds, info.texts_told) == ({"text"}, False)
    with pytest.raises(WrongRequest, match="loaded from files, which name its texts"):
        request_export(project, "spacy", created_by="mei")
    assert about(made(tmp_path, "Texts", TEXTS)).texts_told is True
    assert about(made(tmp_path, "Pictures", PICTURES)).texts_told is None
    assert FORMATS["labelstudio"].refusal(info) == ""


def test_it_is_as_of_the_asked_size(db: None, tmp_path: Path) -> None:
    project = made(tmp_path, "Texts", TEXTS)
    assert LogSnapshot(project.log, 0, Filters(), Reads()).project.media_kinds == frozenset()


def test_kilis_projects_say_it_themselves(db: None) -> None:
    for name, kind in (("01_bbox_single_job", "image"), ("08_video_frames", "video"), ("10_pdf", "pdf")):
        details = shot_of(name).project.details or b""
        assert neutral("kili").kinds(details) == {kind}
    assert neutral("kili").kinds(b"{}") is None


def test_one_fitting_medium_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    project = next(iter(registered(monkeypatch)))
    project.add("a.jpg", [box(0, 0, 1, 1)])
    info = project.shot().project
    for found in (None, frozenset[str](), frozenset({"image", "video"})):
        assert FORMATS["mot"].refusal(replace(info, media_kinds=found)) == ""
    assert "image or text" in FORMATS["mot"].refusal(replace(info, media_kinds=frozenset({"text", "image"})))


@pytest.mark.parametrize(
    ("slug", "parameters", "named"),
    [
        ("redbrick", {"from_timestamp": "yesterday"}, "yesterday"),
        ("redbrick", {"from_timestamp": "yesterday", "with_files": "true"}, "yesterday"),
        ("coco", {"asset_filter_kwargs": ["nope=1"], "with_assets": "true"}, "nope"),
        ("labelbox", {"label_created_at": "yesterday"}, "yesterday"),
    ],
)
def test_parameters_without_a_meaning_are_refused_before_a_format_works_with_them(
    db: None, tmp_path: Path, slug: str, parameters: dict[str, Any], named: str
) -> None:
    with pytest.raises(WrongRequest, match=named):
        request_export(made(tmp_path, "Pictures", PICTURES), slug, parameters=parameters, created_by="mei")
