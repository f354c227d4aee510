"""What can be wrong with a file, and with what was asked of it."""

from __future__ import annotations

from collections.abc import Iterable

from exportsite import nearest as spelling
from exportsite.text import short, visible_line


class BadFile(Exception):
    """A file that can't be read as what it should be. `line` counts from 1; None where the whole file is meant."""

    def __init__(self, path: str, line: int | None, text: str) -> None:
        super().__init__(path, line, text)
        self.path = path
        self.line = line
        self.text = text

    def __str__(self) -> str:
        return f"{self.path}{'' if self.line is None else f', line {self.line}'}: {self.text}"


class BadOption(ValueError):
    """An option that can't be followed; the text names it and what to write instead."""


def nearest(word: str, known: Iterable[str]) -> str:
    """` (nearest: NAME)`, to be appended to an error text; nothing when no known word is like it."""
    found = spelling.nearest(word, known)
    return f" (nearest: {found})" if found else ""


def quoted(value: str) -> str:
    """A file's own text for an error text: short, on one line, with nothing that acts unseen."""
    return f'"{visible_line(short(value, 60))}"'


def listed(names: Iterable[str], most: int = 30) -> str:
    """Names for an error text, the first `most` of them."""
    shown = [quoted(name) for name in names]
    return ", ".join(shown[:most]) + (f" and {len(shown) - most} more" if len(shown) > most else "")
