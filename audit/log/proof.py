"""Tiles and proofs of a log in the database."""

from __future__ import annotations

from audit.log import merkle
from audit.models import Log, Tile


def tile_reader(log: Log) -> merkle.ReadTile:
    """Reads tiles of `log` as it is in memory: full ones from their rows (kept once read), the rest from its edge."""
    edge = merkle.Edge.parse(log.size, bytes(log.edge))
    read: dict[tuple[int, int], bytes] = {}

    def read_tile(level: int, index: int, width: int) -> bytes:
        found = read.get((level, index))
        if found is None:
            row = Tile.objects.filter(log=log, level=level, index=index).values_list("hashes", flat=True).first()
            unfinished = index == (log.size >> merkle.TILE_HEIGHT * (level + 1))
            found = bytes(row) if row is not None else edge.partial(level) if unfinished else b""
            read[level, index] = found
        if len(found) < width * merkle.HASH_SIZE:
            raise merkle.TileError(f"tile {level}/{index} of {log.origin} is missing or too short for {width} hashes")
        return found[: width * merkle.HASH_SIZE]

    return read_tile


def root_at(log: Log, size: int) -> bytes:
    """The root of the log when it had `size` events."""
    if not 0 <= size <= log.size:
        raise ValueError(f"size is {size}; the log of {log.origin} has {log.size} events")
    if size == log.size:
        return merkle.Edge.parse(log.size, bytes(log.edge)).root()
    return merkle.EMPTY_ROOT if size == 0 else merkle.root_at(size, tile_reader(log))
