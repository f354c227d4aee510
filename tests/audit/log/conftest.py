"""Two trees to compare with: RFC 6962 word for word, and a log's storage of tiles."""

from collections import Counter
from collections.abc import Sequence
from functools import cache

import pytest

from audit.log.merkle import EMPTY_ROOT, HASH_SIZE, TILE_WIDTH, Edge, leaf_hash, node_hash


class DefinedTree:
    """The recursive definitions of RFC 6962 section 2.1 over fixed leaf hashes, as slow and as plain as they stand."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        self.leaves = leaves
        self.mth = cache(self._mth)

    def _mth(self, start: int, end: int) -> bytes:
        if start == end:
            return EMPTY_ROOT
        if end - start == 1:
            return self.leaves[start]
        k = self._k(end - start)
        return node_hash(self.mth(start, start + k), self.mth(start + k, end))

    @staticmethod
    def _k(n: int) -> int:
        k = 1
        while 2 * k < n:
            k *= 2
        return k

    def path(self, m: int, start: int, end: int) -> list[bytes]:
        if end - start == 1:
            return []
        k = self._k(end - start)
        if m < k:
            return [*self.path(m, start, start + k), self.mth(start + k, end)]
        return [*self.path(m - k, start + k, end), self.mth(start, start + k)]

    def proof(self, m: int, n: int) -> list[bytes]:
        return self._subproof(m, 0, n, True)

    def _subproof(self, m: int, start: int, end: int, known: bool) -> list[bytes]:
        if m == end - start:
            return [] if known else [self.mth(start, end)]
        k = self._k(end - start)
        if m <= k:
            return [*self._subproof(m, start, start + k, known), self.mth(start + k, end)]
        return [*self._subproof(m - k, start + k, end, False), self.mth(start, start + k)]


class Storage:
    """Full tiles and the right edge, as a log keeps them; counts what is read."""

    def __init__(self, leaves: Sequence[bytes] = ()) -> None:
        self.edge = Edge()
        self.tiles: dict[tuple[int, int], bytes] = {}
        self.reads: Counter[tuple[int, int]] = Counter()
        self.append(list(leaves))

    def append(self, leaves: list[bytes]) -> None:
        for tile in self.edge.extend(leaves):
            assert (tile.level, tile.index) not in self.tiles, "a full tile is written once"
            self.tiles[tile.level, tile.index] = tile.hashes

    def read(self, level: int, index: int, width: int) -> bytes:
        assert 1 <= width <= TILE_WIDTH
        self.reads[level, index] += 1
        full = self.tiles.get((level, index))
        if full is None:
            assert index == (self.edge.size >> 8 * level) // TILE_WIDTH, "only the last tile of a level is partial"
            full = self.edge.partial(level)
        assert len(full) >= width * HASH_SIZE, "asked for hashes the log does not have"
        return full[: width * HASH_SIZE]


@pytest.fixture(scope="session")
def leaves() -> list[bytes]:
    """65,836 leaf hashes: across the border of the second level of tiles."""
    return [leaf_hash(index.to_bytes(4, "big")) for index in range(TILE_WIDTH**2 + 300)]


@pytest.fixture(scope="session")
def defined(leaves) -> DefinedTree:
    return DefinedTree(leaves)


@pytest.fixture(scope="session")
def stored(leaves) -> Storage:
    return Storage(leaves)


@pytest.fixture
def empty_storage() -> Storage:
    return Storage()
