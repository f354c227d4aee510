"""An annotation of Pascal VOC is a task with its boxes, classes and flags; what can't be read is named or refused."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from audit.annotations import Annotation, Box, Labelled, Medium
from audit.ontology import Ontology
from audit.sources.base import SourceError
from audit.sources.exported.container import Container
from audit.sources.files.errors import BadFile
from audit.sources.pascal_voc.exported import KIND, MAX_XML
from audit.sources.pascal_voc.neutral import PascalVocNeutral

NEUTRAL = PascalVocNeutral()
Loaded = tuple[Ontology, dict[str, Medium], dict[str, Labelled]]
Load = Callable[..., Loaded]
BNDBOX = "<bndbox><xmin>10</xmin><ymin>20</ymin><xmax>40</xmax><ymax>50</ymax></bndbox>"
SIZE = "<size><width>100</width><height>50</height><depth>3</depth></size>"


def xml(*objects: str, name: str = "a.jpg", size: str = SIZE, database: str = "Unknown") -> str:
    """An annotation with these objects."""
    things = "".join(f"<object>{one}</object>" for one in objects)
    head = f"<filename>{name}</filename><source><database>{database}</database></source>{size}"
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<annotation>{head}{things}</annotation>\n'


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Write files, by their paths, into a folder, and load it; or one file of it."""

    def call(files: dict[str, str | bytes], only: str = "") -> Loaded:
        for name, data in files.items():
            path = tmp_path / "set" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data if isinstance(data, bytes) else data.encode())
        with Container(str(tmp_path / "set" / only)) as container:
            assert KIND.recognises(container)
            source = KIND.open(container, "Set")
            try:
                (project,) = source.project_events()
                histories = [one for page in source.task_pages() for one in page.histories]
            finally:
                source.close()
        ontology = NEUTRAL.ontology(project.content or b"")
        media, said = {}, {}
        for history in histories:
            task = history.events[0].content or b""
            (media[history.task],) = NEUTRAL.media(task)
            for event in history.events[1:]:
                said[history.task] = NEUTRAL.annotations(event.content or b"", task, ontology)
        return ontology, media, said

    return call


def sides(one: Annotation) -> tuple[float, ...]:
    """Left, top, right, bottom of a box in a picture of 100 by 50 pixels."""
    assert isinstance(one, Box)
    return tuple(
        round(side, 6) for side in (one.x * 100, one.y * 50, (one.x + one.width) * 100, (one.y + one.height) * 50)
    )


@pytest.mark.parametrize(
    ("files", "only", "key"),
    [
        ({"Annotations/a.xml": xml(f"<name>cat</name>{BNDBOX}"), "JPEGImages/a.jpg": b""}, "", "a"),
        ({"VOCdevkit/VOC2012/Annotations/a.xml": xml(f"<name>cat</name>{BNDBOX}"),
          "VOCdevkit/VOC2012/SegmentationClass/a.png": b"", "VOCdevkit/VOC2012/ImageSets/Main/x.txt": "a"}, "", "a"),
        ({"a.xml": xml(f"<name>cat</name>{BNDBOX}"), "a.jpg": b"", "a.jpg.aux.xml": "<PAMDataset/>"}, "", "a"),
        ({"a.xml": xml(f"<name>cat</name>{BNDBOX}")}, "a.xml", "a"),
    ],
    ids=["folders", "the devkit", "beside pictures", "one file"],
)  # fmt: skip
def test_an_annotation_is_a_task_with_its_boxes(files: dict[str, str], only: str, key: str, load: Load) -> None:
    ontology, media, said = load(files, only)
    assert list(media) == list(said) == [key]
    assert (media[key].name, media[key].width, media[key].height) == ("a.jpg", 100, 50)
    (box,) = said[key].annotations
    assert said[key].problems == ()
    assert (box.job, box.classes, box.answers, sides(box)) == ("objects", ("cat",), (), (10, 20, 40, 50))
    assert [(job.key, job.tools, [one.key for one in job.classes]) for job in ontology.jobs] == [
        ("objects", ("box",), ["cat"])
    ]


def test_jobs_flags_poses_and_parts_are_told(load: Load) -> None:
    person = f"<name>person</name><pose>Left</pose><truncated>1</truncated><difficult>0</difficult>{BNDBOX}"
    head = f"<part><name>head</name>{BNDBOX}</part>"
    car = f"<name>car</name><job_name>CARS</job_name><occluded>1</occluded><pose>Unspecified</pose>{BNDBOX}"
    ontology, _, said = load({"Annotations/a.xml": xml(person + head, car)})
    assert [(one.job, one.classes, one.object, one.linked) for one in said["a"].annotations] == [
        ("objects", ("person",), "1", "1"),
        ("objects", ("head",), "1.1", "1"),
        ("CARS", ("car",), "2", None),
    ]
    answers = [[(one.job, one.choices[0].key) for one in found.answers] for found in said["a"].annotations]
    assert answers == [[("truncated", "1"), ("pose", "Left")], [], [("occluded", "1")]]
    jobs = [(job.key, job.nested, [one.key for one in job.classes]) for job in ontology.jobs]
    assert jobs == [
        ("objects", False, ["person", "head"]),
        ("CARS", False, ["car"]),
        ("occluded", True, ["1"]),
        ("pose", True, ["Left"]),
        ("truncated", True, ["1"]),
    ]


@pytest.mark.parametrize(
    ("database", "manifest", "base"),
    [
        ("Unknown", {}, 0),
        ("The VOC2007 Database", {}, 1),
        ("Labeltrail", {"base": "1"}, 1),
        ("Labeltrail", {"base": "0"}, 0),
    ],
)
def test_pixels_count_from_1_where_their_writer_counts_so(
    database: str, manifest: dict[str, str], base: int, load: Load
) -> None:
    file = xml(f"<name>cat</name>{BNDBOX}", database=database)
    _, _, said = load({"labels/a.xml": file, "manifest.json": json.dumps({"parameters": manifest})})
    assert sides(said["a"].annotations[0]) == (10 - base, 20 - base, 40, 50)


def test_a_size_that_the_file_does_not_say_is_the_pictures(load: Load) -> None:
    out = io.BytesIO()
    Image.new("RGB", (100, 50)).save(out, "PNG")
    bare = xml(f"<name>cat</name>{BNDBOX}", size="<size><width>0</width><height>0</height></size>", name="")
    _, media, said = load({"labels/a.xml": bare, "images/a.png": out.getvalue(), "labels/b.xml": bare})
    assert (media["a"].name, media["b"].name, media["b"].width) == ("a.png", "b", None)
    assert sides(said["a"].annotations[0]) == (10, 20, 40, 50)
    assert [one.code for one in said["b"].problems] == ["no_size"]


@pytest.mark.parametrize(
    ("thing", "code"),
    [
        (BNDBOX, "no_class"),
        ("<name>cat</name>", "no_geometry"),
        (f"<name>cat</name>{BNDBOX.replace('40', 'nan')}", "bad_number"),
        (f"<name>cat</name>{BNDBOX.replace('40', '1e400')}", "bad_number"),
        (f"<name>cat</name>{BNDBOX.replace('40', '')}", "bad_number"),
        (f"<name>cat</name>{BNDBOX.replace('40', '5')}", "bad_geometry"),
    ],
)
def test_an_object_that_can_not_be_read_is_a_problem_and_costs_nothing_else(thing: str, code: str, load: Load) -> None:
    _, _, said = load({"labels/a.xml": xml(thing, f"<name>cat</name>{BNDBOX}")})
    assert [(one.code, one.id) for one in said["a"].problems] == [(code, "1")]
    assert [one.id for one in said["a"].annotations] == ["2"]


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'
REFUSED: dict[str, tuple[str | bytes, str]] = {
    "entities that grow": (f"{BOMB}<annotation><filename>&b;</filename></annotation>", "it has a DOCTYPE"),
    "a file outside": (
        '<!DOCTYPE x SYSTEM "file:///etc/passwd"><annotation><filename>a</filename></annotation>', "it has a DOCTYPE",
    ),
    "more than a file of labels has": (xml(" " * MAX_XML), "more than 16 MiB"),
    "what is cut off": (xml()[:-20], "it is no XML"),
    "another root": ("<x><annotation><size/></annotation></x>", "its root is <x>"),
    "what is no UTF-8": (xml().encode().replace(b"Unknown", b"caf\xe9"), "is no UTF-8"),
    "a NUL": (xml().replace("Unknown", "\0"), "it is no XML"),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_it_refuses(what: str, load: Load) -> None:
    data, said = REFUSED[what]
    with pytest.raises((SourceError, BadFile)) as caught:
        load({"labels/a.xml": data, "labels/b.xml": xml()})
    assert said in str(caught.value)
    assert "labels/a.xml" in str(caught.value)


def test_two_files_of_one_picture_are_refused(load: Load) -> None:
    same = {"Annotations/a.xml": xml(), "labels/a.xml": xml()}
    assert list(load(same)[1]) == ["a"], "that say the same are one"
    with pytest.raises(SourceError, match=r'"Annotations/a\.xml" and "labels/a\.xml" say other things of one picture'):
        load(same | {"labels/a.xml": xml(f"<name>cat</name>{BNDBOX}")})
    with pytest.raises(SourceError, match="have one name but for their suffixes"):
        load({"labels/a.xml": xml(), "images/a.jpg": b"", "images/a.png": b""})
