"""A set of digests says what a set says, in a fraction of its memory."""

from __future__ import annotations

import tracemalloc
from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from exportsite.digests import Digests


def digest(number: int) -> int:
    return int.from_bytes(sha256(str(number).encode()).digest()[:8])


# Of few numbers, far apart or side by side, so that places are asked for twice, past the table's end too.
CROWDED = st.one_of(st.integers(1, 40), st.integers(1, 40).map(lambda number: 2**64 - number))


@given(st.lists(CROWDED), CROWDED)
def test_it_holds_what_was_added_and_nothing_else(added: list[int], other: int) -> None:
    found = Digests()
    for one in added:
        found.add(one)
    assert all(one in found for one in added)
    assert (other in found) == (other in added)


def test_it_grows() -> None:
    found = Digests()
    for number in range(0, 20_000, 2):
        found.add(digest(number))
    assert [digest(number) in found for number in range(20_000)] == [True, False] * 10_000


def test_zero_is_a_digest_too() -> None:
    found = Digests()
    assert 0 not in found
    found.add(0)
    assert 0 in found


def test_it_says_whether_a_digest_is_new() -> None:
    found = Digests()
    assert [found.add(digest(number)) for number in (1, 2, 1, 3, 2)] == [True, True, False, True, False]


def test_it_never_takes_more_than_a_fifth_of_what_a_set_takes_in_the_end() -> None:
    now, _ = traced(set())
    _, most = traced(Digests())
    assert 5 * most < now


def traced(found: Digests | set[int]) -> tuple[int, int]:
    """Bytes that a set of many digests takes, and the most that it took while it grew."""
    tracemalloc.start()
    for number in range(50_000):
        found.add(digest(number))
    sizes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return sizes
