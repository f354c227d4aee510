"""Boxes of one object in the frames of a video, as Label Studio's `videorectangle` has them."""

from __future__ import annotations

from collections.abc import Sequence

from audit.annotations import Box, Medium
from exports.formats.labelstudio.shapes import Value, box


def sequence(boxes: Sequence[Box], medium: Medium) -> Value:
    """The boxes by frame, which counts from 1; `time` in seconds, 0 where the frame rate is not known.

    Label Studio fills in what lies between two boxes unless the first is not `enabled`: it is not where the object is
    told to be gone, or where the source itself filled in all frames and there is none.
    """
    ordered = sorted(boxes, key=lambda one: one.frame or 0)
    filled = not all(one.key_frame for one in ordered)
    rate = medium.frame_rate or 0
    found = []
    for place, one in enumerate(ordered):
        frame = one.frame or 0
        after = ordered[place + 1].frame if place + 1 < len(ordered) else None
        gone = one.ends or (filled and (after is None or (after or 0) > frame + 1))
        said = {
            "frame": frame + 1,
            "enabled": not gone,
            "time": round(frame / rate, 6) if rate else 0,
            **box(one, medium),
        }
        found.append(said if one.key_frame else {**said, "auto": True})
    count = max(medium.frames or 0, (ordered[-1].frame or 0) + 1)
    return {"framesCount": count, "duration": round(count / rate, 6) if rate else 0, "sequence": found}
