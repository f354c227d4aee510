"""`manage.py export` prints paths for programs, and for people what the files don't have; --list explains itself."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

PICTURES = {
    "images": [{"id": 1, "file_name": "a.jpg", "width": 100, "height": 50}],
    "categories": [{"id": 1, "name": "car"}],
    "annotations": [
        {"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 1, 9, 9]},
        {"id": 2, "image_id": 1, "category_id": 1, "bbox": [95, 1, 9, 9]},
        {"id": 3, "image_id": 1, "category_id": 1, "bbox": [200, 1, 9, 9]},
    ],
}


@pytest.fixture
def pictures(db: None, tmp_path: Path) -> str:
    """A project of one picture, with a box in it, one over its edge, and one beside it."""
    (tmp_path / "in.json").write_text(json.dumps(PICTURES))
    call_command("load", str(tmp_path / "in.json"), "--project", "Cars", stdout=io.StringIO(), stderr=io.StringIO())
    return "Cars"


def run(*words: object) -> tuple[str, str]:
    out, told = io.StringIO(), io.StringIO()
    call_command("export", *map(str, words), stdout=out, stderr=told)
    return out.getvalue(), told.getvalue()


@pytest.mark.parametrize("slug", ["coco", "yolo_v8"])
def test_it_counts_the_lines_of_errors(pictures: str, tmp_path: Path, slug: str) -> None:
    out, told = run(pictures, "--format", slug, "-o", tmp_path / "c.zip")
    assert out.split() == [str(tmp_path / "c.zip")]
    first, *reasons = told.splitlines()
    assert first == "Lines in errors.ndjson of c.zip: 2"
    assert sorted(line.split(":")[0] for line in reasons) == ["  1  cut", "  1  outside"]


def test_it_says_nothing_where_nothing_was_left_out(pictures: str, tmp_path: Path) -> None:
    assert run(pictures, "--format", "kili", "-o", tmp_path / "k.zip")[1] == ""
    assert run(pictures, "--format", "coco", "-o", tmp_path / "c.zip", "--json")[1] == ""


def test_formats_that_do_not_apply_come_last_with_the_reason_alone(pictures: str) -> None:
    lines = run(pictures, "--list")[0].splitlines()
    unfit = next(place for place, line in enumerate(lines) if "; not here: " in line)
    assert all("; not here: " in line for line in lines[unfit:-1])
    assert any(line.startswith("mot ") and "kind image" in line for line in lines[unfit:])
    assert any(line.startswith("  -p shapes=") for line in lines[:unfit])


def test_one_format_can_be_listed(pictures: str) -> None:
    first, *parameters, filters = run(pictures, "--list", "--format", "yolo_v8")[0].splitlines()
    assert first == "yolo_v8  YOLO v8, .zip"
    assert all(line.startswith("  -p ") for line in parameters)
    assert filters.startswith("filters  ")
    (told,) = json.loads(run(pictures, "--list", "--format", "mot", "--json")[0])["formats"]
    assert (told["format"], told["applies"]) == ("mot", False)
    with pytest.raises(CommandError, match="Did you mean “coco”"):
        run(pictures, "--list", "--format", "coca")
