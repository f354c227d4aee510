"""RT structure sets (DICOM PS3.3 A.19): the outlines of masks on the slices of a series, one region for each."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt
from pydicom.datadict import tag_for_keyword
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import UID, ImplicitVRLittleEndian, RTStructureSetStorage

from exports.formats.redbrick.dicom_series import Slices
from exports.formats.redbrick.outlines_dicom import outlines
from exports.formats.redbrick.regions import UTF_8, Region, line, uid

_COPIED = (
    "PatientName",
    "PatientID",
    "PatientBirthDate",
    "PatientSex",
    "StudyInstanceUID",
    "StudyDate",
    "StudyTime",
    "StudyID",
    "StudyDescription",
    "AccessionNumber",
    "ReferringPhysicianName",
)
_REQUIRED = frozenset(
    [
        "PatientName",
        "PatientID",
        "PatientBirthDate",
        "PatientSex",
        "StudyDate",
        "StudyTime",
        "StudyID",
        "AccessionNumber",
        "ReferringPhysicianName",
    ]
)
_DATA = tag_for_keyword("ContourData") or 0
_STUDY = "1.2.840.10008.3.1.2.3.1"
"""Detached Study Management: what RT structure sets call a study by (PS3.3 C.8.8.5)."""


def structure_set(series: Slices, regions: Iterable[Region], *, key: str, dated: str) -> bytes:
    """The file. Its identifiers come from `key`, its times from `dated` (ISO 8601). Raises BadSeries."""
    first = series.headers[0]
    found = _head(first, key, dated)
    found.StructureSetROISequence = Sequence()
    found.ROIContourSequence = Sequence()
    found.RTROIObservationsSequence = Sequence()
    found.ReferencedFrameOfReferenceSequence = Sequence([_frame_of_reference(series)])
    for number, region in enumerate(regions, 1):
        told = Dataset()
        told.ROINumber = number
        told.ReferencedFrameOfReferenceUID = first.FrameOfReferenceUID
        told.ROIName = line(region.name, 64)
        told.ROIDescription = line(region.description, 1024)
        told.ROIGenerationAlgorithm = "MANUAL"
        found.StructureSetROISequence.append(told)
        drawn = Dataset()
        drawn.ROIDisplayColor = list(region.color)
        drawn.ReferencedROINumber = number
        drawn.ContourSequence = Sequence(_contours(series, region.laid(series)))
        found.ROIContourSequence.append(drawn)
        observed = Dataset()
        observed.ObservationNumber = number
        observed.ReferencedROINumber = number
        observed.RTROIInterpretedType = ""
        observed.ROIInterpreter = ""
        found.RTROIObservationsSequence.append(observed)
    out = io.BytesIO()
    found.save_as(out, enforce_file_format=True)
    return out.getvalue()


def _contours(series: Slices, flags: npt.NDArray[np.uint8]) -> Iterator[Dataset]:
    for at in np.flatnonzero(flags.any(axis=(1, 2))):
        for points in outlines(flags[at]):
            contour = Dataset()
            contour.ContourImageSequence = Sequence([_image(series.headers[at])])
            contour.ContourGeometricType = "CLOSED_PLANAR"
            contour.NumberOfContourPoints = len(points)
            # A decimal string has at most 16 characters (PS3.5 6.2): a ten-thousandth of a millimetre is enough. Said
            # to be right already, they are not looked at one by one.
            places = np.round(series.world(int(at), points), 4).ravel() + 0.0
            texts = [f"{value:.10g}" for value in places.tolist()]
            contour[_DATA] = DataElement(_DATA, "DS", texts, already_converted=True)
            yield contour


def _image(header: Dataset) -> Dataset:
    image = Dataset()
    image.ReferencedSOPClassUID = header.SOPClassUID
    image.ReferencedSOPInstanceUID = header.SOPInstanceUID
    return image


def _frame_of_reference(series: Slices) -> Dataset:
    first = series.headers[0]
    told = Dataset()
    told.SeriesInstanceUID = first.SeriesInstanceUID
    told.ContourImageSequence = Sequence(_image(one) for one in series.headers)
    study = Dataset()
    study.ReferencedSOPClassUID = _STUDY
    study.ReferencedSOPInstanceUID = first.StudyInstanceUID
    study.RTReferencedSeriesSequence = Sequence([told])
    frame = Dataset()
    frame.FrameOfReferenceUID = first.FrameOfReferenceUID
    frame.RTReferencedStudySequence = Sequence([study])
    return frame


def _head(first: Dataset, key: str, dated: str) -> FileDataset:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = RTStructureSetStorage
    meta.MediaStorageSOPInstanceUID = UID(uid(key))
    # Explicit lengths have 16 bits for these values, of which a long outline has more.
    meta.TransferSyntaxUID = ImplicitVRLittleEndian
    found = FileDataset("", {}, file_meta=meta, preamble=bytes(128))
    date, time = dated[:10].replace("-", ""), dated[11:19].replace(":", "")
    found.SpecificCharacterSet = UTF_8
    found.SOPClassUID = RTStructureSetStorage
    found.SOPInstanceUID = meta.MediaStorageSOPInstanceUID
    found.Modality = "RTSTRUCT"
    found.Manufacturer = "Labeltrail"
    found.SeriesInstanceUID = uid(f"{key}/series")
    found.SeriesNumber = 1
    found.OperatorsName = ""
    found.InstanceCreationDate = found.StructureSetDate = date
    found.InstanceCreationTime = found.StructureSetTime = time
    found.StructureSetLabel = "Labels"
    found.FrameOfReferenceUID = first.FrameOfReferenceUID
    found.PositionReferenceIndicator = getattr(first, "PositionReferenceIndicator", None) or ""
    found.ApprovalStatus = "UNAPPROVED"
    for name in _COPIED:
        value = getattr(first, name, None)
        if value is not None or name in _REQUIRED:
            setattr(found, name, "" if value is None else value)
    return found
