"""Whether the stored tree is that of the events: tiles, the head's unfinished edge, and the roots that were signed."""

from __future__ import annotations

from audit.log.merkle import HASH_SIZE, TILE_HEIGHT, TILE_WIDTH, Edge, Tile
from audit.log.note import Checkpoint as Statement
from audit.log.problems import Result
from audit.models import Log
from audit.models import Tile as StoredTile


class TreeCheck:
    """Grows the tree anew from leaf hashes, in log order, and compares it with what is stored and signed."""

    def __init__(self, log: Log, result: Result, statements: dict[int, Statement]) -> None:
        self.log = log
        self.result = result
        self.statements = statements
        self.edge = Edge()
        self.held = 0
        """Size of the last checkpoint whose root held."""
        self.broken: list[tuple[int, int]] = []
        """For each root that did not: from which index on, and the checkpoint's size."""
        self.first = log.size
        """First index whose stored leaf hash is not the event's."""
        self._checkpoint()

    def is_signed(self, size: int) -> bool:
        """Whether a checkpoint states the root at this size: `extend` must stop there."""
        return size in self.statements

    def extend(self, leaves: list[bytes]) -> None:
        """Take the next leaves; tiles that become full are compared, and the root where one was signed."""
        if not leaves:
            return
        for tile in self.edge.extend(leaves):
            self._tile(tile)
        self._checkpoint()

    def finish(self) -> None:
        """All leaves were given: compare the unfinished edge, and what must not be there."""
        self._edge()
        self.report()
        for size in self.statements:
            if size > self.log.size:
                self.result.fault(
                    self.log.size,
                    f"a checkpoint of size {size} was signed, and the log has only {self.log.size} events",
                )
        expected, size = 0, self.log.size
        while size := size // TILE_WIDTH:
            expected += size
        if StoredTile.objects.filter(log=self.log).count() > expected:
            self.result.fault(-1, "there are tiles that the log's events do not make")

    def report(self) -> None:
        """Name the roots that did not hold; where the stored hashes still tell it, with the event that is to blame."""
        for held, size in self.broken:
            first = self.first if held <= self.first < size else held
            self.result.fault(first, f"the events {held} to {size - 1} are not those whose root was signed")

    def _tile(self, tile: Tile) -> None:
        rows = StoredTile.objects.filter(log=self.log, level=tile.level, index=tile.index)
        stored = rows.values_list("hashes", flat=True).first()
        name = f"tile {tile.level}/{tile.index}"
        start = tile.index * TILE_WIDTH
        if stored is None:
            self.result.fault(start << (TILE_HEIGHT * tile.level), f"{name}, which begins here, is missing")
        elif bytes(stored) != tile.hashes:
            first = self._index(tile.level, start + _first_difference(bytes(stored), tile.hashes))
            self.result.fault(first, f"{name} has another hash from here on")

    def _edge(self) -> None:
        stored, made = bytes(self.log.edge), self.edge.encode()
        if stored == made:
            return
        if len(stored) != len(made):
            text = f"the unfinished tiles in the log's head have {len(stored)} bytes; its events make {len(made)}"
            self.result.fault(-1, text)
            return
        first, offset = self.log.size, 0
        for level in range(8):
            width = len(self.edge.partial(level)) // HASH_SIZE
            part = slice(offset * HASH_SIZE, (offset + width) * HASH_SIZE)
            if stored[part] != made[part]:
                start = (self.log.size >> TILE_HEIGHT * level) - width
                first = min(first, self._index(level, start + _first_difference(stored[part], made[part])))
            offset += width
        self.result.fault(first, "the unfinished tiles in the log's head have another hash from here on")

    def _index(self, level: int, position: int) -> int:
        """The event to blame for a hash: the first under it, or the one whose leaf is known to be another."""
        if level == 0:
            self.first = min(self.first, position)
        start, end = (place << TILE_HEIGHT * level for place in (position, position + 1))
        return self.first if start <= self.first < end else start

    def _checkpoint(self) -> None:
        stated = self.statements.get(self.edge.size)
        if stated is None:
            return
        if stated.root == self.edge.root():
            self.held = stated.size
        elif stated.size:
            self.broken.append((self.held, stated.size))
        else:
            self.result.fault(-1, "the checkpoint of size 0 does not state the empty tree")


def _first_difference(stored: bytes, made: bytes) -> int:
    """Which hash is the first that differs."""
    for start in range(0, len(made), HASH_SIZE):
        if stored[start : start + HASH_SIZE] != made[start : start + HASH_SIZE]:
            return start // HASH_SIZE
    return len(made) // HASH_SIZE - 1
