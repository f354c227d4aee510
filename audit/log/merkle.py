"""The Merkle tree of a log: RFC 6962 hashes, kept in C2SP tlog-tiles (https://c2sp.org/tlog-tiles).

Pure functions and one small class; nothing here knows where tiles are stored. Hashes are SHA-256, 32 bytes; a "leaf"
is a leaf's hash (``leaf_hash`` of the entry), never the entry. A tile holds 256 neighbouring hashes of one level, its
level 0 the leaves, level 1 the roots of full level-0 tiles, and so on; a full tile never changes again.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from typing import TypeAlias

HASH_SIZE = 32
TILE_HEIGHT = 8
TILE_WIDTH = 1 << TILE_HEIGHT
TILE_BYTES = TILE_WIDTH * HASH_SIZE
EMPTY_ROOT = sha256(b"").digest()

ReadTile: TypeAlias = Callable[[int, int, int], bytes]
"""``read_tile(level, tile_index, width)``: at least the first ``width`` hashes of a tile, concatenated.

A wider tile may be given, since it starts with the narrower one; what stands behind ``width`` is not looked at.
"""

_LEAF = b"\x00"
_NODE = b"\x01"
_PAIR = 2 * HASH_SIZE


class TileError(ValueError):
    """Stored hashes are not what the tree's size calls for: the storage is damaged or belongs to another tree."""


class ProofError(ValueError):
    """A proof does not hold: an entry, a root or the proof itself is not the one it claims to be."""


def leaf_hash(entry: bytes) -> bytes:
    """The hash of an entry as a leaf: SHA-256(0x00 || entry), RFC 6962 section 2.1."""
    return sha256(_LEAF + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees: SHA-256(0x01 || left || right), RFC 6962 section 2.1."""
    return sha256(_NODE + left + right).digest()


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The root over leaf hashes, in constant memory; EMPTY_ROOT of none."""
    edge = Edge()
    stream = iter(leaves)
    while batch := list(islice(stream, 16 * TILE_WIDTH)):
        edge.extend(batch)
    return edge.root()


@dataclass(frozen=True, slots=True)
class Tile:
    """A full tile: ``hashes`` is 256 hashes, 8,192 bytes."""

    level: int
    index: int
    hashes: bytes


def tile_path(level: int, index: int, width: int = TILE_WIDTH) -> str:
    """The path of a tile after C2SP tlog-tiles: ``tile/0/x001/x234/067``, a partial tile with ``.p/<width>``."""
    if not 0 <= level <= 63:
        raise ValueError(f"level is {level}; a tile's level is 0 to 63")
    if index < 0:
        raise ValueError(f"index is {index}; a tile's index is not negative")
    if not 1 <= width <= TILE_WIDTH:
        raise ValueError(f"width is {width}; a tile holds 1 to {TILE_WIDTH} hashes")
    parts = [f"{index % 1000:03d}"]
    while index := index // 1000:
        parts.append(f"x{index % 1000:03d}")
    suffix = "" if width == TILE_WIDTH else f".p/{width}"
    return f"tile/{level}/{'/'.join(reversed(parts))}{suffix}"


class Edge:
    """The unfinished right edge of a tree: for each level, the hashes of its partial tile.

    Level 0 holds the last size % 256 leaves, level 1 the last (size // 256) % 256 roots of full level-0 tiles, and so
    on. Together with the full tiles this is the whole tree; alone it is enough to append and to know the root.
    """

    def __init__(self) -> None:
        self.size = 0
        self._levels: list[bytes] = []

    @classmethod
    def parse(cls, size: int, data: bytes) -> "Edge":
        """The edge of a tree of ``size`` leaves from ``encode``'s bytes; any other length than size asks: TileError."""
        if size < 0:
            raise ValueError(f"size is {size}; a tree's size is not negative")
        widths = list(_edge_widths(size))
        expected = sum(widths) * HASH_SIZE
        if len(data) != expected:
            raise TileError(
                f"The right edge of a tree of {size} leaves is {sum(widths)} hashes, {expected} bytes; "
                f"here are {len(data)}."
            )
        edge = cls()
        edge.size = size
        start = 0
        for width in widths:
            edge._levels.append(data[start : start + width * HASH_SIZE])
            start += width * HASH_SIZE
        return edge

    def encode(self) -> bytes:
        """The hashes of all levels, level 0 first; how many belong to which level follows from ``size``."""
        return b"".join(self._levels)

    def partial(self, level: int) -> bytes:
        """The hashes of the partial tile of a level, concatenated; empty where the last tile is full or none began."""
        return self._levels[level] if level < len(self._levels) else b""

    def root(self) -> bytes:
        """The root of the tree, EMPTY_ROOT when it has no leaves."""
        root = b""
        for hashes in self._levels:  # What is below a level is the incomplete last child of that level.
            root = _fold(hashes + root)
        return root or EMPTY_ROOT

    def extend(self, leaves: list[bytes]) -> list[Tile]:
        """Append leaf hashes; return the tiles that became full, by level, then index.

        A leaf that is not 32 bytes is a ValueError, and then nothing is appended.
        """
        for position, leaf in enumerate(leaves):
            if len(leaf) != HASH_SIZE:
                raise ValueError(f"leaves[{position}] has {len(leaf)} bytes; a leaf hash has {HASH_SIZE}")
        full: list[Tile] = []
        added = b"".join(leaves)
        first = self.size // TILE_WIDTH
        self.size += len(leaves)
        level = 0
        while added:
            if level == len(self._levels):
                self._levels.append(b"")
            hashes = self._levels[level] + added
            done = len(hashes) - len(hashes) % TILE_BYTES
            self._levels[level] = hashes[done:]
            tiles = [hashes[start : start + TILE_BYTES] for start in range(0, done, TILE_BYTES)]
            full += [Tile(level, first + offset, tile) for offset, tile in enumerate(tiles)]
            added = b"".join([_fold(tile) for tile in tiles])
            first //= TILE_WIDTH
            level += 1
        return full


def _edge_widths(size: int) -> Iterator[int]:
    """How many hashes the partial tile of each level has: the digits of size in base 256."""
    while size:
        yield size % TILE_WIDTH
        size //= TILE_WIDTH


def _fold(hashes: bytes) -> bytes:
    """The root over n >= 1 concatenated hashes; of none, nothing.

    Pairing neighbours and carrying an odd last one upwards gives RFC 6962's tree, also when that last one is the root
    of a smaller subtree than the others.
    """
    while len(hashes) > HASH_SIZE:
        paired = len(hashes) - len(hashes) % _PAIR
        above = [sha256(_NODE + hashes[start : start + _PAIR]).digest() for start in range(0, paired, _PAIR)]
        hashes = b"".join(above) + hashes[paired:]
    return hashes


def root_at(size: int, read_tile: ReadTile) -> bytes:
    """The root of the tree as it was at ``size`` leaves (1 or more), from its tiles.

    The tree may have grown since: a tile that was partial then is asked for at its width of then.
    """
    _positive("size", size)
    return _Subtrees(size, read_tile).root(0, size)


def inclusion_proof(index: int, size: int, read_tile: ReadTile) -> list[bytes]:
    """The audit path of leaf ``index`` in the tree of ``size`` leaves, lowest first (RFC 6962 section 2.1.1)."""
    _check_index(index, size)
    subtrees = _Subtrees(size, read_tile)
    path = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(subtrees.root(middle, end))
            end = middle
        else:
            path.append(subtrees.root(start, middle))
            start = middle
    return path[::-1]


def consistency_proof(old: int, new: int, read_tile: ReadTile) -> list[bytes]:
    """The proof that the tree of ``old`` leaves is the beginning of that of ``new`` (RFC 6962 section 2.1.2).

    Empty when the sizes are equal.
    """
    _check_sizes(old, new)
    subtrees = _Subtrees(new, read_tile)
    path = []
    start, end = 0, new
    while end != old:
        middle = start + _split(end - start)
        if old <= middle:
            path.append(subtrees.root(middle, end))
            end = middle
        else:
            path.append(subtrees.root(start, middle))
            start = middle
    if start:  # Else what is left is the whole old tree, whose root the verifier has.
        path.append(subtrees.root(start, end))
    return path[::-1]


def verify_inclusion(leaf: bytes, index: int, size: int, proof: list[bytes], root: bytes) -> None:
    """Return if the proof shows leaf hash ``leaf`` at ``index`` of the tree of ``size`` leaves with ``root``.

    Else ProofError. Algorithm of RFC 9162 section 2.1.3.2; ``index`` and ``size`` outside a tree are a ValueError.
    """
    _check_index(index, size)
    _check_hashes(proof, leaf=leaf, root=root)
    node, last, found = index, size - 1, leaf
    for hash_ in proof:
        if not last:
            raise ProofError(
                f"The inclusion proof has more hashes ({len(proof)}) than a tree of {size} leaves is deep."
            )
        if node & 1 or node == last:
            found = node_hash(hash_, found)
            while node and not node & 1:  # Levels on which this subtree had no right neighbour.
                node, last = node >> 1, last >> 1
        else:
            found = node_hash(found, hash_)
        node, last = node >> 1, last >> 1
    if last:
        raise ProofError(f"The inclusion proof is too short ({len(proof)} hashes) for a tree of {size} leaves.")
    if found != root:
        raise ProofError(
            f"The inclusion proof leads to root {found.hex()}, not {root.hex()}: the entry at {index} is not the one "
            f"in the tree of {size} leaves, or the proof was altered."
        )


def verify_consistency(old: int, new: int, old_root: bytes, new_root: bytes, proof: list[bytes]) -> None:
    """Return if the proof shows that the tree of ``old`` leaves is the beginning of that of ``new``.

    Else ProofError. Algorithm of RFC 9162 section 2.1.4.2; sizes that are none, or the wrong way round, are a
    ValueError.
    """
    _check_sizes(old, new)
    _check_hashes(proof, old_root=old_root, new_root=new_root)
    if old == new:
        if proof:
            raise ProofError(f"Both trees have {old} leaves, so the consistency proof is empty; here are {len(proof)}.")
        if old_root != new_root:
            raise ProofError(f"Two roots for {old} leaves, {old_root.hex()} and {new_root.hex()}: the log was forked.")
        return
    node, last = old - 1, new - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    # A whole old tree is a subtree of the new one: the proof starts from its root, which it does not repeat.
    path = proof if node else [old_root, *proof]
    if not path:
        raise ProofError(f"The consistency proof from {old} to {new} leaves is empty.")
    found_old = found_new = path[0]
    for hash_ in path[1:]:
        if not last:
            raise ProofError(f"The consistency proof from {old} to {new} leaves has too many hashes ({len(proof)}).")
        if node & 1 or node == last:
            found_old = node_hash(hash_, found_old)
            found_new = node_hash(hash_, found_new)
            while node and not node & 1:
                node, last = node >> 1, last >> 1
        else:
            found_new = node_hash(found_new, hash_)
        node, last = node >> 1, last >> 1
    if last:
        raise ProofError(f"The consistency proof from {old} to {new} leaves is too short ({len(proof)} hashes).")
    for name, size, found, root in (("old", old, found_old, old_root), ("new", new, found_new, new_root)):
        if found != root:
            raise ProofError(
                f"The consistency proof from {old} to {new} leaves leads to {found.hex()} as the {name} root "
                f"({size} leaves), not {root.hex()}: history was rewritten, or the proof was altered."
            )


class _Subtrees:
    """Roots of ranges of leaves of one tree, each of its tiles read at most once."""

    def __init__(self, size: int, read_tile: ReadTile) -> None:
        self._size = size
        self._read_tile = read_tile
        self._tiles: dict[tuple[int, int], bytes] = {}

    def root(self, start: int, end: int) -> bytes:
        """The root over leaves start..end-1, where start is a multiple of a power of two not below end - start."""
        parts = []
        while start < end:
            height = (end - start).bit_length() - 1
            parts.append(self._complete(height, start >> height))
            start += 1 << height
        root = parts.pop()
        while parts:
            root = node_hash(parts.pop(), root)
        return root

    def _complete(self, height: int, index: int) -> bytes:
        """The root of the index-th subtree of 2^height leaves."""
        level, inside = divmod(height, TILE_HEIGHT)
        first = index << inside
        tile, offset = divmod(first, TILE_WIDTH)
        hashes = self._tile(level, tile)
        return _fold(hashes[offset * HASH_SIZE : (offset + (1 << inside)) * HASH_SIZE])

    def _tile(self, level: int, index: int) -> bytes:
        if (level, index) not in self._tiles:
            width = min(TILE_WIDTH, (self._size >> TILE_HEIGHT * level) - index * TILE_WIDTH)
            hashes = self._read_tile(level, index, width)
            if len(hashes) < width * HASH_SIZE or len(hashes) % HASH_SIZE:
                path = tile_path(level, index, width)
                raise TileError(f"{path} has {len(hashes)} bytes; a tile of this width has {width * HASH_SIZE}.")
            self._tiles[level, index] = hashes
        return self._tiles[level, index]


def _split(count: int) -> int:
    """The largest power of two below count: how many leaves go to the left (RFC 6962 section 2.1)."""
    return 1 << (count - 1).bit_length() - 1


def _positive(name: str, size: int) -> None:
    if size < 1:
        raise ValueError(f"{name} is {size}; it must be at least 1 (the empty tree has EMPTY_ROOT and no proofs)")


def _check_index(index: int, size: int) -> None:
    _positive("size", size)
    if not 0 <= index < size:
        raise ValueError(f"index is {index}; a tree of size {size} has leaves 0 to {size - 1}")


def _check_sizes(old: int, new: int) -> None:
    _positive("old", old)
    _positive("new", new)
    if old > new:
        raise ValueError(f"old is {old}, new is {new}; a log only grows, so old is at most new")


def _check_hashes(proof: list[bytes], **named: bytes) -> None:
    """Refuse hashes of another length: they would move the border between left and right."""
    for position, hash_ in enumerate(proof):
        if len(hash_) != HASH_SIZE:
            raise ProofError(f"proof[{position}] has {len(hash_)} bytes; a hash has {HASH_SIZE}.")
    for name, hash_ in named.items():
        if len(hash_) != HASH_SIZE:
            raise ProofError(f"{name} has {len(hash_)} bytes; a hash has {HASH_SIZE}.")
