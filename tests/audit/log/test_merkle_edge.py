"""The right edge: what it holds after any appends, what fills up, and what it refuses to be read from."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.log import merkle
from audit.log.merkle import EMPTY_ROOT, HASH_SIZE, TILE_WIDTH, Edge, TileError

BORDERS = [0, 1, 2, 255, 256, 257, 511, 512, 1000, 65_535, 65_536, 65_537, 65_792, 65_836]


@pytest.mark.parametrize("size", BORDERS)
def test_its_root_is_that_of_the_definition(leaves, defined, size):
    edge = Edge()
    edge.extend(leaves[:size])
    assert edge.size == size
    assert edge.root() == defined.mth(0, size)


def test_every_root_on_the_way_is_that_of_the_definition(leaves, defined):
    edge = Edge()
    for size in range(1, 600):
        edge.extend([leaves[size - 1]])
        assert edge.root() == defined.mth(0, size)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 3000), max_size=12))
def test_how_leaves_are_batched_changes_nothing(leaves, batches):
    total = sum(batches)
    whole, parts = Edge(), Edge()
    tiles_of_parts = []
    start = 0
    for batch in batches:
        tiles_of_parts += parts.extend(leaves[start : start + batch])
        start += batch
    tiles = whole.extend(leaves[:total])
    assert (parts.size, parts.encode()) == (whole.size, whole.encode())
    assert sorted(tiles_of_parts, key=repr) == sorted(tiles, key=repr)


def test_full_tiles_hold_the_hashes_of_the_specification(stored, defined):
    expected = {(0, index) for index in range(257)} | {(1, 0)}
    assert set(stored.tiles) == expected
    for (level, index), hashes in stored.tiles.items():
        span = TILE_WIDTH**level
        first = index * TILE_WIDTH
        wanted = [defined.mth(node * span, (node + 1) * span) for node in range(first, first + TILE_WIDTH)]
        assert hashes == b"".join(wanted)


def test_partial_tiles_have_the_widths_of_the_specifications_example(leaves):
    edge = Edge.parse(70_000, bytes((112 + 17 + 1) * HASH_SIZE))
    assert [len(edge.partial(level)) // HASH_SIZE for level in range(4)] == [112, 17, 1, 0]
    edge = Edge()
    edge.extend(leaves[:256])
    assert [len(edge.partial(level)) // HASH_SIZE for level in range(3)] == [0, 1, 0]


def test_a_batch_returns_the_tiles_it_filled_by_level_then_index(leaves):
    edge = Edge()
    assert edge.extend(leaves[:255]) == []
    assert [(tile.level, tile.index) for tile in edge.extend(leaves[255:600])] == [(0, 0), (0, 1)]
    filled = [(tile.level, tile.index) for tile in edge.extend(leaves[600:65_536])]
    assert filled == [*((0, index) for index in range(2, 256)), (1, 0)]
    assert edge.extend([]) == []


@pytest.mark.parametrize("size", BORDERS)
def test_it_is_read_back_from_its_bytes_and_grows_on(leaves, size):
    edge = Edge()
    edge.extend(leaves[:size])
    again = Edge.parse(size, edge.encode())
    assert (again.size, again.encode(), again.root()) == (size, edge.encode(), edge.root())
    assert again.extend(leaves[:700]) == edge.extend(leaves[:700])
    assert again.root() == edge.root()


def test_an_empty_one_has_the_empty_root_and_no_bytes():
    assert (Edge().root(), Edge().encode(), Edge().size) == (EMPTY_ROOT, b"", 0)
    assert Edge.parse(0, b"").root() == EMPTY_ROOT


@pytest.mark.parametrize(("size", "length"), [(0, 32), (1, 0), (1, 31), (1, 64), (256, 0), (257, 32), (3, 95), (3, 97)])
def test_it_refuses_bytes_whose_length_does_not_follow_from_the_size(size, length):
    with pytest.raises(TileError, match=rf"tree of {size} leaves .* here are {length}\."):
        Edge.parse(size, bytes(length))


def test_it_refuses_a_negative_size():
    with pytest.raises(ValueError, match="size is -1"):
        Edge.parse(-1, b"")


@pytest.mark.parametrize("wrong", [b"", bytes(31), bytes(33)])
def test_a_leaf_of_the_wrong_length_is_refused_by_position_and_nothing_is_appended(leaves, wrong):
    edge = Edge()
    edge.extend(leaves[:300])
    before = edge.encode()
    with pytest.raises(ValueError, match=r"leaves\[2\] has"):
        edge.extend([leaves[0], leaves[1], wrong])
    assert (edge.size, edge.encode()) == (300, before)


def test_a_stream_of_leaves_has_the_root_of_the_list(leaves, defined):
    assert merkle.root_of(iter(leaves)) == defined.mth(0, len(leaves))
    assert merkle.root_of([]) == EMPTY_ROOT
