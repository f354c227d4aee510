"""Names of files and colours of classes in RedBrick AI's exports."""

from __future__ import annotations

import re
from hashlib import sha256

from audit.ontology import Job, LabelClass, Ontology
from audit.sources.redbrick.media import PICTURES, VIDEOS

Color = tuple[int, int, int]

PAINTED = "SEGMENTATION"
_OTHERS = re.compile(r"[^\w. #@+(),=\[\]{}!~-]+")
_SUFFIXES = (".nii", ".nii.gz", ".png", ".mhd", ".zraw", ".dcm")
_NO_DICOM = (*sorted(PICTURES | VIDEOS), ".pdf", ".nii", ".nii.gz", ".nrrd", ".mha")
_HEX = re.compile(r"#[0-9a-fA-F]{6}")


def file_name(name: str) -> str:
    """The name as RedBrick AI's SDK 2.35 writes it in paths; empty where nothing of it is left.

    One that ends as a mask's file does gets an underscore: its folder would take that file's name.
    """
    found = cleaned(name)
    return f"{found}_" if found.lower().endswith(_SUFFIXES) else found


def cleaned(name: str) -> str:
    """The name with a hyphen for each run of characters that RedBrick AI's SDK 2.35 keeps out of paths."""
    return _OTHERS.sub("-", name).rstrip(" .")


def image_name(path: str) -> str:
    """What the file of an image is called, by its path or address in the storage."""
    return cleaned(path.partition("?")[0].rstrip("/").rpartition("/")[2]) or "image"


def may_be_dicom(path: str) -> bool:
    """Whether an image, by its path or address, may be a DICOM file: they are called in any way."""
    return not path.partition("?")[0].lower().endswith(_NO_DICOM)


def colors_of(ontology: Ontology, *, painted: bool = False) -> dict[int, tuple[str, Color]]:
    """Title and colour of each class of objects by its number, from 0; with `painted` of those that masks have."""
    return {
        number: (one.title, _color(one.color, one.key))
        for number, job, one in _numbered(ontology)
        if not painted or PAINTED in job.tools
    }


def paths_of(ontology: Ontology) -> dict[int, str]:
    """The way to each class of objects by its number: headings and its title, with slashes between."""
    return {number: "/".join((*one.folders, one.title)) for number, _, one in _numbered(ontology)}


def class_numbers(ontology: Ontology) -> dict[tuple[str, str], int]:
    """The number of each class of objects, from 0, by the keys of its job and its own."""
    return {(job.key, one.key): number for number, job, one in _numbered(ontology)}


def _numbered(ontology: Ontology) -> list[tuple[int, Job, LabelClass]]:
    """Classes of RedBrick AI are numbered by their taxonomy, those of other platforms in their order."""
    classes = [(job, one) for job in ontology.jobs if job.kind == "objects" for one in job.classes]
    numbers = [int(one.key) if one.key.isdecimal() and len(one.key) < 5 else -1 for _, one in classes]
    own = -1 not in numbers and len(set(numbers)) == len(numbers)
    return [
        (number if own else at, job, one) for at, (number, (job, one)) in enumerate(zip(numbers, classes, strict=True))
    ]


def _color(told: str | None, key: str) -> Color:
    """As the taxonomy has it; else one that the class always gets, and that is not black."""
    if told is not None and _HEX.fullmatch(told):
        return int(told[1:3], 16), int(told[3:5], 16), int(told[5:7], 16)
    red, green, blue = sha256(key.encode()).digest()[:3]
    return red | 0x40, green, blue
