"""Names of files inside an archive, from names that people gave: safe on every system, and each only once."""

from __future__ import annotations

import re
from hashlib import sha256

from exports.archive.zipwriter import name_key
from exportsite.digests import Digests

SUFFIXES = frozenset(
    [
        ".jpeg",
        ".jpg",
        ".png",
        ".bmp",
        ".gif",
        ".webp",
        ".ico",
        ".tif",
        ".tiff",
        ".mp4",
        ".mov",
        ".avi",
        ".webm",
        ".mkv",
        ".pdf",
        ".txt",
        ".html",
        ".json",
        ".mp3",
        ".wav",
    ]
)
"""What names of media end with."""
_OF_FILES = SUFFIXES | {".xml", ".geojson"}
"""What files are called in archives: a folder called so may have the path of a file."""
LONGEST_PART = 180
"""Bytes of one part of a path: most file systems take 255, and suffixes come behind."""

# Marks that say in which direction to read show a name as another one than it is.
_UNSAFE = re.compile(r'[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\\:*?"<>|\ud800-\udfff]')
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")
_NUMBERED = re.compile("(.*)_([0-9]+)", re.DOTALL)


def suffix_of(name: str) -> str:
    """The suffix of a medium's name with its dot, as it is written there; empty for none that is known."""
    _, dot, end = name.rpartition(".")
    return f".{end}" if dot and f".{end}".lower() in SUFFIXES and _ else ""


def safe(path: str) -> str:
    """A relative path that every system takes: folders stay, what no name may hold becomes an underscore."""
    return "/".join(_part(part) for part in path.split("/"))


def _part(part: str) -> str:
    part = _UNSAFE.sub("_", part)
    if part.strip(". ") == "":
        return "_" * max(len(part), 1) if len(part) < LONGEST_PART else "_"
    if part[-1] in ". ":
        part = f"{part.rstrip('. ')}_"
    if _RESERVED.fullmatch(part):
        part = f"_{part}"
    if len(encoded := part.encode()) > LONGEST_PART:
        part = encoded[: LONGEST_PART - 9].decode(errors="ignore") + "~" + sha256(encoded).hexdigest()[:8]
    return part


class Names:
    """Gives each name out once; those that differ only in case or composition are one. It keeps a digest of each.

    Pictures of a video are called by its name with a number of some digits behind: no other name is such a one. Nor has
    a folder the path of a file: of `x`, which has a file x.txt, and `x.txt/y` the second one is called otherwise.
    """

    def __init__(self) -> None:
        self._taken = Digests()
        self._last: dict[int, int] = {}
        self._folders = self._films = False

    def take(self, path: str, digits: int = 0) -> str:
        """The path made safe, with _2, _3, ... behind where it is taken. `digits` are those of a video's pictures."""
        path = found = self._apart(safe(path))
        while not self._is_free(found, digits):
            first = name_key(path)
            self._last[first] = self._last.get(first, 1) + 1
            found = f"{path}_{self._last[first]}"
        return found

    def _apart(self, path: str) -> str:
        """The path with folders that are no files."""
        *folders, last = path.split("/")
        at = ""
        for folder in folders:
            stem, dot, suffix = folder.rpartition(".")
            if stem and f"{dot}{suffix}".lower() in _OF_FILES:
                if name_key(at + stem) in self._taken:
                    folder += "_"
                else:
                    self._folders = True
                    self._taken.add(_series("folder", at + stem, 0))
            at += f"{folder}/"
        return at + last

    def _is_free(self, name: str, digits: int) -> bool:
        """Whether nothing else is called so; then the name is taken."""
        own = name_key(name)
        if own in self._taken or (self._folders and _series("folder", name, 0) in self._taken):
            return False
        if digits:
            if _series("numbered", name, digits) in self._taken:
                return False
            self._taken.add(_series("pictures", name, digits))
            self._films = True
        elif name[-1:].isdecimal() and (numbered := _NUMBERED.fullmatch(name)) is not None:
            stem, number = numbered.groups()
            if self._films and _series("pictures", stem, len(number)) in self._taken:
                return False
            self._taken.add(_series("numbered", stem, len(number)))
        self._taken.add(own)
        return True


def _series(of: str, stem: str, digits: int) -> int:
    """The digest of all names that are this stem and a number (of a video's `pictures`, or of others that are
    `numbered` so), or this stem and a suffix (`folder`)."""
    return name_key(f"{of}/{digits}//{stem}")
