"""Masks as pictures that stand in a text: for formats whose masks are addresses of pictures (RFC 2397)."""

from __future__ import annotations

import base64
import struct
from collections.abc import Sequence

import numpy as np
from isal import isal_zlib

from audit.annotations import Annotation, Box, Ellipse, Mask, Medium, Polygon, rounded
from exports.formats.labels.runs import Spans, spans_from, spans_of, united
from exports.formats.labels.shapes import Unwritable, shape_of

Size = tuple[int, int]
WHITE = 255
_BAND = 1 << 20
"""Pixels that are compressed at a time."""
_DEFLATED, _ZLIB = 8, 15


def is_area(one: Annotation) -> bool:
    """Whether it encloses pixels."""
    return isinstance(one, Box | Polygon | Ellipse | Mask)


def covered(one: Annotation, medium: Medium) -> tuple[Spans, Size]:
    """The pixels whose centres it encloses, and the width and height of its picture. Raises Unwritable.

    Masks come as run lengths.
    """
    size = _size(one, medium)
    spans = _spans(one, *size)
    if not len(spans):
        raise Unwritable("bad_geometry", "it covers no pixel's centre")
    return spans, size


def picture_of(parts: Sequence[tuple[Spans, Size]]) -> str:
    """The address of a grey PNG: what the parts cover, all of one picture, is white."""
    spans, (width, height) = parts[0]
    if len(parts) > 1:
        spans = united(np.concatenate([one for one, _ in parts]))
    return "data:image/png;base64," + base64.b64encode(png_of(spans, width, height)).decode()


def png_of(spans: Spans, width: int, height: int) -> bytes:
    """A PNG of grey values (W3C PNG, third edition), without a filter: masks need none."""
    edges = np.zeros(width * height + 1, np.int8)
    edges[spans[:, 0]] += 1
    edges[spans[:, 1]] -= 1
    columns = np.cumsum(edges[:-1], dtype=np.int8).view(np.uint8).reshape(width, height)
    deflate = isal_zlib.compressobj(1, _DEFLATED, _ZLIB)
    packed = []
    step = max(1, _BAND // width)
    for top in range(0, height, step):
        band = columns[:, top : top + step].T
        rows = np.zeros((len(band), 1 + width), np.uint8)
        np.multiply(band, np.uint8(WHITE), out=rows[:, 1:])
        packed.append(deflate.compress(rows.tobytes()))
    packed.append(deflate.flush())
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)),
        (b"IDAT", b"".join(packed)),
        (b"IEND", b""),
    )
    chunks = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", isal_zlib.crc32(kind + data))
        for kind, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _size(one: Annotation, medium: Medium) -> Size:
    """The medium's, else that of a mask."""
    if medium.width and medium.height:
        return rounded(medium.width), rounded(medium.height)
    if isinstance(one, Mask) and one.width and one.height:
        return one.width, one.height
    raise Unwritable("no_size", "the size of what it is drawn on is not known, so there are no pixels")


def _spans(one: Annotation, width: int, height: int) -> Spans:
    if not isinstance(one, Mask):
        return spans_of(shape_of(one, width, height).parts, width, height)
    if not one.counts:
        raise Unwritable("no_geometry", "its mask has no pixels")
    if (one.width, one.height) != (width, height) or sum(one.counts) != width * height or min(one.counts) < 0:
        raise Unwritable("bad_geometry", f"its mask is one of {one.width} x {one.height} pixels, its picture is not")
    return spans_from(one.counts)
