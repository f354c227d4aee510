"""A set of 64-bit digests in little memory."""

from __future__ import annotations

from array import array
from bisect import bisect_left

_BITS = 10


class Digests:
    """Digests from 0 to 2**64 - 1, in 9 to 14 bytes each; a `set` takes seventy. They are spread evenly by themselves.

    As sorted numbers on many shelves, of which each grows for itself: memory never doubles, not even for a moment.
    """

    def __init__(self) -> None:
        self._shelves = [array("Q") for _ in range(1 << _BITS)]

    def __contains__(self, digest: int) -> bool:
        shelf = self._shelves[digest >> 64 - _BITS]
        place = bisect_left(shelf, digest)
        return place < len(shelf) and shelf[place] == digest

    def add(self, digest: int) -> bool:
        """Take it; whether it was not there before."""
        shelf = self._shelves[digest >> 64 - _BITS]
        place = bisect_left(shelf, digest)
        if place < len(shelf) and shelf[place] == digest:
            return False
        shelf.insert(place, digest)
        return True
