"""Pixels as runs, the way COCO counts them: columns first, beginning with the zeros."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from audit.annotations import Ring
from exports.formats.labels.shapes import Part

Spans = npt.NDArray[np.int64]
"""Covered pixels as rows of (first, end) over x * height + y, by first, none touching the next."""


def spans_of(parts: Sequence[Part], width: int, height: int) -> Spans:
    """The pixels whose centres lie in any of the parts, holes aside (even-odd rule)."""
    found = [_rasterised((outline, *holes), width, height) for outline, holes in parts]
    return united(np.concatenate(found) if found else np.empty((0, 2), np.int64))


def united(spans: Spans) -> Spans:
    """Spans in any order, those that touch or lie over one another as one."""
    if not len(spans):
        return spans
    spans = spans[np.argsort(spans[:, 0], kind="stable")]
    reach = np.maximum.accumulate(spans[:, 1])
    begins = np.concatenate(([True], spans[1:, 0] > reach[:-1]))
    ends = np.concatenate((np.flatnonzero(begins)[1:] - 1, [len(spans) - 1]))
    return np.stack((spans[begins, 0], reach[ends]), axis=1)


def _rasterised(rings: Sequence[Ring], width: int, height: int) -> Spans:
    """Where each column's middle line is inside: between its first and second crossing, third and fourth, ..."""
    ends = [np.array((ring, (*ring[1:], ring[0])), dtype=np.float64) for ring in rings]
    a, b = (np.concatenate([pair[side] for pair in ends]) for side in (0, 1))
    swap = a[:, 0] > b[:, 0]
    a[swap], b[swap] = b[swap], a[swap]
    # Columns x with a.x <= x + 0.5 < b.x: half open, so that a corner on the line counts once.
    first = np.clip(np.ceil(a[:, 0] - 0.5), 0, width).astype(np.int64)
    past = np.clip(np.ceil(b[:, 0] - 0.5), 0, width).astype(np.int64)
    many = np.maximum(past - first, 0)
    edge = np.repeat(np.arange(len(a)), many)
    column = first[edge] + np.arange(len(edge)) - np.repeat(np.cumsum(many) - many, many)
    slope = (b[edge, 1] - a[edge, 1]) / (b[edge, 0] - a[edge, 0])
    y = a[edge, 1] + (column + 0.5 - a[edge, 0]) * slope
    order = np.lexsort((y, column))
    row = np.clip(np.ceil(y[order] - 0.5), 0, height).astype(np.int64)
    at = column[order] * height + row
    spans: Spans = at.reshape(-1, 2)
    return spans[spans[:, 0] < spans[:, 1]]


def counts_of(spans: Spans, width: int, height: int) -> list[int]:
    """COCO's uncompressed run lengths."""
    marks = np.concatenate(([0], spans.ravel(), [width * height]))
    counts = np.diff(marks)
    # No last run of zeros where the last pixel is covered.
    found: list[int] = (counts[:-1] if counts[-1] == 0 else counts).tolist()
    return found


def spans_from(counts: Sequence[int]) -> Spans:
    """Run lengths as spans."""
    marks = np.cumsum(np.array(counts, dtype=np.int64))
    if len(marks) % 2:
        marks = marks[:-1]
    spans = marks.reshape(-1, 2)
    return united(spans[spans[:, 0] < spans[:, 1]])


def spans_of_pixels(covered: npt.NDArray[np.bool_]) -> Spans:
    """The spans of pixels that are true, of an array (height, width)."""
    edges = np.flatnonzero(np.diff(covered.ravel(order="F").astype(np.int8), prepend=0, append=0))
    spans: Spans = edges.reshape(-1, 2).astype(np.int64)
    return spans


def area_of(spans: Spans) -> int:
    """How many pixels."""
    return int((spans[:, 1] - spans[:, 0]).sum())


def bounds_of(spans: Spans, height: int) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of at least one span; right and bottom are past the last pixel."""
    first, last = spans[:, 0], spans[:, 1] - 1
    left, right = int(first.min()) // height, int(last.max()) // height + 1
    whole = bool((first // height != last // height).any())
    top = 0 if whole else int((first % height).min())
    bottom = height if whole else int((last % height).max()) + 1
    return left, top, right, bottom
