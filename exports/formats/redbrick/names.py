"""Names of files and colours of classes in RedBrick AI's exports."""

from __future__ import annotations

import re
from hashlib import sha256

from audit.annotations import Ontology

Color = tuple[int, int, int]

PAINTED = "SEGMENTATION"
_OTHERS = re.compile(r"[^\w. #@+(),=\[\]{}!~-]+")
_SUFFIXES = (".nii", ".nii.gz", ".png", ".mhd", ".zraw", ".dcm")
_HEX = re.compile(r"#[0-9a-fA-F]{6}")


def file_name(name: str) -> str:
    """The name as RedBrick AI's SDK 2.35 writes it in paths; empty where nothing of it is left.

    One that ends as a mask's file does gets an underscore: its folder would take that file's name.
    """
    found = _OTHERS.sub("-", name).rstrip(" .")
    return f"{found}_" if found.lower().endswith(_SUFFIXES) else found


def colors_of(ontology: Ontology, *, painted: bool = False) -> dict[int, tuple[str, Color]]:
    """Title and colour of each class of objects by its number, from 0; with `painted` of those that masks have."""
    classes = [(job, one) for job in ontology.jobs if job.kind == "objects" for one in job.classes]
    numbered = all(one.key.isdecimal() for _, one in classes)
    return {
        (int(one.key) if numbered else place): (one.title, _color(one.color, one.key))
        for place, (job, one) in enumerate(classes)
        if not painted or PAINTED in job.tools
    }


def _color(told: str | None, key: str) -> Color:
    """As the taxonomy has it; else one that the class always gets, and that is not black."""
    if told is not None and _HEX.fullmatch(told):
        return int(told[1:3], 16), int(told[3:5], 16), int(told[5:7], 16)
    red, green, blue = sha256(key.encode()).digest()[:3]
    return red | 0x40, green, blue


def paths_of(ontology: Ontology) -> dict[int, str]:
    """Title of each class by its number, from 0, with the headings under which people find it before it."""
    classes = [one for job in ontology.jobs if job.kind == "objects" for one in job.classes]
    return {
        number: "/".join((*one.folders, one.title)) for number, one in zip(colors_of(ontology), classes, strict=True)
    }
