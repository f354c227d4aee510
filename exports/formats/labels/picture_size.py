"""Width, height and kind of a picture, from the first bytes of its file: for those whose platform does not say them.

PNG (ISO/IEC 15948 11.2.2), JPEG (ITU-T T.81 B.2.2), GIF89a 18, BMP, WebP (RFC 9649). As people see it: JPEG's EXIF may
say that it lies on its side (CIPA DC-008 4.6.4).
"""

from __future__ import annotations

import struct
from typing import IO

Size = tuple[int, int]

FIRST = 1 << 20
"""Bytes that are looked at: JPEG has thumbnails and colour profiles before its size."""
_BEGINNINGS = {
    ".png": (b"\x89PNG\r\n\x1a\n",),
    ".jpg": (b"\xff\xd8\xff",),
    ".gif": (b"GIF87a", b"GIF89a"),
    ".bmp": (b"BM",),
    ".tif": (b"II*\0", b"MM\0*"),
    ".pdf": (b"%PDF-",),
}
_NO_FRAMES = frozenset({0xC4, 0xC8, 0xCC})
"""JPEG's markers from C0 to CF that begin no frame: tables, and one that is reserved."""
_ORIENTATION = 0x0112
_ON_ITS_SIDE = frozenset({5, 6, 7, 8})


def picture_size(file: IO[bytes]) -> Size | None:
    """Width and height in pixels; None where the file is none of these pictures, or says neither."""
    data = file.read(FIRST)
    try:
        size = _size(data)
    except (struct.error, IndexError):
        return None
    return size if size is not None and min(size) > 0 else None


def suffix_within(file: IO[bytes]) -> str:
    """The suffix that fits what the file holds, a picture or a PDF; empty for anything else."""
    data = file.read(16)
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return ".webp"
    return next((suffix for suffix, begins in _BEGINNINGS.items() if data.startswith(begins)), "")


def _size(data: bytes) -> Size | None:
    if data.startswith(b"\x89PNG\r\n\x1a\n") and data[12:16] == b"IHDR":
        return _two(">II", data, 16)
    if data.startswith(b"\xff\xd8"):
        return _jpeg(data)
    if data[:6] in (b"GIF87a", b"GIF89a"):
        return _two("<HH", data, 6)
    if data.startswith(b"BM"):
        width, height = _two("<ii", data, 18) if struct.unpack_from("<I", data, 14)[0] >= 40 else _two("<HH", data, 18)
        return width, abs(height)  # Negative where its rows come from above.
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return _webp(data)
    return None


def _two(form: str, data: bytes, at: int) -> Size:
    one, other = struct.unpack_from(form, data, at)
    return one, other


def _webp(data: bytes) -> Size | None:
    kind = data[12:16]
    if kind == b"VP8 ":
        width, height = _two("<HH", data, 26)
        return width & 0x3FFF, height & 0x3FFF
    if kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, 21)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8X":
        return int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
    return None


def _jpeg(data: bytes) -> Size | None:
    at, turned = 2, False
    while data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:  # Bytes to fill up with.
            at += 1
            continue
        (length,) = struct.unpack_from(">H", data, at + 2)
        if marker == 0xE1 and data[at + 4 : at + 10] == b"Exif\0\0":
            turned = _on_its_side(data[at + 10 : at + 2 + length])
        if 0xC0 <= marker <= 0xCF and marker not in _NO_FRAMES:
            height, width = _two(">HH", data, at + 5)
            return (height, width) if turned else (width, height)
        at += 2 + length
    return None


def _on_its_side(tiff: bytes) -> bool:
    """Whether EXIF's first directory says that people see it turned by a quarter."""
    order = "<" if tiff.startswith(b"II") else ">"
    try:
        (first,) = struct.unpack_from(f"{order}I", tiff, 4)
        (count,) = struct.unpack_from(f"{order}H", tiff, first)
        for place in range(count):
            tag, _, _, value = struct.unpack_from(f"{order}HHIH", tiff, first + 2 + 12 * place)
            if tag == _ORIENTATION:
                return value in _ON_ITS_SIDE
    except struct.error:
        return False
    return False
