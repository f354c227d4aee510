"""Members of a container that are pictures, or that a data set of pictures has."""

from __future__ import annotations

import os
import warnings
from bisect import bisect_left
from collections.abc import Iterator, Set
from os.path import splitext
from typing import IO, cast

from PIL import Image

from audit.sources.base import SourceError
from audit.sources.exported.container import Container
from audit.sources.files.errors import BadFile, quoted
from audit.sources.mediafacts import SUFFIXES

PICTURES = tuple(f".{suffix}" for suffix, kind in SUFFIXES.items() if kind == "image" and suffix != "svg")
"""What names of pictures end with."""
_FORMATS = ("BMP", "GIF", "JPEG", "PNG", "TIFF", "WEBP")
_ORIENTATION, _TURNED = 0x0112, (5, 6, 7, 8)
_LARGEST_HEADER = 64 * 1024 * 1024


def files_of(container: Container, folder: str = "") -> Iterator[tuple[int, str]]:
    """The members below a folder (empty, or with a slash behind it), each with its place among the container's names
    and its path within the folder; without what systems put beside files."""
    names = container.names
    for place in range(bisect_left(names, folder), len(names)):
        name = names[place]
        if not name.startswith(folder):
            break
        if not ("/._" in name or name.startswith("._") or "__MACOSX/" in name):
            yield place, name[len(folder) :]


def plain(name: str) -> str:
    """A name as text: a file system's bytes that are no UTF-8 are U+FFFD."""
    return os.fsencode(name).decode("utf-8", "replace")


def key_of(path: str, parting: Set[str]) -> str:
    """What a picture and its file of labels have in common: the path without suffix, and without the folder that parts
    them: the outermost where it is one of `parting`, else the innermost that is."""
    *folders, last = path.split("/")
    place = next((at for at in (*range(1), *range(len(folders))[::-1]) if {*folders[at : at + 1]} & parting), None)
    if place is not None:
        del folders[place]
    return plain("/".join([*folders, splitext(last)[0]]))


def text_of(container: Container, name: str, most: int) -> str:
    """All of a member, which is UTF-8. Raises BadFile."""
    try:
        return container.read(name, most).decode()
    except UnicodeDecodeError as problem:
        where = f"{quoted(plain(name))} is no UTF-8 from its byte {problem.start:,} on; save it as UTF-8"
        raise SourceError("answer", where) from None


def size_of(container: Container, name: str) -> tuple[int, int] | None:
    """Width and height of a picture as people see it, by the head of its file; None where that does not tell."""
    with container.open(name) as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with Image.open(cast("IO[bytes]", _Head(file)), formats=_FORMATS) as picture:
                turned = picture.getexif().get(_ORIENTATION) in _TURNED
                return (picture.height, picture.width) if turned else picture.size
        except BadFile:
            raise
        except Exception:  # Pillow raises nearly anything for what is no picture: then its size is not known.
            return None


class _Head:
    """The head of a member, which can be read again: members of zips can't be sought in."""

    def __init__(self, raw: IO[bytes]) -> None:
        self._raw = raw
        self._data = bytearray()
        self._at = 0

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        end = _LARGEST_HEADER if size < 0 else min(self._at + size, _LARGEST_HEADER)
        while len(self._data) < end and (more := self._raw.read(end - len(self._data))):
            self._data += more
        found = bytes(self._data[self._at : end])
        self._at += len(found)
        return found

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go to a place; from the end is not possible."""
        if whence == os.SEEK_END:
            raise OSError("a member's end is not known")
        self._at = offset + (self._at if whence == os.SEEK_CUR else 0)
        return self._at

    def tell(self) -> int:
        """The place."""
        return self._at
