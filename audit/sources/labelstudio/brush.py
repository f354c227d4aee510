"""Label Studio's run lengths of brushes: bits, as thi.ng's rle-pack writes them, of an RGBA picture row by row.

Layout: 32 bits number of values, 5 bits word size - 1, four times 4 bits size of a length - 1; then blocks: 1 bit
whether it is a run, 2 bits which size of length, that many bits length - 1, and one value, or as many as the length.
"""

from __future__ import annotations

from audit.annotations import finite

MAX_PIXELS = 1 << 28


class BadBrush(ValueError):
    """Bits that are no such picture; the text says why."""


class _Bits:
    """Whole numbers out of a row of bytes, most significant bit first."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def read(self, bits: int) -> int:
        end = self._at + bits
        last = (end + 7) // 8
        if last > len(self._data):
            raise BadBrush("the run lengths are cut off")
        found = int.from_bytes(self._data[self._at // 8 : last], "big") >> (last * 8 - end)
        self._at = end
        return found & ((1 << bits) - 1)


def counts_of(rle: object, width: int, height: int) -> tuple[int, ...]:
    """COCO's uncompressed run lengths (columns first, beginning with the zeros) of the pixels that are not clear.

    Raises BadBrush.
    """
    if not isinstance(rle, list) or any(type(one) is not int or not 0 <= one < 256 for one in rle):
        raise BadBrush("run lengths are a list of bytes")
    if not finite([width, height]) or not 0 < width * height <= MAX_PIXELS:
        raise BadBrush("the picture has no size, or one that can't be read")
    set_ = _opaque(_Bits(bytes(rle)), width, height)
    return _columns(set_, width, height)


def _opaque(bits: _Bits, width: int, height: int) -> bytearray:
    """One byte for each pixel, row by row: whether its fourth value (alpha) is more than 0."""
    count, word = bits.read(32), bits.read(5) + 1
    if count != width * height * 4:
        raise BadBrush(f"the run lengths are of {count // 4:,} pixels, the picture has {width * height:,}")
    sizes = [bits.read(4) + 1 for _ in range(4)]
    set_ = bytearray(width * height)
    at = 0
    while at < count:
        run = bits.read(1)
        length = bits.read(sizes[bits.read(2)]) + 1
        end = min(at + length, count)
        if run:
            if bits.read(word):
                # Every fourth value from 3 on is a pixel's alpha.
                first, last = at // 4, end // 4
                set_[first:last] = b"\x01" * (last - first)
        else:
            for place in range(at, end):
                if bits.read(word) and place % 4 == 3:
                    set_[place // 4] = 1
        at = end
    return set_


def _columns(set_: bytearray, width: int, height: int) -> tuple[int, ...]:
    counts: list[int] = []
    current, run = 0, 0
    for x in range(width):
        column = bytes(set_[x::width])
        at = 0
        while at < height:
            end = column.find(1 - current, at)
            if end < 0:
                run += height - at
                break
            counts.append(run + end - at)
            current, run, at = 1 - current, 0, end
    return (*counts, run) if run else tuple(counts)
