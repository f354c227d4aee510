"""A set of 8-byte digests in little memory."""

from __future__ import annotations

from array import array

_FIRST = 1 << 10


class Digests:
    """Digests of eight bytes, in 12 to 24 bytes each; a `set` takes a hundred. They are spread evenly by themselves.

    An open table of numbers, of which at most two thirds are taken; 0 is a free place, and stands for 1 as well.
    """

    def __init__(self) -> None:
        self._slots = array("Q", bytes(8 * _FIRST))
        self._count = 0

    def __contains__(self, digest: bytes) -> bool:
        return self._slots[_place(self._slots, _number(digest))] != 0

    def add(self, digest: bytes) -> bool:
        """Take it; whether it was not there before."""
        number = _number(digest)
        place = _place(self._slots, number)
        if self._slots[place]:
            return False
        self._slots[place] = number
        self._count += 1
        if 3 * self._count > 2 * len(self._slots):
            self._grow()
        return True

    def _grow(self) -> None:
        wider = array("Q", bytes(16 * len(self._slots)))
        for number in self._slots:
            if number:
                wider[_place(wider, number)] = number
        self._slots = wider


def _number(digest: bytes) -> int:
    return int.from_bytes(digest, "big") or 1


def _place(slots: array[int], number: int) -> int:
    """Where the number is, or the free place where it would be."""
    last = len(slots) - 1
    place = number & last
    while (found := slots[place]) and found != number:
        place = (place + 1) & last
    return place
