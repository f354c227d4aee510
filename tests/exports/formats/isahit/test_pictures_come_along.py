"""With media, the pictures that were drawn on lie beside labels and masks, under names that readers find them by."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import Any

import pytest

from exports.formats import FORMATS
from tests.exports.formats.isahit.conftest import GOLDEN, shot_of
from tests.exports.formats.snapshots import Shot, write

HOST = "https://files.example.org/"


def with_addresses(case: str, **changed: Any) -> tuple[Shot, list[Any]]:
    """A case whose tasks have a picture each, at addresses of their own."""
    found = json.loads((GOLDEN / "isahit" / f"{case}.json").read_text())
    for number, task in enumerate(found["tasks"]):
        task["resources"] = [f"{HOST}{number}.png?Signature=x"]
    shot = shot_of(found["project_configuration"], found["tasks"])
    kept = {f"{HOST}{number}.png": f"picture {number}".encode() for number in range(len(found["tasks"]))}
    return replace(shot, kept=kept, **changed), found["tasks"]


def test_yolo_has_one_for_each_file_of_labels() -> None:
    shot, tasks = with_addresses("rectangle")
    made = write(FORMATS["isahit_yolo"], shot, with_assets=True)
    labels = {path[len("labels/") : -len(".txt")] for path in made.files if path.startswith("labels/")}
    images = {path[len("images/") : -len(".png")]: data for path, data in made.files.items() if "images/" in path}
    assert images.keys() == labels
    assert sorted(images.values()) == sorted(f"picture {number}".encode() for number in range(len(tasks)))
    assert made.files["data.yaml"].startswith(b"train: images\nval: images\n")
    assert "no_file" not in {line["code"] for line in made.errors}


def test_masks_have_one_each() -> None:
    found = json.loads((GOLDEN / "isahit" / "segmentation.json").read_text())
    task = found["tasks"][0]
    task["resources"] = [f"{HOST}a.png"]
    task["data"]["body"]["mask"] = "data:image/png;base64," + base64.b64encode(b"\x89PNG\r\n\x1a\nmask").decode()
    shot = replace(shot_of(found["project_configuration"], [task]), kept={f"{HOST}a.png": b"the picture"})
    shot.kept |= {"mask-1": b"\x89PNG\r\nmask"}
    made = write(FORMATS["isahit_mask"], shot, with_assets=True)
    name = task["name"]
    assert made.files[f"images/{name}.png"] == b"the picture"
    assert f"{name}.png" in made.files


@pytest.mark.parametrize("slug", ["isahit_yolo"])
def test_one_that_is_not_there_has_a_line(slug: str) -> None:
    shot, tasks = with_addresses("rectangle")
    shot.kept.popitem()
    made = write(FORMATS[slug], shot, with_assets=True)
    assert [line["code"] for line in made.errors].count("no_file") == 1
    assert made.written["tasks"] == len(tasks)


@pytest.mark.parametrize("slug", ["isahit_yolo", "isahit_mask"])
def test_a_project_whose_media_are_only_named_is_refused(slug: str) -> None:
    shot, _ = with_addresses("segmentation")
    format_ = FORMATS[slug]
    values = {one.name: one.default_for(filtered=False) for one in format_.parameters} | {"with_assets": True}
    (unfit,) = format_.refuses(shot.project, values)
    assert (unfit.parameter, "on_export" in unfit.text) == ("with_assets", True)
    assert list(format_.refuses(replace(shot.project, media_kept=True), values)) == []


def test_without_media_nothing_changes() -> None:
    shot, _ = with_addresses("rectangle")
    made = write(FORMATS["isahit_yolo"], shot)
    assert not any(path.startswith("images/") for path in made.files)
    assert b"train" not in made.files["data.yaml"]
