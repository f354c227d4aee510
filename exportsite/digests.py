"""A set of 8-byte digests in little memory."""

from __future__ import annotations

from array import array
from bisect import bisect_left

_BITS = 10


class Digests:
    """Digests of eight bytes, in 9 to 14 bytes each; a `set` takes a hundred. They are spread evenly by themselves.

    As sorted numbers on many shelves, of which each grows for itself: memory never doubles, not even for a moment.
    """

    def __init__(self) -> None:
        self._shelves = [array("Q") for _ in range(1 << _BITS)]

    def __contains__(self, digest: bytes) -> bool:
        number = int.from_bytes(digest, "big")
        shelf = self._shelves[number >> 64 - _BITS]
        place = bisect_left(shelf, number)
        return place < len(shelf) and shelf[place] == number

    def add(self, digest: bytes) -> bool:
        """Take it; whether it was not there before."""
        number = int.from_bytes(digest, "big")
        shelf = self._shelves[number >> 64 - _BITS]
        place = bisect_left(shelf, number)
        if place < len(shelf) and shelf[place] == number:
            return False
        shelf.insert(place, number)
        return True
