"""COCO's run lengths: plain counts, or those that pycocotools packs into text (maskApi.c, rleFrString)."""

from __future__ import annotations

from typing import Any

MAX_SIDE = 1 << 16


class BadCounts(ValueError):
    """Run lengths that are none, or not of the mask's size; the text says why."""


def runs(mask: dict[str, Any]) -> tuple[int, int, tuple[int, ...]]:
    """Height, width and counts: pixels in columns, first how many zeros, then how many ones, and so on."""
    size, counts = mask.get("size"), mask.get("counts")
    whole = (
        isinstance(size, list) and len(size) == 2 and all(type(side) is int and 0 < side < MAX_SIDE for side in size)
    )
    if not whole:
        raise BadCounts("run lengths have a size: height and width")
    height, width = size  # type: ignore[misc]  # two integers, see above
    if isinstance(counts, str):
        counts = unpacked(counts)
    if not isinstance(counts, list) or any(type(count) is not int or count < 0 for count in counts):
        raise BadCounts("run lengths are counts of pixels, or text")
    if sum(counts) != height * width:
        raise BadCounts(f"the run lengths add up to {sum(counts):,} pixels, the mask has {height * width:,}")
    return height, width, tuple(counts)


def unpacked(text: str) -> list[int]:
    """The counts in a packed text: six bits a character from "0" on, the sixth says that more follow; from the third
    count on, each is the difference to the one before the last."""
    counts: list[int] = []
    at = 0
    while at < len(text):
        value, shift, more = 0, 0, True
        while more:
            if at == len(text):
                raise BadCounts("the packed run lengths are cut off")
            bits = ord(text[at]) - 48
            if not 0 <= bits < 64:
                raise BadCounts("the packed run lengths have a character that they can't have")
            value |= (bits & 0x1F) << shift
            more = bool(bits & 0x20)
            at, shift = at + 1, shift + 5
            if not more and bits & 0x10:
                value |= -1 << shift
        counts.append(value + counts[-2] if len(counts) > 2 else value)
    return counts
