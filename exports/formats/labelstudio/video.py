"""Boxes, outlines and lines of one object in the frames of a video: Label Studio's `videorectangle`, `videovector`.

https://labelstud.io/tags/videorectangle, https://labelstud.io/tags/videovectorlabels
"""

from __future__ import annotations

from collections.abc import Sequence

from audit.annotations import Annotation, Box, Ellipse, Graph, Medium, Polygon, Polyline
from exports.formats.labels.shapes import Unwritable, ellipse_ring
from exports.formats.labelstudio.shapes import Value, box, vector

Drawn = tuple[Annotation, Value]
"""What is in a frame, and where."""


def sequence(shapes: Sequence[Drawn], medium: Medium) -> Value:
    """The shapes by frame, which counts from 1; `time` in seconds, 0 where the frame rate is not known.

    Label Studio fills in what lies between two of them unless the first is not `enabled`: it is not where the object is
    told to be gone, or where the source itself filled in all frames and there is none.
    """
    ordered = sorted(shapes, key=lambda drawn: drawn[0].frame or 0)
    filled = not all(one.key_frame for one, _ in ordered)
    rate = medium.frame_rate or 0
    found = []
    for place, (one, where) in enumerate(ordered):
        frame = one.frame or 0
        after = ordered[place + 1][0].frame if place + 1 < len(ordered) else None
        gone = one.ends or (filled and (after is None or (after or 0) > frame + 1))
        said = {
            "frame": frame + 1,
            "enabled": not gone,
            "time": round(frame / rate, 6) if rate else 0,
            **where,
        }
        found.append(said if one.key_frame else {**said, "auto": True})
    count = max(medium.frames or 0, (ordered[-1][0].frame or 0) + 1)
    return {"framesCount": count, "duration": round(count / rate, 6) if rate else 0, "sequence": found}


def in_frame(one: Annotation, medium: Medium) -> Value:
    """Where it is in its frame. Raises Unwritable for what a video of Label Studio does not have."""
    if isinstance(one, Box):
        return box(one, medium)
    if isinstance(one, Polygon):
        if one.holes:
            raise Unwritable("not_held", "Label Studio's outlines in videos have no holes")
        return vector(one.outline, closed=True)
    if isinstance(one, Ellipse):
        if not medium.width or not medium.height:
            raise Unwritable("no_size", "an ellipse needs the size of the video, which is not known")
        return vector(ellipse_ring(one, medium.width, medium.height), closed=True)
    if isinstance(one, Polyline):
        return vector(one.points)
    if isinstance(one, Graph):
        return vector(one.points, edges=one.edges)
    kind = type(one).__name__.lower()
    raise Unwritable("not_held", f"Label Studio's videos have boxes, outlines and lines, but no {kind}")
