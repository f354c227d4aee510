"""Lines of a label file: a class's number and fractions of the picture."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from audit.annotations import LARGEST, Point, ProblemCode

MOST_CLASSES = 100_000
LINE_END = re.compile("\r\n?|\n")
"""Other marks that Python takes for line ends are none here."""


class BadLine(ValueError):
    """A line that says nothing that could be represented."""

    def __init__(self, code: ProblemCode, text: str) -> None:
        super().__init__(text)
        self.code: ProblemCode = code


class Drawn(NamedTuple):
    """What a line says: left, top, width and height of a box, or the corners of an outline."""

    class_: str
    box: tuple[float, float, float, float] | None
    outline: tuple[Point, ...]
    confidence: float | None


def lines_of(text: str) -> Iterator[tuple[int, list[str]]]:
    """The words of each line that has some, with its number from 1."""
    for number, line in enumerate(LINE_END.split(text.removeprefix("\ufeff")), 1):
        if words := line.split():
            yield number, words


def is_outline(words: list[str]) -> bool:
    """Whether a line is one of an outline: a box has four numbers behind its class, and what a model wrote one more."""
    return len(words) > 6


def class_number(word: str) -> int:
    """A class's number, which some programs write as 3.0. Raises BadLine."""
    value = _number(word, "a class")
    if not value.is_integer() or not 0 <= value < MOST_CLASSES:
        raise BadLine("unknown_class", f"{word[:30]!r} is no number of a class")
    return int(value)


def drawn(words: list[str], classes: Mapping[int, str]) -> Drawn:
    """What the line says. Raises BadLine."""
    number = class_number(words[0])
    if number not in classes:
        raise BadLine("unknown_class", f"there is no class {number}")
    if len(words) < 5:
        raise BadLine("no_geometry", "it has less than four numbers behind its class")
    numbers = [_number(word, "a coordinate") for word in words[1:]]
    confidence = numbers.pop() if len(numbers) % 2 else None
    if not is_outline(words):
        x, y, width, height = numbers
        if width < 0 or height < 0:
            raise BadLine("bad_geometry", "a width or height is less than 0")
        return Drawn(classes[number], (x - width / 2, y - height / 2, width, height), (), confidence)
    return Drawn(classes[number], None, tuple(zip(numbers[::2], numbers[1::2], strict=True)), confidence)


def _number(word: str, what: str) -> float:
    try:
        value = float(word) if word.isascii() and "_" not in word else math.nan
    except ValueError:
        value = math.nan
    if not abs(value) <= LARGEST:  # Nor is NaN.
        raise BadLine("bad_number", f"{word[:30]!r} is no number that {what} could have")
    return value
