"""Outlines to runs, against the rule applied to every pixel, and against pycocotools' reading of the runs."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools import mask
from shapely import Polygon

from exports.formats.labels.runs import area_of, bounds_of, counts_of, spans_from, spans_of
from exports.formats.labels.shapes import is_simple

sides = st.integers(1, 40)
places = st.floats(-3, 43, allow_subnormal=False, width=32)
rings = st.lists(st.tuples(places, places), min_size=3, max_size=10).map(tuple)


def _inside(rings_, width, height):
    y, x = np.mgrid[0:height, 0:width] + 0.5
    found = np.zeros((height, width), bool)
    for ring in rings_:
        for (x0, y0), (x1, y1) in zip(ring, ring[1:] + ring[:1], strict=True):
            if x0 != x1:
                found ^= ((x0 <= x) != (x1 <= x)) & (y0 + (x - x0) / (x1 - x0) * (y1 - y0) <= y)
    return found


@settings(max_examples=60, deadline=None)
@given(rings, rings, sides, sides)
def test_an_outline_with_a_hole_covers_the_pixels_between(outline, hole, width, height) -> None:
    inside = _inside((outline, hole), width, height)
    spans = spans_of([(outline, (hole,))], width, height)
    counts = counts_of(spans, width, height)
    assert sum(counts) == width * height
    decoded = mask.decode(mask.frPyObjects({"counts": counts, "size": [height, width]}, height, width))
    # A line that runs through a pixel's very centre may fall to either side.
    assert abs(decoded.astype(int) - inside).sum() <= 1
    assert area_of(spans) == decoded.sum()
    assert (spans_from(counts) == spans).all()
    if len(spans):
        y, x = np.nonzero(decoded)
        assert bounds_of(spans, height) == (x.min(), y.min(), x.max() + 1, y.max() + 1)


@settings(max_examples=60, deadline=None)
@given(rings, rings, sides, sides)
def test_parts_over_one_another_count_once(one, other, width, height) -> None:
    both = _inside((one,), width, height) | _inside((other,), width, height)
    assert abs(area_of(spans_of([(one, ()), (other, ())], width, height)) - both.sum()) <= 1


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=3, max_size=8, unique=True).map(tuple))
def test_a_ring_is_simple_where_shapely_says_so(ring) -> None:
    assert is_simple(ring) == Polygon(ring).is_valid
