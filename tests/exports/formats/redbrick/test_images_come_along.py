"""With `with_files` the images stand under images/TASK/SERIES, and tasks.json names them there."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from audit.annotations import Medium
from exports.archive.build import BadItem
from exports.formats import FORMATS
from tests.exports.formats.redbrick.dicom_case import PATHS, case, hard
from tests.exports.formats.redbrick.recorded import ROOT, export, exported, shot, tasks_of
from tests.exports.formats.snapshots import write
from tests.exports.formats.told import Project, box

TWO_SERIES, DICOM = "70000000-0000-4000-8000-000000000001", "70000000-0000-4000-8000-000000000004"
SDK = {"images/CASE-0004/CT/0.dcm", "images/CASE-0004/CT/1.dcm", "images/CASE-0004/CT/2.dcm"}


def images(files: dict[str, bytes]) -> set[str]:
    return {name.removeprefix(f"{ROOT}/") for name in files if name.startswith(f"{ROOT}/images/")}


def test_images_lie_where_the_sdk_puts_them() -> None:
    snapshot, _ = case("axial", hard())
    made = export(snapshot, with_files=True)
    assert images(made.files) == SDK
    assert tasks_of(made)[0]["series"][0]["items"] == sorted(SDK)
    for name, path in zip(sorted(SDK), PATHS, strict=True):
        assert made.files[f"{ROOT}/{name}"] == snapshot.kept[path]


def test_structure_sets_and_segmentations_leave_images_out_unless_asked() -> None:
    for kind in ("rt_struct", "dicom_seg"):
        assert images(export(case("axial", hard())[0], mask_format=kind).files) == set()
        assert images(export(case("axial", hard())[0], mask_format=kind, with_files=True).files) == SDK


def test_an_image_that_is_not_to_be_had_keeps_its_path_and_has_a_line() -> None:
    snapshot = shot([TWO_SERIES])
    snapshot.kept["ct/case1_a.nii.gz"] = b"image"
    made = export(snapshot, with_files=True)
    assert [one["items"] for one in tasks_of(made)[0]["series"]] == [
        ["images/CASE-0001/CT axial/case1_a.nii.gz"],
        ["ct/case1_b.nii.gz"],
    ]
    assert [(one["code"], "case1_b" in one["text"]) for one in made.errors] == [("no_file", True)]
    with pytest.raises(BadItem, match="case1_b"):
        export(snapshot, with_files=True, strict=True)


def test_files_called_alike_do_not_replace_each_other(project: Project) -> None:
    paths = ("x/1.nii.gz", "y/1.nii.gz", "z/1.NII.gz", "?", "../..")
    project.add("a", [box(0, 0, 1, 1)], media=[Medium("volume", "CT", files=paths, width=4, height=4)])
    project.kept |= {path: path.encode() for path in paths}
    made = write(FORMATS["redbrick"], project.shot(), with_files=True)
    found = {name: data.decode() for name, data in made.files.items() if "/images/" in name}
    assert found == {
        "P-1/images/a/CT/1.nii.gz": "x/1.nii.gz",
        "P-1/images/a/CT/1-2.nii.gz": "y/1.nii.gz",
        "P-1/images/a/CT/1-3.NII.gz": "z/1.NII.gz",
        "P-1/images/a/CT/image": "?",
        "P-1/images/a/CT/image-2": "../..",
    }


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ({}, None),
        ({"with_files": True}, {"ct/case1_a.nii.gz", "ct/case1_b.nii.gz", *PATHS}),
        # NIfTI files and pictures are no DICOM.
        ({"mask_format": "dicom_seg"}, set(PATHS)),
        ({"mask_format": "rt_struct", "task_id": TWO_SERIES}, set()),
    ],
)
def test_only_what_is_needed_is_asked_for(asked: dict[str, Any], meant: set[str] | None) -> None:
    snapshot = shot([TWO_SERIES, DICOM])
    format_ = FORMATS["redbrick"]
    values = {one.name: one.default_for(filtered=False) for one in format_.parameters} | asked
    media = format_.media(snapshot.project, values)
    found = None if media is None else {name for task in snapshot.assets for name in media(task)}
    assert found == meant


def test_it_is_refused_while_images_are_only_named() -> None:
    format_ = FORMATS["redbrick"]
    values = {one.name: one.default_for(filtered=False) for one in format_.parameters} | {"with_files": True}
    project = shot([exported("default")[0]["taskId"]]).project
    assert [one.parameter for one in format_.refuses(project, values)] == ["with_files"]
    assert list(format_.refuses(replace(project, media_kept=True), values)) == []
