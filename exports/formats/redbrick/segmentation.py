"""DICOM segmentations (PS3.3 A.51): masks on the slices of a series, bit by bit, one segment for each region.

Written by highdicom. What is not known is not said: taxonomies have no codes of terminologies, so that a segment's
category is "not applicable", as in RedBrick AI's own files, and its type the number and title of its class.
"""

from __future__ import annotations

import copy
import io
import tempfile
import warnings
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import IO, Any

import highdicom as hd
import numpy as np
import numpy.typing as npt
from pydicom.valuerep import DA, DT, TM

from exports.formats.redbrick.dicom_series import BadSeries, Slices
from exports.formats.redbrick.regions import UTF_8, Region, line, uid

_ASKED = (
    "PatientID",
    "PatientName",
    "PatientBirthDate",
    "PatientSex",
    "AccessionNumber",
    "StudyID",
    "StudyDate",
    "StudyTime",
    "ReferringPhysicianName",
    "PositionReferenceIndicator",
)
"""What each file of DICOM has, if need be empty, and images that were de-identified may lack."""
_NOT_APPLICABLE = hd.sr.CodedConcept("385432009", "SCT", "Not applicable")
TRACKED = "Segment_"
"""Before an instance's number: segments have numbers without gaps, instances have not."""
_TAXONOMY = "99TAXONOMY"
"""Codes of one's own are of schemes that begin with 99 (PS3.3 8.2)."""


def segmentation(series: Slices, regions: Callable[[], Iterable[Region]], *, key: str, dated: str) -> bytes:
    """The file. Its identifiers come from `key`, its times from `dated` (ISO 8601). Raises BadSeries.

    `regions` are gone through once, and a second time where they lie over one another.
    """
    told: list[hd.seg.SegmentDescription] = []
    with tempfile.TemporaryFile() as spool:
        numbers = _numbers(series, regions(), key, told)
        pixels = numbers if numbers is not None else _planes(series, regions(), len(told), spool)
        thickness = float(np.linalg.norm(series.matrix[:3, 2]))
        when = datetime.fromisoformat(dated)
        try:
            # They would name the patient in our logs.
            with warnings.catch_warnings(action="ignore"):
                found = hd.seg.Segmentation(
                    source_images=[_source(header, thickness) for header in series.headers],
                    pixel_array=pixels,
                    segmentation_type=hd.seg.SegmentationTypeValues.BINARY,
                    segment_descriptions=told,
                    series_instance_uid=uid(f"{key}/series"),
                    series_number=1,
                    sop_instance_uid=uid(key),
                    instance_number=1,
                    manufacturer="Labeltrail",
                    manufacturer_model_name="Labeltrail",
                    software_versions=f"highdicom {hd.__version__}",
                    device_serial_number="0",  # It must have one, and a program has none.
                    content_label="LABELS",
                    series_description="Labels",
                    content_date=when.date(),
                    content_time=when.time().replace(microsecond=0),
                    specific_character_set=UTF_8,
                )
        except (AttributeError, TypeError, ValueError) as error:
            raise BadSeries(f"a segmentation of its images can't be made: {error}") from None
    _settle(found, key, when)
    out = io.BytesIO()
    found.save_as(out)
    return out.getvalue()


def _numbers(
    series: Slices, regions: Iterable[Region], key: str, told: list[hd.seg.SegmentDescription]
) -> npt.NDArray[np.uint16] | None:
    """Each voxel's segment, from 1; None where one has several. `told` is given what is said of each."""
    found = np.zeros((len(series.headers), series.rows, series.columns), np.uint16)
    overlap = False
    for number, region in enumerate(regions, 1):
        told.append(_described(number, region, key))
        if not overlap:
            flags = region.laid(series).view(np.bool_)
            overlap = bool((found[flags] != 0).any())
            found[flags] = number
    return None if overlap else found


def _planes(series: Slices, regions: Iterable[Region], count: int, spool: IO[bytes]) -> npt.NDArray[np.bool_]:
    """Slices, rows, columns and segments: on the disk, since there may be hundreds of segments."""
    shape = (count, len(series.headers), series.rows, series.columns)
    found: npt.NDArray[np.bool_] = np.memmap(spool, np.bool_, "w+", shape=shape)
    for at, region in enumerate(regions):
        found[at] = region.laid(series).view(np.bool_)
    return np.moveaxis(found, 0, -1)


def _source(header: Any, thickness: float) -> Any:
    """What a segmentation must say of an image; where the image does not say how thick it is, it fills its place."""
    found = copy.copy(header)
    if found.get("SliceThickness") is None:
        found.SliceThickness = f"{thickness:.10g}"
    for name in _ASKED:
        if name not in found:
            setattr(found, name, None)
    return found


def _described(number: int, region: Region, key: str) -> hd.seg.SegmentDescription:
    kind = _NOT_APPLICABLE
    if region.class_id is not None and (meaning := line(region.title, 64)):
        kind = hd.sr.CodedConcept(str(region.class_id), _TAXONOMY, meaning)
    found = hd.seg.SegmentDescription(
        segment_number=number,
        segment_label=line(region.title, 64) or region.name,
        segmented_property_category=_NOT_APPLICABLE,
        segmented_property_type=kind,
        algorithm_type=hd.seg.SegmentAlgorithmTypeValues.MANUAL,
        tracking_id=f"{TRACKED}{region.value}",
        tracking_uid=uid(f"{key}/{region.value}"),
        display_color=hd.color.CIELabColor.from_rgb(*region.color),
    )
    found.SegmentDescription = line(region.description, 1024)
    return found


def _settle(found: hd.seg.Segmentation, key: str, when: datetime) -> None:
    """What highdicom makes anew each time."""
    found.ContributingEquipmentSequence[-1].ContributionDateTime = DT(when.replace(microsecond=0, tzinfo=None))
    found.InstanceCreationDate, found.InstanceCreationTime = DA(when.date()), TM(when.time().replace(microsecond=0))
    dimensions = uid(f"{key}/dimensions")
    for one in (*found.DimensionOrganizationSequence, *found.DimensionIndexSequence):
        one.DimensionOrganizationUID = dimensions
