"""Data sets of YOLO in the folders that programs give them: Ultralytics', Roboflow's, Darknet's, labelImg's, ours."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from audit.annotations import Box
from audit.sources.base import SourceError
from audit.sources.exported.container import Container
from audit.sources.exported.kinds import kind_of
from audit.sources.files.errors import BadFile
from tests.audit.sources.yolo.conftest import Load

LINE = "1 0.5 0.5 0.2 0.4\n"
YAML = "train: images/train\nval: images/val\nnames:\n  0: cat\n  1: dog\n"


def picture(width: int, height: int, **more: object) -> bytes:
    """A picture of this size."""
    out = io.BytesIO()
    Image.new("RGB", (width, height)).save(out, "JPEG", **more)
    return out.getvalue()


LAYOUTS = {
    "ultralytics": ({"data.yaml": YAML, "labels/train/a.txt": LINE, "images/train/a.jpg": b""}, "train/a"),
    "roboflow": ({"data.yaml": YAML, "train/labels/a.txt": LINE, "train/images/a.jpg": b""}, "train/a"),
    "in a folder": ({"x/data.yaml": YAML, "x/train/labels/a.txt": LINE}, "train/a"),
    "darknet": ({"data/obj.names": "cat\ndog\n", "data/obj/a.txt": LINE, "data/train.txt": "obj/a.jpg\n"}, "obj/a"),
    "classes beside labels": ({"labels/classes.txt": "cat\ndog", "labels/a.txt": LINE, "images/a.jpg": b""}, "a"),
    "all in one folder": ({"classes.txt": "cat\ndog\n\n", "a.txt": LINE, "a.jpg": b"", "README.txt": "Hello."}, "a"),
    "beside the pictures too": ({"obj.names": "cat\ndog\n", "labels/a.txt": LINE, "images/a.txt": LINE}, "a"),
    "a list of assets": (
        {"classes.txt": "cat\ndog\n", "labels/a.txt": LINE, "images/remote_assets.csv": "x,y\n"}, "a",
    ),
}  # fmt: skip


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_label_file_is_a_task_with_its_boxes(layout: str, load: Load) -> None:
    files, key = LAYOUTS[layout]
    found = load(files)
    assert list(found.said) == list(found.media) == [key]
    assert found.said[key].problems == ()
    (box,) = found.said[key].annotations
    assert isinstance(box, Box)
    assert (box.job, box.classes) == ("objects", ("dog",))
    assert (box.x, box.y, box.width, box.height) == pytest.approx((0.4, 0.3, 0.2, 0.4))
    (job,) = found.ontology.jobs
    assert ([one.key for one in job.classes], job.tools) == (["cat", "dog"], ("box",))


def test_a_pictures_size_is_known_where_its_file_is(load: Load) -> None:
    turned = Image.Exif()
    turned[0x0112] = 6
    found = load({
        "data.yaml": YAML,
        "labels/a.txt": LINE, "labels/b.txt": LINE, "labels/c.txt": LINE, "labels/d.txt": "",
        "images/a.jpg": picture(30, 20), "images/b.jpg": picture(30, 20, exif=turned), "images/c.jpg": b"none",
        "images/e.jpg": picture(4, 3),
    })  # fmt: skip
    sizes = {key: (one.name, one.width, one.height) for key, one in found.media.items()}
    assert sizes == {
        "a": ("a.jpg", 30, 20), "b": ("b.jpg", 20, 30), "c": ("c.jpg", None, None), "d": ("d", None, None),
        "e": ("e.jpg", 4, 3),
    }  # fmt: skip
    assert found.said["d"].annotations == ()
    assert "e" not in found.said, "a picture without a file of labels has no label"


def test_a_picture_that_is_called_as_its_labels_is_none_of_them(load: Load) -> None:
    found = load({"obj.names": "cat\ndog\n", "labels/a.txt": LINE, "images/a.txt": picture(30, 20)})
    assert [(one.name, one.width, one.height) for one in found.media.values()] == [("a.txt", 30, 20)]
    assert len(found.said["a"].annotations) == 1


def test_names_and_addresses_come_from_a_list_of_assets(load: Load) -> None:
    rows = "external id,url,label file\r\nA 1,https://x.example/1,1.txt\r\nB,,2_label1.txt\r\nB,,2_label2.txt\r\n"
    labels = {f"J/labels/train/{name}.txt": LINE for name in ("1", "2_label1", "2_label2")}
    found = load({"J/data.yaml": YAML, "images/remote_assets.csv": rows, **labels})
    assert {key: (one.name, one.url) for key, one in found.media.items()} == {
        "train/1": ("A 1", "https://x.example/1"),
        "train/2_label1": ("train/2_label1", None),
        "train/2_label2": ("train/2_label2", None),
    }
    assert [job.key for job in found.ontology.jobs] == ["J"], "beside a list of assets a folder is a job"


def test_folders_with_other_classes_are_jobs_of_one_project(load: Load) -> None:
    outline = "0 0.1 0.1 0.5 0.1 0.3 0.6\n"
    found = load({
        "CARS/classes.txt": "car\nbus\n", "CARS/labels/a.txt": LINE,
        "ROADS/classes.txt": "lane\n", "ROADS/labels/a.txt": outline, "ROADS/labels/b.txt": "",
    })  # fmt: skip
    assert [(job.key, job.tools, [one.key for one in job.classes]) for job in found.ontology.jobs] == [
        ("CARS", ("box",), ["car", "bus"]),
        ("ROADS", ("polygon",), ["lane"]),
    ]
    assert [(one.job, one.classes) for one in found.said["a"].annotations] == [
        ("CARS", ("bus",)),
        ("ROADS", ("lane",)),
    ]
    assert list(found.media) == ["a", "b"]


def test_folders_with_the_same_classes_are_parts_of_one_data_set(load: Load) -> None:
    found = load({f"{part}/{name}": text for part in ("train", "val")
                  for name, text in (("classes.txt", "cat\ndog\n"), ("labels/a.txt", LINE))})  # fmt: skip
    assert list(found.said) == ["train/a", "val/a"]
    assert [job.key for job in found.ontology.jobs] == ["objects"]


def test_names_with_jobs_before_them_are_of_these_jobs(load: Load) -> None:
    found = load({"classes.txt": "A/car\nB/car/red\n", "labels/a.txt": f"0{LINE[1:]}{LINE}"})
    assert [(one.job, one.classes) for one in found.said["a"].annotations] == [("A", ("car",)), ("B", ("car/red",))]


def test_two_classes_of_one_name_stay_two(load: Load) -> None:
    found = load({"classes.txt": "cat\ncat\n\ndog\n", "labels/a.txt": f"0{LINE[1:]}{LINE}2{LINE[1:]}"})
    assert [one.classes for one in found.said["a"].annotations] == [("cat 0",), ("cat 1",), ("2",)]


REFUSED = {
    "no names": ({"labels/a.txt": LINE}, "no file names the classes"),
    "no labels": ({"data.yaml": YAML, "images/a.jpg": b""}, "there is no file of labels"),
    "names that contradict each other": (
        {"data.yaml": YAML, "classes.txt": "dog\ncat\n", "labels/a.txt": LINE},
        '"classes.txt" and "data.yaml" name other classes',
    ),
    "two files for one picture": (
        {"classes.txt": "cat\n", "labels/a.txt": LINE, "images/a.txt": "0 0 0 1 1\n"},
        '"images/a.txt" and "labels/a.txt" say other things of one picture',
    ),
    "two pictures for one file": (
        {"classes.txt": "cat\n", "labels/a.txt": LINE, "images/a.png": b"", "images/a.jpg": b""},
        "have one name but for their suffixes",
    ),
    "what is no text": ({"classes.txt": "cat\n", "labels/a.txt": b"\xff\xfe0\0", "labels/b.txt": LINE}, "is no UTF-8"),
    "names that are no text": ({"classes.txt": b"caf\xe9\n", "labels/a.txt": LINE}, "is no UTF-8 from its byte 3"),
    "poses": ({"data.yaml": f"{YAML}kpt_shape: [17, 3]\n", "labels/a.txt": LINE}, "it is of poses"),
    "a list of assets that is none": (
        {"classes.txt": "c\n", "labels/a.txt": LINE, "images/remote_assets.csv": b"external id,url,label file\n\xff"},
        "remote_assets.csv",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_it_refuses(what: str, load: Load) -> None:
    files, said = REFUSED[what]
    known = what not in ("no names", "no labels")
    with pytest.raises((SourceError, BadFile)) as caught:
        load(files, recognised=known)
    assert said in str(caught.value)


OTHERS = [
    {"classes.txt": "a\nb\n", "labels/a.txt": "Some words.\n"},
    {"classes.txt": "a\n", "notes.md": "5 of 5"},
    {"x.yaml": "names: [a]\n", "log.csv": "a,b\n"},
    {"settings.yaml": "keys: 1\n", "labels/a.txt": LINE},
]


@pytest.mark.parametrize("files", OTHERS)
def test_other_texts_are_not_taken_for_it(files: dict[str, str], tmp_path: Path) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    with Container(str(tmp_path)) as container:
        assert kind_of(container, None) is None
