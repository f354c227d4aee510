"""A proof holds for one leaf, place, size and root only: whatever is changed, it is refused."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.log.merkle import ProofError, node_hash, verify_consistency, verify_inclusion

SMALL = 20
SIZES = st.integers(1, 400) | st.integers(65_500, 65_836)


def flipped(hash_: bytes, bit: int = 0) -> bytes:
    return (int.from_bytes(hash_) ^ (1 << bit)).to_bytes(len(hash_))


def altered(proof: list[bytes], extra: bytes) -> list[list[bytes]]:
    """Every way to change, drop, add or swap one hash, and hashes of other lengths."""
    changed = [[*proof[:at], flipped(proof[at]), *proof[at + 1 :]] for at in range(len(proof))]
    dropped = [[*proof[:at], *proof[at + 1 :]] for at in range(len(proof))]
    added = [[*proof[:at], extra, *proof[at:]] for at in range(len(proof) + 1)]
    swapped = [[*proof[:at], proof[at + 1], proof[at], *proof[at + 2 :]] for at in range(len(proof) - 1)]
    lengths = [[*proof[:at], proof[at][:-1], *proof[at + 1 :]] for at in range(len(proof))]
    lengths += [[*proof[:at], proof[at] + b"\0", *proof[at + 1 :]] for at in range(len(proof))]
    return changed + dropped + added + swapped + lengths


def test_every_altered_inclusion_proof_of_small_trees_is_refused(defined, leaves):
    for size in range(1, SMALL + 1):
        root = defined.mth(0, size)
        for index in range(size):
            for proof in altered(defined.path(index, 0, size), extra=leaves[50]):
                with pytest.raises(ProofError):
                    verify_inclusion(leaves[index], index, size, proof, root)


def test_every_altered_consistency_proof_of_small_trees_is_refused(defined, leaves):
    for new in range(1, SMALL + 1):
        for old in range(1, new + 1):
            for proof in altered(defined.proof(old, new), extra=leaves[50]):
                with pytest.raises(ProofError):
                    verify_consistency(old, new, defined.mth(0, old), defined.mth(0, new), proof)


def test_an_inclusion_proof_holds_at_no_other_place(defined, leaves):
    for size in range(2, SMALL + 1):
        for index in range(size):
            proof = defined.path(index, 0, size)
            for other in set(range(size)) - {index}:
                with pytest.raises(ProofError):
                    verify_inclusion(leaves[index], other, size, proof, defined.mth(0, size))


def test_a_consistency_proof_holds_for_no_other_roots(defined):
    for new in range(2, SMALL + 1):
        for old in range(1, new):
            proof = defined.proof(old, new)
            old_root, new_root = defined.mth(0, old), defined.mth(0, new)
            for wrong in ((flipped(old_root), new_root), (old_root, flipped(new_root)), (new_root, old_root)):
                with pytest.raises(ProofError):
                    verify_consistency(old, new, *wrong, proof)


@settings(max_examples=100, deadline=None)
@given(SIZES, st.data(), st.integers(0, 255))
def test_one_flipped_bit_anywhere_is_refused(defined, leaves, size, data, bit):
    index = data.draw(st.integers(0, size - 1))
    parts = [leaves[index], defined.mth(0, size), *defined.path(index, 0, size)]
    at = data.draw(st.integers(0, len(parts) - 1))
    parts[at] = flipped(parts[at], bit)
    leaf, root, *proof = parts
    with pytest.raises(ProofError):
        verify_inclusion(leaf, index, size, proof, root)


@settings(max_examples=100, deadline=None)
@given(SIZES, SIZES, st.data(), st.integers(0, 255))
def test_one_flipped_bit_in_a_consistency_proof_is_refused(defined, one, other, data, bit):
    old, new = sorted((one, other))
    parts = [defined.mth(0, old), defined.mth(0, new), *defined.proof(old, new)]
    at = data.draw(st.integers(0, len(parts) - 1))
    parts[at] = flipped(parts[at], bit)
    old_root, new_root, *proof = parts
    with pytest.raises(ProofError):
        verify_consistency(old, new, old_root, new_root, proof)


def test_a_consistency_proof_holds_for_no_tree_of_another_depth(defined):
    roots, proof = (defined.mth(0, 4), defined.mth(0, 7)), defined.proof(4, 7)
    with pytest.raises(ProofError, match=r"from 4 to 16 leaves is too short \(1 hashes\)"):
        verify_consistency(4, 16, *roots, proof)
    roots, proof = (defined.mth(0, 4), defined.mth(0, 16)), defined.proof(4, 16)
    with pytest.raises(ProofError, match=r"from 4 to 7 leaves has too many hashes \(2\)"):
        verify_consistency(4, 7, *roots, proof)


def test_a_rewritten_history_has_no_proof(defined, leaves):
    rewritten = [flipped(leaves[0]), *leaves[1:10]]
    fork = type(defined)(rewritten)
    with pytest.raises(ProofError, match="history was rewritten"):
        verify_consistency(6, 10, defined.mth(0, 6), fork.mth(0, 10), fork.proof(6, 10))


def test_two_roots_for_one_size_are_a_fork(defined):
    with pytest.raises(ProofError, match="forked"):
        verify_consistency(5, 5, defined.mth(0, 5), defined.mth(0, 6), [])


def test_a_node_does_not_pass_for_a_leaf(defined, leaves):
    node = node_hash(leaves[0], leaves[1])
    with pytest.raises(ProofError):
        verify_inclusion(node, 0, 4, [defined.mth(2, 4)], defined.mth(0, 4))


def test_the_text_says_what_does_not_fit(defined, leaves):
    root, path = defined.mth(0, 8), defined.path(3, 0, 8)
    with pytest.raises(ProofError, match=r"too short \(2 hashes\) for a tree of 8 leaves"):
        verify_inclusion(leaves[3], 3, 8, path[:2], root)
    with pytest.raises(ProofError, match=r"more hashes \(4\) than a tree of 8 leaves is deep"):
        verify_inclusion(leaves[3], 3, 8, [*path, path[0]], root)
    with pytest.raises(ProofError, match="the entry at 3 is not the one in the tree of 8 leaves"):
        verify_inclusion(leaves[4], 3, 8, path, root)
    with pytest.raises(ProofError, match=r"proof\[1\] has 31 bytes"):
        verify_inclusion(leaves[3], 3, 8, [path[0], path[1][:31], path[2]], root)
    with pytest.raises(ProofError, match="leaf has 0 bytes"):
        verify_inclusion(b"", 3, 8, path, root)
    with pytest.raises(ProofError, match="as the old root"):
        verify_consistency(3, 8, defined.mth(0, 4), root, defined.proof(3, 8))
    with pytest.raises(ProofError, match="from 3 to 8 leaves is empty"):
        verify_consistency(3, 8, defined.mth(0, 3), root, [])
