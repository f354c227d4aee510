"""What an XML file of Pascal VOC says: the picture's name and size, and its objects."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from audit.annotations import LARGEST, ProblemCode

JOB = "objects"
"""The job of an object that names none."""
FLAGS = ("truncated", "occluded", "difficult")
POSE, NO_POSE = "pose", "unspecified"
Edges = tuple[float, float, float, float]
"""Left, top, right, bottom as the file has them."""


class NoAnnotation(ValueError):
    """The text is no annotation of Pascal VOC; why, for people."""


class BadObject(ValueError):
    """An object that can't be represented."""

    def __init__(self, code: ProblemCode, text: str) -> None:
        super().__init__(text)
        self.code: ProblemCode = code


@dataclass(frozen=True, slots=True)
class Thing:
    """An object, or a part of one: its number in the file from 1 (of a part 2.1), and what is said of it."""

    number: str
    of: str
    element: Element

    @property
    def name(self) -> str:
        """Its class; empty where it has none."""
        return _text(self.element, "name")

    @property
    def job(self) -> str:
        """Its job, as Kili's SDK and Labeltrail write it."""
        return _text(self.element, "job_name") or JOB

    def answers(self) -> Iterator[tuple[str, str]]:
        """What is said of it besides: flags that are set, and from where it is seen."""
        for flag in FLAGS:
            if _text(self.element, flag).lower() in ("1", "true", "yes"):
                yield flag, "1"
        if (pose := _text(self.element, POSE)) and pose.lower() != NO_POSE:
            yield POSE, pose

    def edges(self) -> Edges:
        """Its box. Raises BadObject."""
        box = self.element.find("bndbox")
        if box is None:
            raise BadObject("no_geometry", "it has no bndbox")
        left, top, right, bottom = (_edge(box, name) for name in ("xmin", "ymin", "xmax", "ymax"))
        if right < left or bottom < top:
            raise BadObject("bad_geometry", "the right or lower edge of its bndbox is before the other one")
        return left, top, right, bottom


@dataclass(frozen=True, slots=True)
class Annotated:
    """A file: the picture's name, its size where there is one, the data set that it says to be of, and the objects."""

    name: str
    size: tuple[float, float] | None
    database: str
    things: tuple[Thing, ...]


def annotated(text: str) -> Annotated:
    """What the file says. Raises NoAnnotation."""
    try:
        root = fromstring(text.removeprefix("\ufeff"), forbid_dtd=True)
    except DefusedXmlException:
        raise NoAnnotation("it has a DOCTYPE, which no annotation needs and which may define anything") from None
    except ParseError as problem:
        raise NoAnnotation(f"it is no XML: {problem}") from None
    except ValueError as problem:
        raise NoAnnotation(f"it is no XML: {str(problem)[:200]}") from None
    if root.tag != "annotation":
        raise NoAnnotation(f"its root is <{str(root.tag)[:60]}>, not <annotation>")
    return Annotated(_text(root, "filename"), _size(root), _text(root, "source/database"), tuple(_things(root)))


def _things(root: Element) -> Iterator[Thing]:
    for number, one in enumerate(root.findall("object"), 1):
        yield Thing(str(number), str(number), one)
        for place, part in enumerate(one.findall("part"), 1):
            yield Thing(f"{number}.{place}", str(number), part)


def _size(root: Element) -> tuple[float, float] | None:
    found = [_number(_text(root, f"size/{name}")) for name in ("width", "height")]
    width, height = (value if value is not None and value > 0 else None for value in found)
    return None if width is None or height is None else (width, height)


def _edge(box: Element, name: str) -> float:
    written = _text(box, name)
    if (value := _number(written)) is None:
        raise BadObject("bad_number", f"{name} of its bndbox is no number: {written[:30]!r}")
    return value


def _number(written: str) -> float | None:
    try:
        value = float(written) if written.isascii() and "_" not in written else math.nan
    except ValueError:
        return None
    return value if abs(value) <= LARGEST else None


def _text(element: Element, path: str) -> str:
    return (element.findtext(path) or "").strip()
