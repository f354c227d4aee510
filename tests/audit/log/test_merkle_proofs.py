"""Proofs from tiles are those of RFC 6962's recursive definitions, and they verify."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.log.merkle import (
    HASH_SIZE,
    ProofError,
    TileError,
    consistency_proof,
    inclusion_proof,
    root_at,
    verify_consistency,
    verify_inclusion,
)

EXHAUSTIVE = 70
LARGEST = 65_836
NEAR_BORDERS = [border + step for border in (256, 512, 65_536, 65_792) for step in (-1, 0, 1)]
SIZES = st.integers(1, LARGEST) | st.sampled_from(NEAR_BORDERS) | st.integers(1, 1100)


def test_every_inclusion_proof_of_small_trees_is_the_defined_one_and_verifies(stored, defined, leaves):
    for size in range(1, EXHAUSTIVE + 1):
        root = defined.mth(0, size)
        for index in range(size):
            proof = inclusion_proof(index, size, stored.read)
            assert proof == defined.path(index, 0, size)
            verify_inclusion(leaves[index], index, size, proof, root)


def test_every_consistency_proof_of_small_trees_is_the_defined_one_and_verifies(stored, defined):
    for new in range(1, EXHAUSTIVE + 1):
        for old in range(1, new + 1):
            proof = consistency_proof(old, new, stored.read)
            assert proof == defined.proof(old, new)
            verify_consistency(old, new, defined.mth(0, old), defined.mth(0, new), proof)


def test_the_root_of_every_earlier_small_size_is_found(stored, defined):
    for size in range(1, EXHAUSTIVE + 1):
        assert root_at(size, stored.read) == defined.mth(0, size)


@settings(max_examples=150, deadline=None)
@given(SIZES, st.data())
def test_inclusion_proofs_hold_across_tile_borders(stored, defined, leaves, size, data):
    index = data.draw(
        st.integers(0, size - 1) | st.sampled_from([i for i in (0, 255, 256, 65_535, size - 1) if i < size])
    )
    proof = inclusion_proof(index, size, stored.read)
    assert proof == defined.path(index, 0, size)
    verify_inclusion(leaves[index], index, size, proof, defined.mth(0, size))


@settings(max_examples=150, deadline=None)
@given(SIZES, SIZES)
def test_consistency_proofs_hold_across_tile_borders(stored, defined, one, other):
    old, new = sorted((one, other))
    proof = consistency_proof(old, new, stored.read)
    assert proof == defined.proof(old, new)
    verify_consistency(old, new, defined.mth(0, old), defined.mth(0, new), proof)


@settings(max_examples=100, deadline=None)
@given(SIZES)
def test_the_root_of_any_earlier_size_is_found_in_the_tiles_of_today(stored, defined, size):
    assert root_at(size, stored.read) == defined.mth(0, size)


@pytest.mark.parametrize("size", [2, 255, 256, 257, 65_536, 65_537, LARGEST])
def test_a_proof_reads_each_tile_once_and_only_a_few(stored, size):
    for prove in (inclusion_proof, consistency_proof):
        stored.reads.clear()
        prove(size // 2, size, stored.read)
        assert max(stored.reads.values()) == 1
        assert len(stored.reads) <= 5


def test_a_wider_tile_than_asked_for_serves_as_well(stored, defined):
    def whole(level: int, index: int, width: int) -> bytes:
        return stored.tiles.get((level, index)) or stored.read(level, index, width)

    assert root_at(300, whole) == defined.mth(0, 300)
    assert inclusion_proof(299, 300, whole) == defined.path(299, 0, 300)


@pytest.mark.parametrize("damage", [lambda tile: tile[:-1], lambda tile: tile[:-HASH_SIZE], lambda tile: b""])
def test_a_tile_that_is_too_short_is_refused_by_its_path(stored, damage):
    def read(level: int, index: int, width: int) -> bytes:
        tile = stored.read(level, index, width)
        return tile if level else damage(tile)

    with pytest.raises(TileError, match=r"^tile/0/001\.p/44 has \d+ bytes; a tile of this width has 1408\.$"):
        inclusion_proof(299, 300, read)


def test_a_damaged_tile_gives_a_proof_that_does_not_verify(stored, defined, leaves):
    def read(level: int, index: int, width: int) -> bytes:
        tile = bytearray(stored.read(level, index, width))
        tile[0] ^= 1
        return bytes(tile)

    proof = inclusion_proof(5, 300, read)
    with pytest.raises(ProofError, match="was altered"):
        verify_inclusion(leaves[5], 5, 300, proof, defined.mth(0, 300))
