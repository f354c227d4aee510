"""The vendored fonts as the renderers read them: unpacked, mended, and kept in LABELTRAIL_HOME for the next report.

Unpacking takes two seconds of work, more than most of the rest of a report. What is kept has the hash of the published
file and the version of the tool in its name, so another font or tool never gets what an earlier one left.
"""

from __future__ import annotations

import io
import os
import shutil
import tempfile
import unicodedata
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from fontTools import version  # type: ignore[import-untyped]
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

FONTS = Path(__file__).resolve().parent / "fonts"
_MENDED = 1
"""Counts how mending changed: what an earlier way left is not used."""
_MARK_TO_BASE = 4
"""The lookup type of GPOS (OpenType, "MarkToBase attachment")."""


def unpack_fonts(folder: Path) -> None:
    """Put the vendored fonts into `folder`, as both renderers read them."""
    folder.mkdir(exist_ok=True)
    for path in sorted(FONTS.glob("*.woff2")):
        shutil.copyfile(_kept(path), folder / f"{path.stem}.ttf")


def _kept(path: Path) -> Path:
    """The unpacked font in LABELTRAIL_HOME, which is made when it is not there. Several processes may do so at once."""
    packed = path.read_bytes()
    digest = sha256(b"\0".join((packed, version.encode(), b"%d" % _MENDED))).hexdigest()[:16]
    place = Path(settings.LABELTRAIL_HOME) / "fonts" / f"{path.stem}-{digest}.ttf"
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=place.parent, delete=False) as draft:
            draft.write(_unpacked(packed))
            # A machine that stops now must not leave half a font under the name.
            draft.flush()
            os.fsync(draft.fileno())
        os.replace(draft.name, place)
    return place


def _unpacked(packed: bytes) -> bytes:
    """The font without WOFF2's packing, which Typst does not read, and with accents that stand alone."""
    # Otherwise the font says that it was changed now, and no two PDFs are equal.
    with TTFont(io.BytesIO(packed), recalcBBoxes=False, recalcTimestamp=False) as font, io.BytesIO() as target:
        _let_accents_stand(font)
        font.flavor = None
        font.save(target)
        return target.getvalue()


def _let_accents_stand(font: TTFont) -> None:
    """Let spacing accents stand alone: Plex sets them onto the letter before, so that raw` would be printed as raẁ."""
    characters = font.getBestCmap()
    spacing = {glyph for code, glyph in characters.items() if not unicodedata.combining(chr(code))}
    for lookup in font["GPOS"].table.LookupList.Lookup:
        for table in lookup.SubTable:
            table = getattr(table, "ExtSubTable", table)
            if table.LookupType != _MARK_TO_BASE:
                continue
            kept = [
                (glyph, record)
                for glyph, record in zip(table.MarkCoverage.glyphs, table.MarkArray.MarkRecord, strict=True)
                if glyph not in spacing
            ]
            table.MarkCoverage.glyphs = [glyph for glyph, _ in kept]
            table.MarkArray.MarkRecord = [record for _, record in kept]
            table.MarkArray.MarkCount = len(kept)
