"""In the profile, our bytes are those of RFC 8785, and reading them gives the value back."""

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from exportsite import canonical

ASCII = st.text(st.characters(max_codepoint=127), max_size=12)
UNICODE = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
SCALARS = st.none() | st.booleans() | st.integers(-canonical.MAX_INT, canonical.MAX_INT) | UNICODE
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(ASCII, inner, max_size=5))


@given(VALUES)
def test_every_value_of_the_profile_has_the_bytes_of_rfc_8785(value):
    assert canonical.dumps(value) == rfc8785.dumps(value)


@given(VALUES)
def test_reading_the_bytes_gives_the_value_back(value):
    assert canonical.loads(canonical.dumps(value)) == value


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ({"b": 1, "a": None, "B": [True, False]}, b'{"B":[true,false],"a":null,"b":1}'),
        ({}, b"{}"),
        ([], b"[]"),
        ("", b'""'),
        (2**53 - 1, b"9007199254740991"),
        (-(2**53) + 1, b"-9007199254740991"),
        ("\x00\x08\t\n\x0c\r\x1f\x7f", b'"\\u0000\\b\\t\\n\\f\\r\\u001f\x7f"'),
        ('"\\/</script>', b'"\\"\\\\/</script>"'),
        ("é\u2028😀", '"é\u2028😀"'.encode()),
        ({"\x1f": 1, "": 2, "~": 3}, b'{"":2,"\\u001f":1,"~":3}'),
    ],
)
def test_the_spelling_is_fixed(value, written):
    assert canonical.dumps(value) == written
    assert rfc8785.dumps(value) == written


def test_the_order_of_insertion_leaves_no_trace():
    assert canonical.dumps({"b": {"d": 1, "c": 2}, "a": 3}) == canonical.dumps({"a": 3, "b": {"c": 2, "d": 1}})


def test_nesting_is_taken_up_to_the_limit():
    value: object = 1
    for _ in range(canonical.MAX_DEPTH):
        value = [value]
    assert canonical.loads(canonical.dumps(value)) == value
