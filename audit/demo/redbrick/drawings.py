"""What people drew in the invented projects: label data, and files of masks."""

from __future__ import annotations

import json
import random
import re
from datetime import datetime

import numpy as np

from audit.demo.redbrick import taxonomy as classes
from audit.demo.redbrick.body import ORIGIN, SHAPE, SPACING, Lesion, lesions, overlap
from audit.demo.redbrick.nifti import ball, nifti
from audit.demo.redbrick.scripts import MEMBERS
from audit.demo.redbrick.story import STRANGER, LabelData, Raw, TaskStory, stamp

SIZE = (512, 512)
STORAGE = "22222222-2222-2222-2222-222222222222"
FILE = re.compile(r"labels/(?P<task>[^/]+)/(?P<label>[^/]+?)(?:-series(?P<series>\d+)\.nii\.gz|\.json)")
"""Paths of files of labels."""

_GEOMETRY = ("bbox2d", "point", "polyline", "polygon", "pixel", "ellipse", "dicom", "point3d", "cuboid", "length3d")
_PLACE = ("angle3d", "volumeindex", "frameindex", "globalitemsindex", "seriesframeindex", "trackid", "keyframe", "end")
_REST = ("studyclassify", "seriesclassify", "instanceclassify", "stats", "linkid", "readonly")


def latest(story: TaskStory, now: datetime) -> Raw | None:
    """The task's newest label data at this moment; of a consensus, what came of it."""
    made = [one for one in story.labels if one.at <= now and not one.alone]
    return task_data(story, made[-1]) if made else None


def task_data(story: TaskStory, label: LabelData) -> Raw:
    """A row of label data as the API tells it; that of every tenth task is so large that it is in a file.

    The server fills in what classes are called (`interpolate`), but not in files.
    """
    path = f"labels/{story.id}/{label.id}"
    in_file = story.number % 10 == 0
    return {
        "tdId": label.id,
        "createdAt": stamp(label.at),
        "createdByEntity": _author(label.by),
        "labelsData": None if in_file else json.dumps([_named(story, entry) for entry in _labels(story, label)]),
        "labelsDataPath": f"{path}.json" if in_file else None,
        "labelsStorage": {"storageId": STORAGE},
        "labelsMap": None
        if story.images
        else [{"seriesIndex": 0, "imageIndex": 0, "labelName": f"{path}-series0.nii.gz"}],
    }


def file(story: TaskStory, label_id: str, series: int) -> bytes | None:
    """The mask of a series, or all labels when `series` is negative; None when there is no such file."""
    label = next((one for one in story.labels if one.id == label_id), None)
    if label is None or series > 0 or (story.images and series == 0):
        return None
    if series < 0:
        return json.dumps([_unnamed(entry) for entry in _labels(story, label)]).encode()
    return _mask(story, label)


def _named(story: TaskStory, entry: Raw) -> Raw:
    known = (classes.IMAGES if story.images else classes.VOLUMES)["objectTypes"]
    return {**entry, "category": next((one["category"] for one in known if one["classId"] == entry["classid"]), None)}


def _unnamed(entry: Raw) -> Raw:
    attributes = [
        {**one, "name": None, "value": None if one["optionid"] is not None else one["value"]}
        for one in entry["attributes"]
    ]
    return {**entry, "attributes": attributes}


def _author(id_: str) -> Raw:
    known = next((user for user in MEMBERS if user.id == id_), None)
    return (
        known.entity()
        if known
        else {"userId": id_, "email": None, "givenName": None if id_ == STRANGER else "ci-pipeline"}
    )


def _lesions(story: TaskStory, label: LabelData) -> list[Lesion]:
    return lesions(story, label.round, label.alone)


def _mask(story: TaskStory, label: LabelData) -> bytes:
    """Voxels are numbers of lesions (from 1); those of the first two at once have the number after the last one's."""
    found = _lesions(story, label)
    volume = np.zeros(SHAPE, np.uint8)
    drawn = [ball(SHAPE, one.center, one.radii) for one in found]
    for number, voxels in enumerate(drawn, 1):
        volume[voxels & (volume == 0)] = number
    if overlap(story, found):
        volume[drawn[0] & drawn[1]] = len(found) + 1
    return nifti(volume, SPACING, ORIGIN)


def _labels(story: TaskStory, label: LabelData) -> list[Raw]:
    return _in_image(story, label) if story.images else _in_volume(story, label)


def _in_volume(story: TaskStory, label: LabelData) -> list[Raw]:
    drawn = _lesions(story, label)
    shared = [len(drawn) + 1] if overlap(story, drawn) else None
    found = [
        _label(
            one.kind,
            one.id,
            dicom={"instanceid": number, "groupids": shared if number <= 2 else None},
            attributes=[_chosen(0, "Margin", one.margin, ("Sharp", "Blurred"))] if one.kind == 0 else [],
            linkid="group-1" if shared and number <= 2 else None,
        )
        for number, one in enumerate(drawn, 1)
    ]
    x, y, z = (round(at) for at in drawn[0].center)
    reach = max(1, round(drawn[0].radius))
    ends = [[x - reach, y, z], [x + reach, y, z]]
    length: Raw = {"normal": [0, 0, 1], "computedlength": round(2 * reach * SPACING[0], 1)}
    for number, end in enumerate(ends, 1):
        length |= {f"point{number}": end, f"computedpoint{number}world": _world(end)}
    found.append(_label(classes.DIAMETER, _id(story, 101), length3d=length))
    place = {"pointx": 30, "pointy": 34, "pointz": 8, "computedpointworld": _world([30, 34, 8])}
    found.append(_label(classes.PORTAL_VEIN, _id(story, 102), point3d=place))
    phase = story.number % 4
    phases = ("arterial", "portal", "delayed", "noncontrast")
    found.append(_classified("series", _id(story, 103), [_chosen(0, "Phase", phase, phases)]))
    quality = {"attrid": 0, "optionid": None, "name": "Diagnostic quality", "value": "true"}
    findings = {"attrid": 1, "optionid": [0, 1], "name": "Findings", "value": ["Lesions", "Steatosis"]}
    found.append(_classified("study", _id(story, 104), [quality, findings]))
    return found


def _in_image(story: TaskStory, label: LabelData) -> list[Raw]:
    rng = random.Random(f"{story.id}/image")  # noqa: S311 - invented data, the same every time
    drift = 0.004 * (label.round - 1) + 0.01 * label.alone
    x, y = rng.uniform(0.25, 0.4), rng.uniform(0.3, 0.5)

    def points(*places: tuple[float, float]) -> list[Raw]:
        return [{"xnorm": round(left + drift, 4), "ynorm": round(top, 4)} for left, top in places]

    lesion = {"xnorm": round(x + drift, 4), "ynorm": round(y, 4), "wnorm": 0.12, "hnorm": round(0.09 + drift, 4)}
    kidney = {"xcenternorm": 0.7, "ycenternorm": 0.62, "xnorm": 0.06, "ynorm": 0.1, "rot": round(0.3 + drift, 4)}
    margin = _chosen(0, "Margin", rng.randrange(2), ("Sharp", "Blurred"))
    remark = {"attrid": 1, "optionid": None, "name": "Remark", "value": f"Reading {label.round} of {story.name}"}
    outline = points((0.2, 0.3), (0.45, 0.22), (0.6, 0.35), (0.5, 0.6), (0.25, 0.62))
    quality = _chosen(0, "Image quality", 0 if story.number % 7 else 1, ("Good", "Poor"))
    return [
        _label(classes.LESION, _id(story, 1), bbox2d=lesion, attributes=[margin]),
        _label(classes.LIVER_OUTLINE, _id(story, 2), polygon=outline),
        _label(classes.VESSEL, _id(story, 3), polyline=points((0.35, 0.4), (0.42, 0.45), (0.5, 0.44))),
        _label(classes.PORTA, _id(story, 4), point=points((0.47, 0.48))[0]),
        _label(classes.KIDNEY, _id(story, 5), ellipse=kidney),
        _classified("study", _id(story, 6), [quality, remark]),
    ]


def _label(class_id: int | None, id_: str, **drawn: object) -> Raw:
    return (
        {"category": None, "attributes": [], "classid": class_id, "labelid": id_}
        | dict.fromkeys((*_GEOMETRY, *_PLACE, *_REST))
        | {
            "volumeindex": 0,
            **drawn,
        }
    )


def _classified(what: str, id_: str, attributes: list[Raw]) -> Raw:
    return _label(None, id_, attributes=attributes, **{f"{what}classify": True})


def _chosen(id_: int, name: str, option: int, options: tuple[str, ...]) -> Raw:
    return {"attrid": id_, "optionid": option, "name": name, "value": options[option]}


def _id(story: TaskStory, number: int) -> str:
    return f"1abe1000-0000-4000-8000-{story.number:08d}{number:04d}"


def _world(voxel: list[int]) -> list[float]:
    return [start + size * at for start, size, at in zip(ORIGIN, SPACING, voxel, strict=True)]
