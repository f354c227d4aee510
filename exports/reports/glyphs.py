"""Which characters the report's fonts can print, and what is done about the others.

A character that no font has would be printed as an empty box, without a word in any log. So the text is compared with
the fonts' tables first: what the vendored fonts lack is printed in Noto where the machine has it, else as its code
point in angle quotes, and the report says which of the two was done.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

from exports.reports.unpacked import FONTS, unpack_fonts

# One face of each script: the other weights and widths of a family cover the same characters.
COVERING = ("IBMPlexSans-Regular.woff2", "IBMPlexSansArabic-Regular.woff2", "IBMPlexSansHebrew-Regular.woff2")

_CJK = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
_CORE = Path("/usr/share/fonts/truetype/noto")
# fmt: off
_SCRIPTS = (
    "Armenian", "Bengali", "Devanagari", "Ethiopic", "Georgian", "Gujarati", "Gurmukhi", "Kannada", "Khmer", "Lao",
    "Malayalam", "Myanmar", "Oriya", "Sinhala", "Tamil", "Telugu", "Thai", "Tibetan", "Symbols", "Symbols2", "Math",
)
# fmt: on
FALLBACKS = (*(_CORE / f"NotoSans{script}-Regular.ttf" for script in _SCRIPTS), _CJK)
"""Where Debian's fonts-noto-core and fonts-noto-cjk put them, in the order they are asked."""

PLACEHOLDER = "'Rest'"
# Pango takes pictures from whatever emoji font the machine has, past every list of fonts, unless told to print text.
_PICTURES = re.compile("[\u231a-\u231b\u23e9-\u23fa\u25fd-\u27bf\u2b1b-\u2b55\U0001f000-\U0001faff](?!\ufe0e)")
_AS_TEXT = "\ufe0e"
# Ours, and printed by nothing: places to break, and isolates. Texts of others have theirs written out.
_UNSEEN = frozenset("\ufe0e\u200b\u2068\u2069")
# Our own marks, in characters that the fonts have; and no picture where its text form can be printed.
_SPELLED = str.maketrans({"⟦": "‹", "⟧": "›", "\ufe0f": "\ufe0e"})


@dataclass(frozen=True, slots=True)
class Fallback:
    """A font of the machine that the report had to use."""

    name: str
    version: str
    sha256: str
    path: Path


@dataclass(frozen=True, slots=True)
class Coverage:
    """What a text needs besides the vendored fonts: fonts of the machine, and characters that none here can print."""

    fallbacks: tuple[Fallback, ...]
    unprintable: tuple[str, ...]


def coverage(text: str) -> Coverage:
    """Compare every character of `text` with the fonts."""
    wanted = {char for char in set(text.translate(_SPELLED)) if char > "~"} - _UNSEEN - _vendored()
    used = []
    for path in FALLBACKS if wanted else ():
        if path.exists() and wanted & _characters(path):
            wanted -= _characters(path)
            used.append(_describe(path))
    return Coverage(tuple(used), tuple(sorted(wanted)))


def spelled(text: str, found: Coverage) -> str:
    """`text` with the unprintable characters written as ‹U+4E2D›, and marked so that Pango prints no pictures."""
    return _PICTURES.sub(rf"\g<0>{_AS_TEXT}", _spelled(text, found))


def spelled_plainly(text: str, found: Coverage) -> str:
    """The same for Typst, which knows no fonts but those it is given, and so needs no marks."""
    return _spelled(text, found).replace(_AS_TEXT, "")


def _spelled(text: str, found: Coverage) -> str:
    return text.translate(_SPELLED | {ord(char): f"‹U+{ord(char):04X}›" for char in found.unprintable})


def with_fallbacks(text: str, found: Coverage) -> str:
    """A stylesheet or page with the fallbacks in place of 'Rest', which ends its lists of fonts.

    Each is a family of its own: of a family with several files only the first would be asked for a missing character.
    A quote in a text of others is escaped, so none of them can hold the placeholder.
    """
    families = ", ".join(f"'{_family(place)}'" for place in range(len(found.fallbacks)))
    return text.replace(PLACEHOLDER, families) if families else text


def font_faces(found: Coverage) -> str:
    """The stylesheet's rules that declare the fallbacks."""
    return "".join(
        f"@font-face {{ font-family: '{_family(place)}'; src: url(fonts/{item.path.name}) }}\n"
        for place, item in enumerate(found.fallbacks)
    )


def _family(place: int) -> str:
    """RestA, RestB, …: Pango would take a number at the end of a name for a size."""
    return f"Rest{chr(ord('A') + place)}"


def copy_fonts(found: Coverage, folder: Path) -> None:
    """Put the fonts that a report needs into `folder`."""
    unpack_fonts(folder)
    for item in found.fallbacks:
        shutil.copyfile(item.path, folder / item.path.name)


@cache
def _vendored() -> frozenset[str]:
    return frozenset().union(*(_characters(FONTS / name) for name in COVERING))


@cache
def _characters(path: Path) -> frozenset[str]:
    with TTFont(path, fontNumber=0, lazy=True) as font:
        return frozenset(map(chr, font.getBestCmap()))


@cache
def _describe(path: Path) -> Fallback:
    with TTFont(path, fontNumber=0, lazy=True) as font:
        names = font["name"]
        return Fallback(
            names.getDebugName(1) or path.stem,
            names.getDebugName(5) or "version not stated",
            sha256(path.read_bytes()).hexdigest(),
            path,
        )
