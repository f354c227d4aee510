"""The masks of a series as DICOM files that refer to its images: RT structure sets, segmentations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import IO

from exports.formats.redbrick.dicom_series import slices
from exports.formats.redbrick.mode import Group, Mode, names_of, own_name
from exports.formats.redbrick.regions import Region
from exports.formats.redbrick.rtstruct import structure_set
from exports.formats.redbrick.segmentation import segmentation
from exports.formats.redbrick.volumes import Volumes


def dicom_files(
    groups: Sequence[Group], mode: Mode, volumes: Volumes, images: Iterable[IO[bytes]], base: str, key: str
) -> dict[str, bytes]:
    """The files by their paths, which begin with `base`: one of all, or with `mode.own` a segmentation of each group.

    Labels that overlap need no files of their own here. Raises BadSeries where no slices are there that they could
    refer to, and what the volumes and images raise.
    """
    series = slices(images)
    if mode.kind == "rt_struct":
        return {f"{base}.dcm": structure_set(series, _regions(groups, mode, volumes), key=key, dated=mode.dated)}
    parts: dict[str, Sequence[Group]] = {"": groups}
    if mode.own == "true":
        parts = {f"/{own_name(one, mode, mode.kind)}": [one] for one in groups}
    return {
        f"{base}{name}.dcm": segmentation(
            series, partial(_regions, of, mode, volumes), key=f"{key}{name}", dated=mode.dated
        )
        for name, of in parts.items()
    }


def _regions(groups: Sequence[Group], mode: Mode, volumes: Volumes) -> Iterator[Region]:
    for name, one in zip(names_of(groups, mode), groups, strict=True):
        class_id, title = one.segments[0].class_id, str(one.segments[0].said.get("category") or "")
        path = mode.paths.get(class_id, "") if class_id is not None else ""
        described = f"{class_id} - {path}" if path else title
        flags = volumes.flags(one)
        yield Region(name, one.number, title, class_id, described, mode.color_of(class_id), volumes.newest, flags)
