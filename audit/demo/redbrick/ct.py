"""The CT series of the invented patients: DICOM files (PS3.3 A.3, CT Image), the same bytes every time.

What was drawn lies on them: masks have their geometry, and lesions look unlike the liver around them.
"""

from __future__ import annotations

import io
import zlib
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, CTImageStorage, ExplicitVRLittleEndian

from audit.demo.redbrick import taxonomy as classes
from audit.demo.redbrick.body import ORIGIN, SHAPE, SPACING, lesions
from audit.demo.redbrick.nifti import ball
from audit.demo.redbrick.story import TaskStory

AIR = -1024
_LIVER = {"arterial": 75, "portal": 112, "delayed": 95, "noncontrast": 56}
_LESIONS = {
    classes.METASTASIS: {"arterial": 50, "portal": 62, "delayed": 60, "noncontrast": 38},
    classes.CYST: dict.fromkeys(_LIVER, 8),
    classes.HAEMANGIOMA: {"arterial": 170, "portal": 150, "delayed": 125, "noncontrast": 36},
}
"""Hounsfield units by phase."""


def slice_file(story: TaskStory, series: str, number: int) -> bytes | None:
    """A slice, from 1 upwards, of the task's series; None where there is none."""
    if series not in _LIVER or series not in story.series or not 1 <= number <= SHAPE[2]:
        return None
    image = _described(story, series, number)
    rows = _hounsfield(story, series, number - 1).T
    image.PixelData = (rows - AIR).clip(0, 4095).astype("<u2").tobytes()
    image.file_meta = FileMetaDataset()
    image.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    image.file_meta.ImplementationClassUID = _uid("writer")
    out = io.BytesIO()
    image.save_as(out, enforce_file_format=True)
    return out.getvalue()


def _hounsfield(story: TaskStory, phase: str, at: int) -> NDArray[np.int16]:
    """Columns and rows of a slice: a body with its spine, its liver and what is in it."""
    found = np.full(SHAPE[:2], AIR, np.int16)

    def fill(value: int, center: tuple[float, float, float], radii: tuple[float, float, float]) -> None:
        x, y, z = center
        found[ball((*SHAPE[:2], 1), (x, y, z - at), radii)[:, :, 0]] = value

    fill(-90, (31.5, 31.5, 8), (29.0, 23.0, 60.0))
    fill(48, (31.5, 31.5, 8), (26.5, 20.5, 60.0))
    fill(_LIVER[phase], (26.0, 29.0, 7.5), (17.0, 14.5, 7.5))
    fill(420, (32.0, 45.0, 8), (4.5, 4.0, 60.0))
    fill(_LIVER[phase] * 2, (34.5, 38.5, 8), (2.0, 2.0, 60.0))
    for lesion in lesions(story):
        fill(_LESIONS[lesion.kind][phase], lesion.center, lesion.radii)
    noise = np.random.default_rng(zlib.crc32(f"{story.id}/{at}".encode())).integers(-9, 10, SHAPE[:2], np.int16)
    return np.where(found > AIR, found + noise, found).astype(np.int16)


def _described(story: TaskStory, series: str, number: int) -> Dataset:
    taken = datetime.fromisoformat(story.events[0]["createdAt"])
    found = Dataset()
    found.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    found.SOPClassUID = CTImageStorage
    found.SOPInstanceUID = _uid(f"{story.id}/{series}/{number}")
    found.StudyInstanceUID = _uid(story.id)
    found.SeriesInstanceUID = _uid(f"{story.id}/{series}")
    found.FrameOfReferenceUID = _uid(f"{story.id}/frame")
    found.StudyDate = found.SeriesDate = found.ContentDate = taken.strftime("%Y%m%d")
    found.StudyTime = found.SeriesTime = found.ContentTime = taken.strftime("%H%M%S")
    found.AccessionNumber, found.StudyID = f"A{story.number:06d}", f"{story.number}"
    found.Modality, found.BodyPartExamined, found.Manufacturer = "CT", "ABDOMEN", "Invented"
    found.ManufacturerModelName = story.metadata["scanner"]
    found.StudyDescription, found.SeriesDescription = "CT abdomen (invented)", series
    found.ReferringPhysicianName = ""
    found.PatientName, found.PatientID = f"Invented^{story.number:04d}", f"CT-ABD-{story.number:04d}"
    found.PatientBirthDate = found.PatientSex = ""
    found.PatientIdentityRemoved, found.DeidentificationMethod = "YES", "There is no such person"
    found.PatientPosition, found.PositionReferenceIndicator = "HFS", ""
    found.SeriesNumber, found.AcquisitionNumber, found.InstanceNumber = 1, 1, number
    found.KVP, found.SliceThickness = 120, SPACING[2]
    found.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    found.ImagePositionPatient = [*ORIGIN[:2], ORIGIN[2] + SPACING[2] * (number - 1)]
    found.PixelSpacing = [SPACING[1], SPACING[0]]
    found.SamplesPerPixel, found.PhotometricInterpretation = 1, "MONOCHROME2"
    found.Rows, found.Columns = SHAPE[1], SHAPE[0]
    found.BitsAllocated, found.BitsStored, found.HighBit, found.PixelRepresentation = 16, 12, 11, 0
    found.RescaleIntercept, found.RescaleSlope, found.RescaleType = AIR, 1, "HU"
    found.WindowCenter, found.WindowWidth = 60, 400
    return found


def _uid(key: str) -> UID:
    """The same for the same key (PS3.5 B.2)."""
    return UID(f"2.25.{uuid5(NAMESPACE_URL, f'https://demo.example.org/{key}').int}")
