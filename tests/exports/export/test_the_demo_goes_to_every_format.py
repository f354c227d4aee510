"""The demo's projects in every format that they can fill, in all modes: twice the same bytes, and every file holds."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pydicom
import pytest

from audit.demo.redbrick import Clock, FakeRedBrick, World
from audit.demo.redbrick.body import SHAPE
from audit.demo.redbrick.scripts import AGREEMENT, LIVER
from audit.live.run import sync
from audit.models import Log, Media, Mode, Project
from audit.queries.filters import Filters
from exports.formats import FORMATS
from exports.formats.base import Reads
from exports.run import make_export
from exports.snapshot import LogSnapshot
from exportsite.problems import WrongRequest
from tests.audit.live.conftest import connected
from tests.exports.sealed import verify

TASKS = 4
EVENTS = ("trail", "xes", "ocel", "parquet", "csv")
LEARNT = (
    "coco", "yolo_v4", "yolo_v5", "yolo_v7", "yolo_v8", "pascal_voc", "geojson", "classification_csv",
    "conll", "spacy", "mot",
)  # fmt: skip
PLATFORMS = (
    "kili", "raw", "labelbox", "diffgram", "labelstudio", "isahit_kili", "isahit_lab", "isahit_yolo", "isahit_mask",
)  # fmt: skip
UNFIT_IMAGES = ("geojson", "conll", "spacy", "mot", "isahit_lab", "isahit_mask")
"""Formats of which the project has nothing: maps, texts, videos, tasks of isahit lab."""
UNFIT_VOLUMES = (*UNFIT_IMAGES, "coco", "yolo_v4", "yolo_v5", "yolo_v7", "yolo_v8", "pascal_voc")
NEEDED = {"isahit_kili": {"input_id": "POLYGON"}, "isahit_yolo": {"input_id": "BBOX"}}
"""What these formats have to be told, in the project of images, since it has several jobs."""
MASKS = [
    {"mask_format": kind, "semantic_mask": semantic, "binary_mask": own}
    for kind in ("nii.gz", "nii", "png", "mhd", "rt_struct", "dicom_seg")
    for semantic, own in (("false", "automatic"), ("true", "true"))
]
CHANGING = {
    "encoding",
    "payload",
    "derived",
    "audit",
    "layout",
    "with_assets",
    "with_files",
    "old_format",
    "single_file",
}
"""Parameters that make other files of the same labels and events."""
Parameters = dict[str, str]


@pytest.fixture
def of(db: None, settings: Any, tmp_path: Path) -> Iterator[Callable[[str], Project]]:
    """A project of the demo's platform, smaller, as the demo reads it."""
    settings.SOURCE_ALLOW_HOSTS = ["127.0.0.1"]
    settings.LABELTRAIL_FILES = tmp_path / "files"
    with FakeRedBrick(World(TASKS, Clock(), labels=True)) as platform:

        def read(external_id: str) -> Project:
            found = connected(platform, external_id)
            sync(found, Mode.FULL)
            Project.objects.filter(pk=found.pk).update(media=Media.ON_EXPORT)
            return Project.objects.get(pk=found.pk)

        yield read


def modes(slug: str) -> Iterator[Parameters]:
    """As usual, with each parameter that changes the files, and for all kinds of masks."""
    needed = NEEDED.get(slug, {})
    yield needed
    for parameter in FORMATS[slug].parameters:
        for choice in parameter.choices if parameter.name in CHANGING else ():
            if choice != parameter.default:
                yield {**needed, parameter.name: choice}
    if slug == "redbrick":
        yield from MASKS


def written(project: Project, slug: str, parameters: Parameters, size: int, folder: Path) -> dict[str, bytes]:
    """The files of an export, by their names. Raises WrongRequest."""
    folder.mkdir()
    output = folder / f"x.{FORMATS[slug].extension}"
    made = make_export(project, slug, parameters=parameters, as_of=size, output=output)
    return {file["name"]: Path(file["path"]).read_bytes() for file in made.files}


def reasons(project: Project, slug: str, parameters: Parameters, size: int, folder: Path) -> list[str]:
    """Why it is not begun; its files are in the folder where nothing speaks against it."""
    try:
        written(project, slug, parameters, size, folder)
    except WrongRequest as refused:
        return [problem.text for problem in refused.problems]
    return []


@pytest.mark.parametrize("external_id", [LIVER.id, AGREEMENT.id], ids=["volumes", "images"])
@pytest.mark.parametrize(
    "slugs", [EVENTS, LEARNT, PLATFORMS, ("redbrick",)], ids=["events", "learnt", "platforms", "own"]
)
def test_each_is_written_twice_alike_or_refused(
    of: Callable[[str], Project], external_id: str, slugs: Sequence[str], tmp_path: Path
) -> None:
    project = of(external_id)
    size = project.log.size
    about = LogSnapshot(Log.objects.get(project=project), size, Filters(), Reads()).project
    for slug in slugs:
        if external_id == LIVER.id and slug in NEEDED:
            continue  # They want one job, of which nothing is drawn in pictures.
        why = FORMATS[slug].refusal(about)
        assert bool(why) == (slug in (UNFIT_VOLUMES if external_id == LIVER.id else UNFIT_IMAGES)), (slug, why)
        for number, parameters in enumerate(() if why else modes(slug)):
            first, second = tmp_path / f"{slug}{number}a", tmp_path / f"{slug}{number}b"
            if why_not := reasons(project, slug, parameters, size, first):
                # Kili's formats refuse what its SDK refuses, each in words of its own.
                assert number
                assert all(len(text) > 20 for text in why_not), parameters
                continue
            made = {path.name: path.read_bytes() for path in first.iterdir() if not path.name.endswith(".index.json")}
            assert made == written(project, slug, parameters, size, second), (slug, parameters)
            if not number:
                told = verify(first / f"x.{FORMATS[slug].extension}")
                assert told.returncode == 0, told.stdout


def test_none_is_forgotten() -> None:
    assert {*EVENTS, *LEARNT, *PLATFORMS, "redbrick"} == set(FORMATS)


@pytest.mark.parametrize("kind", ["rt_struct", "dicom_seg"])
def test_volumes_have_dicom_images_on_which_masks_can_lie(
    of: Callable[[str], Project], kind: str, tmp_path: Path
) -> None:
    project = of(LIVER.id)
    asked = {"mask_format": kind, "with_files": "true"}
    made = written(project, "redbrick", asked, project.log.size, tmp_path / "a")["x.zip"]
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        names = archive.namelist()
        assert archive.read("errors.ndjson") == b""
        masks = [name for name in names if "/segmentations/" in name and name.endswith(".dcm")]
        assert masks
        for name in masks:
            mask = pydicom.dcmread(io.BytesIO(archive.read(name)))
            folder = name.replace("/segmentations/", "/images/").removesuffix(".dcm")
            images = [pydicom.dcmread(io.BytesIO(archive.read(one))) for one in names if one.startswith(f"{folder}/")]
            assert len(images) == SHAPE[2]
            assert len({image.SOPInstanceUID for image in images}) == SHAPE[2]
            assert {image.StudyInstanceUID for image in images} == {mask.StudyInstanceUID}
            assert referred(mask) <= {image.SOPInstanceUID for image in images} | {mask.StudyInstanceUID}


def referred(mask: pydicom.Dataset) -> set[str]:
    """The images on which it says that something was drawn."""
    found = {str(element.value) for element in mask.iterall() if element.keyword == "ReferencedSOPInstanceUID"}
    assert found
    return found
