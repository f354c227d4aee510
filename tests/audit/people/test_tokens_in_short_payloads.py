"""The fast way through short payloads finds exactly what the thorough one finds."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from audit.tokens import Forms, Table

VALUES = ["Amara", "amara@example.org", "a", ",", ":", '", "', "Ä", "true", "p:", "@p:aaaaaaaaaaaaaaaa/id"]
PIECES = [*VALUES, '"', '"', '"', " ", "{", "}", "\\", "x"]


def forms(pseudonym: str, values: list[str]) -> Forms:
    found = Forms(pseudonym)
    for field, value in zip(("id", "email", "name"), values, strict=False):
        found.add(field, value)
    return found


@given(
    st.lists(st.lists(st.sampled_from(VALUES), max_size=3), max_size=3),
    st.lists(st.lists(st.sampled_from(PIECES), max_size=20).map("".join), max_size=4),
)
def test_short_payloads_are_substituted_like_long_ones(people, payloads):
    fast, thorough = (
        Table([forms(letter * 16, values) for letter, values in zip("abc", people, strict=False)]) for _ in range(2)
    )
    thorough._few = False
    for payload in payloads:
        assert fast.substitute(payload.encode()) == thorough.substitute(payload.encode())


def test_a_value_between_two_strings_is_not_one():
    table = Table([forms("a" * 16, [","])])
    assert table.substitute(b'["x",","]') == b'["x","@p:aaaaaaaaaaaaaaaa/id"]'
    assert table.substitute(b'["x",",","y"]') == b'["x","@p:aaaaaaaaaaaaaaaa/id","y"]'
