"""Sizes and indices that no tree has are refused by name, before any tile is read."""

import pytest

from audit.log.merkle import consistency_proof, inclusion_proof, root_at, verify_consistency, verify_inclusion

HASH = bytes(32)


def unread(level: int, index: int, width: int) -> bytes:
    raise AssertionError("a tile was read")


@pytest.mark.parametrize(
    ("index", "size", "text"),
    [(0, 0, "size is 0"), (0, -1, "size is -1"), (-1, 5, "index is -1"), (5, 5, "index is 5; a tree of size 5")],
)
def test_a_place_outside_the_tree_is_refused(index, size, text):
    with pytest.raises(ValueError, match=text):
        inclusion_proof(index, size, unread)
    with pytest.raises(ValueError, match=text):
        verify_inclusion(HASH, index, size, [], HASH)


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [(0, 5, "old is 0"), (-1, 5, "old is -1"), (1, 0, "new is 0"), (6, 5, "old is 6, new is 5")],
)
def test_sizes_that_are_none_or_shrink_are_refused(old, new, text):
    with pytest.raises(ValueError, match=text):
        consistency_proof(old, new, unread)
    with pytest.raises(ValueError, match=text):
        verify_consistency(old, new, HASH, HASH, [])


@pytest.mark.parametrize("size", [0, -3])
def test_the_root_of_a_size_without_tiles_is_refused(size):
    with pytest.raises(ValueError, match=f"size is {size}"):
        root_at(size, unread)
