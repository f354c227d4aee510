"""COCO files of one export: what each is a job of, which images they share, and what contradicts itself."""

from __future__ import annotations

import json
import tracemalloc
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from audit.sources.base import SourceError
from audit.sources.coco.exported import CocoSource, recognises
from audit.sources.coco.neutral import CocoNeutral
from audit.sources.exported import container as container_module
from audit.sources.exported.container import Container

NEUTRAL = CocoNeutral()
CAR, ROAD = {"id": 1, "name": "car"}, {"id": 1, "name": "road"}
A, B = {"id": 1, "file_name": "a.jpg", "width": 20, "height": 10}, {"id": 2, "file_name": "b.jpg"}


def coco(
    *images: dict[str, Any], of: list[Any] | None = None, on: tuple[object, ...] = (1,), said: str = ""
) -> dict[str, Any]:
    """A file with these images and categories, and a box on each image that `on` names; `said` is its description."""
    boxes = [{"id": n, "image_id": image, "category_id": 1, "bbox": [0, 0, 1, 1]} for n, image in enumerate(on, 1)]
    categories = [CAR] if of is None else of
    return {
        "info": {"description": said},
        "licenses": [],
        "images": list(images),
        "categories": categories,
        "annotations": boxes,
    }


def job(key: str, name: str = "car", project: str = "P") -> dict[str, Any]:
    """The arguments of a file that Labeltrail wrote for one job."""
    return {
        "of": [{"id": 1, "name": name, "supercategory": key}],
        "said": f"{project} - Exported from Labeltrail",
    }


Loaded = dict[str, list[tuple[str, tuple[str, ...], str | None]]]


@pytest.fixture
def load(tmp_path: Path) -> Any:
    """Loads files by their paths: by image, the job, classes and object of all that is said of it."""

    def loaded(files: dict[str, dict[str, Any]]) -> Loaded:
        for name, content in files.items():
            path = tmp_path / "set" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(content))
        found: Loaded = {}
        with Container(str(tmp_path / "set")) as container, closing(CocoSource(container, "Set")) as source:
            assert recognises(container)
            (settings,) = source.project_events()
            ontology = NEUTRAL.ontology(settings.content or b"")
            for page in source.task_pages():
                for history in page.histories:
                    task = history.events[0].content or b""
                    said = [NEUTRAL.annotations(one.content or b"", task, ontology) for one in history.events[1:]]
                    found[NEUTRAL.media(task)[0].name] = [
                        (one.job, one.classes, one.object) for label in said for one in label.annotations
                    ]
        return found

    return loaded


def test_files_in_folders_are_jobs_called_as_these(load: Any) -> None:
    found = load({"cars/x.json": coco(A), "roads/x.json": coco(A, of=[ROAD])})
    assert found == {"a.jpg": [("cars", ("car",), "cars/1"), ("roads", ("road",), "roads/1")]}


def test_files_of_one_folder_are_jobs_called_as_the_files(load: Any) -> None:
    found = load({"cars.json": coco(A), "roads.json": coco(A, of=[ROAD])})
    assert [job for job, _, _ in found["a.jpg"]] == ["cars", "roads"]


def test_files_with_the_same_categories_are_parts_of_one_data_set(load: Any) -> None:
    found = load({"train/x.json": coco(A), "val/x.json": coco(B | {"width": 9, "height": 9}, on=(2,))})
    assert found == {"a.jpg": [("objects", ("car",), "objects/1")], "b.jpg": [("objects", ("car",), "objects/1")]}


def test_parts_of_two_jobs_have_these_as_jobs(load: Any) -> None:
    b = B | {"width": 9, "height": 9}
    files = {
        "boxes_train.json": coco(A), "boxes_val.json": coco(b, on=(2,)),
        "roads_train.json": coco(A, of=[ROAD]), "roads_val.json": coco(b, of=[ROAD], on=(2,)),
    }  # fmt: skip
    found = load({f"annotations/{name}": file for name, file in files.items()})
    assert {job for said in found.values() for job, _, _ in said} == {"boxes_train", "roads_train"}


def test_jobs_that_labeltrail_wrote_have_their_own_names(load: Any) -> None:
    found = load({"A_B/labels.json": coco(A, **job("A/B")), "a_b_2/labels.json": coco(A, **job("a_b"))})
    assert [key for key, _, _ in found["a.jpg"]] == ["A/B", "a_b"]


def test_images_that_some_files_lack_are_there_once(load: Any) -> None:
    found = load({"cars/x.json": coco(A), "roads/x.json": coco(A, B, of=[ROAD], on=())})
    assert {name: len(said) for name, said in found.items()} == {"a.jpg": 1, "b.jpg": 0}


def test_a_size_that_one_file_lacks_is_taken_from_another(load: Any) -> None:
    bare = {"id": 1, "file_name": "a.jpg"}
    found = load({"cars/x.json": coco(bare), "roads/x.json": coco(A, of=[ROAD])})
    assert len(found["a.jpg"]) == 2


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (
            {"cars/x.json": coco(A), "roads/x.json": coco(A | {"width": 21}, of=[ROAD])},
            'the image "a.jpg" is of 20 x 10 pixels in one file, and of 21 x 10 in "roads/x.json"',
        ),
        (
            {"cars/x.json": coco(A), "roads/x.json": coco(A | {"file_name": "z.jpg"}, of=[ROAD])},
            'the image with the id 1 is "a.jpg" in one file, and "z.jpg" in "roads/x.json"',
        ),
        (
            {"cars/x.json": coco(A), "roads/x.json": coco(A | {"id": 5}, of=[ROAD], on=(5,))},
            'the image "a.jpg" has the id 1 in one file, and 5 in "roads/x.json"',
        ),
        (
            {"cars/x.json": coco(A), "roads/x.json": coco(A | {"id": 5, "width": 1}, of=[ROAD], on=(5,))},
            'the image "a.jpg" is of 20 x 10 pixels in one file, and of 1 x 10 in "roads/x.json"',
        ),
        (
            {"cars/x.json": coco(A), "roads/x.json": coco(A, A, of=[ROAD])},
            '"roads/x.json" has two images with the id 1',
        ),
        (
            {"cars/x.json": coco(A), "copy/x.json": coco(A)},
            '"cars/x.json" and "copy/x.json" both say what is in the image 1, with the same categories',
        ),
        (
            {"cars/x.json": coco(A), "roads/x.json": coco(A, of=[ROAD], on=(1, 3))},
            "annotations are of the image 3, which none of the files has",
        ),
        (
            {"P/C/x.json": coco(A, **job("C")), "Q/D/x.json": coco(A | {"width": 1}, **job("D", project="Q"))},
            'its files are of several projects: "P/C/x.json" of "P - Exported from Labeltrail"',
        ),
        (
            {"one/x.json": coco(A, **job("C")), "two/x.json": coco(A, **job("C", name="bus"), on=())},
            '"one/x.json" and "two/x.json" are both about the job "C", with different categories',
        ),
        (
            {
                "labels.json": coco(A, **(job("C") | {"of": [*job("C")["of"], *job("D")["of"]]})),
                "C/labels.json": coco(A, **job("C")),
            },
            '"labels.json" is about several jobs ("C", "D")',
        ),
    ],
    ids=[
        "other sizes", "other names", "other ids", "other ids and sizes", "twice in a file", "a copy", "no image",
        "several projects", "other categories", "both layouts",
    ],
)  # fmt: skip
def test_files_that_contradict_each_other_are_refused(load: Any, files: dict[str, Any], said: str) -> None:
    with pytest.raises(SourceError) as refused:
        load(files)
    assert said in refused.value.text


def peak(container: Container) -> int:
    """The most bytes that Python has while the files are read, a page of tasks at a time."""
    tracemalloc.start()
    try:
        with closing(CocoSource(container, "Set")) as source:
            assert sum(len(page.histories) for page in source.task_pages()) % 500 == 0
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_the_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(container_module, "BLOCK", 1 << 12)
    monkeypatch.setattr(container_module, "HEAD", 1 << 12)
    most = []
    for count in (500, 2500):
        images = [{"id": n, "file_name": f"{n}.jpg", "width": 9, "height": 9} for n in range(count)]
        folder = tmp_path / str(count)
        folder.mkdir()
        for name, of in (("cars", [CAR]), ("roads", [ROAD])):
            (folder / f"{name}.json").write_text(json.dumps(coco(*images, of=of, on=tuple(range(count)))))
        with Container(str(folder)) as container:
            most.append(peak(container))
    assert most[1] < 1.5 * most[0]
