"""Values outside the profile are refused with the path and the reason."""

import enum
import uuid
from datetime import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exportsite import canonical
from exportsite.canonical import NotCanonical


class Colour(enum.StrEnum):
    RED = "red"


class Text(str):
    pass


class Table(dict):
    pass


def nested(depth: int) -> object:
    value: object = 1
    for _ in range(depth):
        value = [value]
    return value


CYCLE: list[object] = []
CYCLE.append(CYCLE)

REFUSED = [
    (1.0, "float"),
    (-0.0, "float"),
    (float("nan"), "float"),
    (float("inf"), "float"),
    (2**53, "outside"),
    (-(2**53), "outside"),
    (10**5000, "outside"),
    ("a\ud800b", "lone surrogate at character 1"),
    ({"é": 1}, "'é' is not ASCII"),
    ({"\udc00": 1}, "is not ASCII"),
    ({1: 1}, "keys are strings"),
    ({None: 1}, "keys are strings"),
    ({Text("a"): 1}, "keys are strings"),
    ((1, 2), "type tuple"),
    ({1, 2}, "type set"),
    (b"a", "type bytes"),
    (Decimal("1"), "type Decimal"),
    (datetime(2026, 1, 1), "type datetime"),
    (uuid.UUID(int=0), "type UUID"),
    (Colour.RED, "type Colour"),
    (Text("a"), "type Text"),
    (Table(), "type Table"),
    (nested(canonical.MAX_DEPTH + 1), "inside one another"),
    (nested(100_000), "inside one another"),
    (CYCLE, "inside one another"),
]


@pytest.mark.parametrize(("value", "reason"), REFUSED, ids=[reason for _, reason in REFUSED])
def test_it_refuses_what_is_outside_the_profile_by_name(value, reason):
    with pytest.raises(NotCanonical, match=reason):
        canonical.dumps(value)


@pytest.mark.parametrize(
    ("value", "where"),
    [
        (1.5, "$"),
        ({"a": [0, {"b": 1.5}]}, "$.a[1].b"),
        ({"two words": {"x": [1.5]}}, "$['two words'].x[0]"),
        ({"a": {"é": 1}}, "$.a"),
        ([["\ud800"]], "$[0][0]"),
    ],
)
def test_the_error_names_the_path(value, where):
    with pytest.raises(NotCanonical) as caught:
        canonical.dumps(value)
    assert caught.value.where == where
    assert where in str(caught.value)


@given(st.floats(), st.lists(st.integers(0, 9), max_size=4), st.integers(0, 4))
def test_no_float_gets_through_wherever_it_stands(number, around, index):
    around.insert(index, {"n": number})  # type: ignore[arg-type]
    with pytest.raises(NotCanonical, match="float"):
        canonical.dumps({"outer": around})


def test_a_refused_value_never_appears_at_full_length_in_the_text():
    with pytest.raises(NotCanonical) as caught:
        canonical.dumps({"é" * 10_000: 1})
    assert len(str(caught.value)) < 200
