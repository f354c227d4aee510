"""Archives of YOLO and Pascal VOC, as they are or unpacked, load again: jobs, classes, names, subsets, pictures."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from audit.annotations import Annotation, Box
from audit.sources import neutral
from audit.sources.exported.container import Container
from audit.sources.exported.kinds import kind_of
from exports.formats import FORMATS
from exports.formats.base import Value
from exports.formats.labels.annotated import ontology_of
from tests.exports.formats.snapshots import Shot, write
from tests.exports.formats.sources import shot_of_file
from tests.exports.formats.told import Project, box, job, polygon, registered

KEYS = ("CARS", "cars", "EMPTY", "A/B")


@pytest.fixture
def project(monkeypatch: pytest.MonkeyPatch) -> Project:
    """Jobs with the same classes, one without a shape in any image, and keys that no folder can have."""
    project = next(iter(registered(monkeypatch, *(job(key) for key in KEYS))))
    out = io.BytesIO()
    Image.new("RGB", (100, 50)).save(out, "JPEG")
    project.add("data/a.jpg", [box(0.1, 0.2, 0.3, 0.4, job="CARS"), box(0.2, 0.2, 0.3, 0.4, "BUS", job="cars")])
    project.add("b.jpg", [box(0.5, 0.5, 0.25, 0.2, "BUS", job="A/B")])
    project.add("c.jpg", [])
    project.kept |= {f"https://x.example/{number}.jpg": out.getvalue() for number in (1, 2, 3)}
    return project


def again(project: Project, tmp_path: Path, slug: str, *, zipped: bool, **asked: Value) -> Shot:
    """The snapshot of the archive when it is loaded, recognised by itself."""
    path = tmp_path / "export"
    made = write(FORMATS[slug], project.shot(), **asked).files
    made["manifest.json"] = json.dumps({"format": slug, "parameters": asked}).encode()
    if zipped:
        with zipfile.ZipFile(path, "w") as archive:
            for name, data in made.items():
                archive.writestr(name, data)
    else:
        for name, data in made.items():
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            (path / name).write_bytes(data)
    with Container(str(path)) as container:
        kind = kind_of(container, None)
        assert kind is not None
    return shot_of_file(kind.slug, path)


def said(shot: Shot) -> dict[str, list[Annotation]]:
    """What is said of each task, by its name; nothing of it is a problem."""
    words, ontology = neutral(shot.project.source), ontology_of(shot.project)
    found: dict[str, list[Annotation]] = {}
    for task in shot.assets:
        assert task.name not in found
        found[task.name] = []
        for row in task.labels:
            labelled = words.annotations(row.content, task.details or b"", ontology)
            assert labelled.problems == ()
            found[task.name] += labelled.annotations
    return found


@pytest.mark.parametrize("with_assets", [True, False], ids=["pictures", "no pictures"])
@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "folder"])
@pytest.mark.parametrize("layout", ["split", "merged"])
@pytest.mark.parametrize("slug", ["yolo_v4", "yolo_v5", "yolo_v7", "yolo_v8"])
def test_archives_of_yolo_are_one_project(
    project: Project, tmp_path: Path, slug: str, layout: str, zipped: bool, with_assets: bool
) -> None:
    asked: dict[str, Value] = {"layout": layout, "with_assets": with_assets, "split": "60/40"}
    shot = again(project, tmp_path, slug, zipped=zipped, **asked)
    found = said(shot)
    names = {name.removeprefix("train/").removeprefix("val/"): name for name in found}
    assert names.keys() == {"data/a.jpg", "b.jpg", "c.jpg"}, "a picture is one task, whatever jobs it is in"
    key = "A_B" if layout == "split" else "A"  # No folder, and no name, can tell where a job's key ends.
    assert [(one.job, one.classes[0]) for one in found[names["data/a.jpg"]]] in (
        [("CARS", "CAR"), ("cars" if layout == "merged" else "cars_2", "BUS")],
        [("CARS", "CAR"), ("cars", "BUS")],
    )
    (one,) = found[names["b.jpg"]]
    assert isinstance(one, Box)
    assert (one.job, one.x, one.y, one.width, one.height) == (key, *map(pytest.approx, (0.5, 0.5, 0.25, 0.2)))
    media = [neutral("yolo").media(task.details or b"")[0] for task in shot.assets]
    assert {(medium.width, medium.height) for medium in media} == {(100, 50) if with_assets else (None, None)}


@pytest.mark.parametrize("base", ["0", "1"])
@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "folder"])
def test_archives_of_pascal_voc_are_one_project(project: Project, tmp_path: Path, zipped: bool, base: str) -> None:
    found = said(again(project, tmp_path, "pascal_voc", zipped=zipped, base=base, with_assets=True))
    assert [(one.job, one.classes) for one in found["data/a.jpg"]] == [("CARS", ("CAR",)), ("cars", ("BUS",))]
    (one,) = found["b.jpg"]
    assert isinstance(one, Box)
    assert (one.job, one.x, one.y, one.width, one.height) == ("A/B", *map(pytest.approx, (0.5, 0.5, 0.25, 0.2)))
    assert found["c.jpg"] == []


@pytest.mark.parametrize("slug", ["yolo_v4", "yolo_v5", "yolo_v8", "pascal_voc"])
def test_what_is_loaded_goes_out_as_the_same_files(slug: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Exported, loaded, and exported once more: the same lines under the same names."""
    jobs = [job("CARS"), job("ROADS", ("LANE",), tools=("polygon",))]
    project = next(iter(registered(monkeypatch, *jobs)))
    outline = polygon((0.1, 0.1), (0.5, 0.1), (0.3, 0.6), class_="LANE", job="ROADS")
    project.add("a.jpg", [box(0.1, 0.2, 0.3, 0.4, job="CARS"), outline])
    project.add("b.jpg", [box(0.5, 0.5, 0.25, 0.25, "BUS", job="CARS")])
    asked = {} if slug == "pascal_voc" else {"layout": "split"}
    first = write(FORMATS[slug], project.shot(), **asked).files
    second = write(FORMATS[slug], again(project, tmp_path, slug, zipped=True, **asked), **asked).files
    ours = [name for name in first if name.endswith((".txt", ".xml", ".yaml", ".names")) and "README" not in name]
    assert len(ours) > 1
    assert {name: second[name] for name in ours} == {name: first[name] for name in ours}
