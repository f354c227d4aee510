"""Every kind of file that people have is loaded by the command and by the page, recognised or named, twice in a row."""

from __future__ import annotations

import gzip
import json
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from audit.log.verify import verify
from audit.models import Event, LabelVersion, Project, SyncRun, Task
from exportsite.jobs import perform
from tests.audit.load.exported.conftest import GOLDEN, redbrick_files, write, zipped

Run = Callable[..., str]
KILI = GOLDEN / "kili" / "exports" / "01_bbox_single_job"
MAPS = GOLDEN / "kili" / "exports" / "11_geospatial" / "geojson_merged"
SPLIT = GOLDEN / "kili" / "exports" / "02_all_image_tools" / "coco_split"
COCO = {
    "info": {},
    "licenses": [],
    "images": [{"id": 1, "file_name": "a.jpg", "height": 10, "width": 20}],
    "categories": [{"id": 1, "name": "Car"}],
    "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4], "area": 12, "iscrowd": 0}],
}


PARKS = json.dumps(
    {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "geometry": {"type": "Point", "coordinates": [2, 48]}, "properties": {"class": "Park"}}
        ],
    }
).encode()


MARKED = b'{"text": "In Vienna.", "spans": [{"start": 3, "end": 9, "label": "PLACE"}]}\n'


def below(folder: Path, under: str = "") -> dict[str, bytes]:
    """The files of a folder, by their paths within it."""
    return {under + str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


VOC = b"""<annotation><filename>a.jpg</filename><size><width>20</width><height>10</height></size>
<object><name>Car</name><bndbox><xmin>1</xmin><ymin>2</ymin><xmax>4</xmax><ymax>6</ymax></bndbox></object></annotation>"""
YOLO = {"data.yaml": b"names: [Car]\n", "labels/a.txt": b"0 0.5 0.5 0.1 0.1\n", "images/b.jpg": b""}


FILES: dict[str, tuple[str, Callable[[Path], Path]]] = {
    "redbrick, folder": ("redbrick-export", lambda to: write(to / "redbrick", redbrick_files())),
    "redbrick, zip": ("redbrick-export", lambda to: zipped(to / "redbrick.zip", redbrick_files())),
    "redbrick, zip with folders around": (
        "redbrick-export",
        lambda to: zipped(to / "r.zip", {f"org/project/{name}": data for name, data in redbrick_files().items()}),
    ),
    "redbrick report": ("redbrick", lambda to: GOLDEN / "redbrick" / "report.json"),
    "kili, one file": ("kili", lambda to: zipped(to / "kili.zip", below(KILI / "kili_single_file"))),
    "kili, a file for each asset": ("kili", lambda to: zipped(to / "kili.zip", below(KILI / "kili_per_asset"))),
    "kili, folder": ("kili", lambda to: KILI / "kili_per_asset"),
    "kili, only data.json": ("kili", lambda to: KILI / "kili_single_file" / "data.json"),
    "labelbox": ("labelbox", lambda to: GOLDEN / "labelbox" / "image.ndjson"),
    "labelbox, video": ("labelbox", lambda to: GOLDEN / "labelbox" / "video.ndjson"),
    "diffgram": ("diffgram", lambda to: GOLDEN / "diffgram" / "export.json"),
    "isahit": ("isahit", lambda to: GOLDEN / "isahit" / "lab.json"),
    "coco": ("coco", lambda to: write(to, {"labels.json": json.dumps(COCO).encode()}) / "labels.json"),
    "coco, zip": ("coco", lambda to: zipped(to / "coco.zip", {"data/labels.json": json.dumps(COCO).encode()})),
    "coco, gzip": ("coco", lambda to: write(to, {"c.json.gz": gzip.compress(json.dumps(COCO).encode())}) / "c.json.gz"),
    "coco of kili": ("coco", lambda to: zipped(to / "coco.zip", below(KILI / "coco_merged"))),
    "coco of kili, a file for each job": ("coco", lambda to: zipped(to / "coco.zip", below(SPLIT))),
    "geojson of kili": ("geojson", lambda to: zipped(to / "maps.zip", below(MAPS))),
    "geojson of kili, folder": ("geojson", lambda to: MAPS),
    "geojson": ("geojson", lambda to: write(to, {"parks.json": PARKS}) / "parks.json"),
    "spacy": ("spacy", lambda to: write(to, {"ner.jsonl": MARKED}) / "ner.jsonl"),
    "spacy, zip": ("spacy", lambda to: zipped(to / "ner.zip", {"data/ner.jsonl": MARKED})),
    "label studio": ("labelstudio", lambda to: GOLDEN / "labelstudio" / "history.json"),
    "yolo, folder": ("yolo", lambda to: write(to / "yolo", YOLO)),
    "yolo, zip": ("yolo", lambda to: zipped(to / "yolo.zip", YOLO)),
    "yolo of kili": ("yolo", lambda to: zipped(to / "yolo.zip", below(KILI / "yolo_v4_split"))),
    "pascal voc": ("pascal_voc", lambda to: write(to, {"a.xml": VOC}) / "a.xml"),
    "pascal voc, zip": ("pascal_voc", lambda to: zipped(to / "voc.zip", {"VOC/Annotations/a.xml": VOC})),
    "pascal voc of kili": ("pascal_voc", lambda to: zipped(to / "voc.zip", below(KILI / "pascal_voc_merged"))),
    "xes": ("xes", lambda to: GOLDEN / "eventlogs" / "review.xes"),
    "csv": ("csv", lambda to: GOLDEN / "eventlogs" / "review.csv"),
    "csv, zip": (
        "csv",
        lambda to: zipped(to / "log.zip", {"a/review.csv": (GOLDEN / "eventlogs" / "review.csv").read_bytes()}),
    ),
    "ndjson": ("ndjson", lambda to: GOLDEN / "eventlogs" / "review.ndjson"),
}


@pytest.fixture(params=FILES)
def file(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, Path]:
    """A kind, and a file of it."""
    kind, make = FILES[request.param]
    return kind, make(tmp_path)


@pytest.mark.parametrize("named", [False, True])
def test_the_command_loads_it(run: Run, file: tuple[str, Path], named: bool) -> None:
    kind, path = file
    arguments = ("--kind", kind) if named else ()
    said = run(path, *arguments)
    assert named or f"(--kind {kind})" in said or kind in ("xes", "csv", "ndjson"), "what it is read as is said"
    project = Project.objects.get(name="Loaded")
    events = Event.objects.filter(log__project=project).count()
    assert events > 1
    run(path, *arguments)
    assert Event.objects.filter(log__project=project).count() == events


@pytest.mark.parametrize("named", [False, True])
@pytest.mark.parametrize("what", [what for what in FILES if not what.endswith("folder")])
def test_the_page_loads_it(operator: Client, tmp_path: Path, what: str, named: bool) -> None:
    kind, make = FILES[what]
    path = make(tmp_path)
    found = []
    for _ in range(2):
        sent(operator, path, kind if named else "")
        run = SyncRun.objects.latest("id")
        assert (run.state, run.error_text) == ("succeeded", "")
        found.append(Event.objects.filter(log__project__name="Sent").count())
    assert found[0] == found[1] > 1


@pytest.mark.parametrize("kind", ["", "coco"])
def test_a_zip_within_a_zip_is_not_looked_into(refusal: Run, tmp_path: Path, kind: str) -> None:
    inner = zipped(tmp_path / "inner.zip", {"labels.json": json.dumps(COCO).encode()})
    outer = zipped(tmp_path / "outer.zip", {"inner.zip": inner.read_bytes()})
    assert "outer.zip" in refusal(outer, *(("--kind", kind) if kind else ()))
    assert not Project.objects.exists()


def test_files_of_several_jobs_are_one_project_with_a_label_for_each_image(run: Run, tmp_path: Path) -> None:
    run(zipped(tmp_path / "split.zip", below(SPLIT)))
    run(zipped(tmp_path / "in a folder.zip", below(SPLIT, "around/")))
    run(SPLIT)
    names = Task.objects.order_by("number").values_list("name", flat=True)
    assert list(names) == ["data/full", "data/partial_missing_jobs"]
    assert LabelVersion.objects.count() == 1, "of three jobs, and the same however it is packed"
    assert verify(Project.objects.get().log).holds


def test_files_that_contradict_each_other_add_nothing(refusal: Run, tmp_path: Path) -> None:
    both = {f"{job}/labels.json": json.dumps(COCO).encode() for job in ("BOX", "POLY")}
    said = refusal(zipped(tmp_path / "split.zip", both))
    assert '"BOX/labels.json" and "POLY/labels.json" both say what is in the image 1' in said
    assert not Project.objects.exists()


def test_files_of_yolo_change_one_by_one(run: Run, tmp_path: Path) -> None:
    """A changed file of labels is a version more; a class that is called otherwise is one, too."""
    run(write(tmp_path / "yolo", YOLO))
    assert list(Task.objects.order_by("number").values_list("external_id", "name")) == [("b", "b.jpg"), ("a", "a")]
    run(write(tmp_path / "yolo", {"labels/b.txt": b"0 0.1 0.1 0.1 0.1\n"}))
    run(write(tmp_path / "yolo", {"data.yaml": b"names: [Bus]\n"}))
    found = LabelVersion.objects.order_by("task__external_id", "number").values_list("task__external_id", "number")
    assert list(found) == [("a", 1), ("a", 2), ("b", 1), ("b", 2)]
    assert verify(Project.objects.get().log).holds


HOSTILE: dict[str, dict[str, bytes]] = {
    "a name that leads out": {"../labels.json": json.dumps(COCO).encode()},
    "what unpacks to a thousand times its size": {
        "labels.json": json.dumps(COCO).encode(),
        "more.json": bytes(64 << 20),
    },
    "a name that leads out of a data set": YOLO | {"labels/../../a.txt": b"0 0.5 0.5 0.1 0.1\n"},
    "labels that unpack to a thousand times their size": YOLO | {"labels/b.txt": b" " * (20 << 20)},
    "an annotation that unpacks to as much": {"labels/a.xml": VOC, "labels/b.xml": VOC + b" " * (20 << 20)},
    "folders too deep": {"/".join("d" * 40) + "/labels.json": json.dumps(COCO).encode()},
}


@pytest.mark.parametrize("what", HOSTILE)
def test_limits_hold_on_the_page_as_well(operator: Client, tmp_path: Path, what: str) -> None:
    sent(operator, zipped(tmp_path / "hostile.zip", HOSTILE[what]), "")
    run = SyncRun.objects.get()
    assert (run.state, run.error_code) == ("failed", "refused"), run.error_text
    assert not Project.objects.exists()


def sent(client: Client, path: Path, kind: str) -> None:
    """Send the file over the page, and have a worker load it."""
    form = {"once": str(uuid.uuid4()), "project": "Sent", "kind": kind}
    form |= {"zone": "UTC"} if kind in ("csv", "xes", "ndjson") else {}
    answer = client.post("/projects/load/", {**form, "file": SimpleUploadedFile(path.name, path.read_bytes())})
    assert answer.status_code == 303, answer.content
    perform(SyncRun, SyncRun.objects.latest("id").pk)
