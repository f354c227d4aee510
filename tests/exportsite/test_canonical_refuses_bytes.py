"""Bytes that are not exactly what dumps writes are refused, with the place and the reason."""

import json

import orjson
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from exportsite import canonical
from exportsite.canonical import NotCanonical

REFUSED = [
    (b'{"a":1,"a":1}', "$", "the key 'a' appears twice"),
    (b'{"a":{"b":[{"c":1,"c":2}]}}', "$.a.b[0]", "the key 'c' appears twice"),
    (b'{"a":[{"c":1,"c":2}],"a":1}', "$.a[0]", "the key 'c' appears twice"),
    (b'{"b":1,"a":2}', "$", "the key 'a' stands after 'b'"),
    (b'[{"x y":{"b":1,"B":2}}]', "$[0]['x y']", "the key 'B' stands after 'b'"),
    (b"[1, 2]", "byte 3", "whitespace"),
    (b" 1", "byte 0", "whitespace"),
    (b"1\n", "byte 1", "whitespace"),
    (b'{"a": 1}', "byte 5", "whitespace"),
    (b'["\\u0041"]', "byte 2", "escape"),
    (b'["\\/"]', "byte 2", "escape"),
    (b'["\\u00e9"]', "byte 2", "escape"),
    (b'["\\u001F"]', "byte 7", "escape"),
    (b"[-0]", "byte 1", "number"),
    (b"[1.0]", "$[0]", "float"),
    (b'{"a":[1e2]}', "$.a[0]", "float"),
    (b"9007199254740992", "$", "outside"),
    (b"18446744073709551616", "$", "integer too large"),
    (b'{"\xc3\xa9":1}', "$", "not ASCII"),
    (b"", "character 0", "not JSON"),
    (b"NaN", "character 0", "not JSON"),
    (b"[01]", "character", "not JSON"),
    (b"[1,]", "character", "not JSON"),
    (b"1 2", "character", "not JSON"),
    (b"\xef\xbb\xbf1", "character 0", "not JSON"),
    (b'["\xff"]', "character", "not JSON"),
    (b'["\xed\xa0\x80"]', "character", "not JSON"),
    (b'["\\ud800"]', "character", "not JSON"),
    (b'{"a":' + b"[" * 1000 + b"]" * 1000 + b',"a":1}', "byte 5", "is written"),
    (b"[" * 65 + b"]" * 65, "$[0]", "inside one another"),
    (b"[" * 100_000, "character", "not JSON"),
]


@pytest.mark.parametrize(("data", "where", "reason"), REFUSED, ids=[repr(data[:24]) for data, _, _ in REFUSED])
def test_it_refuses_bytes_that_are_not_canonical_and_says_where(data, where, reason):
    with pytest.raises(NotCanonical) as caught:
        canonical.loads(data)
    assert caught.value.where.startswith(where)
    assert reason in caught.value.reason


@given(
    st.recursive(
        st.integers(0, 99) | st.text(max_size=5),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from("abcd"), inner),
    )
)
def test_any_other_spelling_of_a_value_is_refused(value):
    spelled = json.dumps(value, indent=1, ensure_ascii=True).encode()
    assume(spelled != canonical.dumps(value))
    with pytest.raises(NotCanonical):
        canonical.loads(spelled)


@given(st.binary(max_size=60) | st.text('{}[]",:0123456789.-eu\\ abtrn', max_size=30).map(str.encode))
def test_whatever_is_taken_is_exactly_what_would_be_written(data):
    try:
        value = canonical.loads(data)
    except NotCanonical:
        return
    assert canonical.dumps(value) == data


@given(st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 9), min_size=2))
def test_keys_in_any_other_order_are_refused(members):
    backwards = orjson.dumps(dict(sorted(members.items(), reverse=True)))
    with pytest.raises(NotCanonical, match="keys are sorted"):
        canonical.loads(backwards)
