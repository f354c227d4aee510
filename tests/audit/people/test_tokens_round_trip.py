"""Whatever the document and whoever the people: putting the values back gives the source's bytes again."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from audit.tokens import FIELDS, Forms, Table, plain, restore, value_of

PSEUDONYMS = ("aaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbb", "cccccccccccccccc")
ODD = [
    "@p:",
    "@@p:x",
    "@",
    "@p",
    "x@p:",
    "@p:aaaaaaaaaaaaaaaa/name",
    "@p:bbbbbbbbbbbbbbbb/id.1",
    "@@p:aaaaaaaaaaaaaaaa/email",
]
VALUES = [
    *ODD,
    "Ann",
    "René",
    "a/b",
    "\ud800",
    "😀",
    'say "x"',
    "back\\slash",
    "\\",
    ",",
    ":",
    "line\nend",
    "\0",
    "id",
    "[1,2]",
]

values = st.sampled_from(VALUES) | st.text(max_size=4)
people = st.lists(st.tuples(st.sampled_from(FIELDS), values), max_size=4)
documents = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | values,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(values, inner, max_size=5),
    max_leaves=20,
)


@st.composite
def spellings(draw) -> bytes:
    """A document as some serialiser could have written it, escapes, blanks and all."""
    text = json.dumps(
        draw(documents),
        ensure_ascii=draw(st.booleans()),
        indent=draw(st.sampled_from([None, 1])),
        separators=draw(st.sampled_from([(",", ":"), (", ", " : ")])),
    )
    if draw(st.booleans()):
        text = text.replace("/", "\\/")
    if draw(st.booleans()):
        text = text.replace("n", "\\u006E") if "\\" not in text else text
    return text.encode("utf-8", "surrogatepass")


def known(*held: list[tuple[str, str]]) -> dict[str, Forms]:
    found = {}
    for pseudonym, person in zip(PSEUDONYMS, held, strict=False):
        found[pseudonym] = Forms(pseudonym)
        for field, value in person:
            found[pseudonym].add(field, value)
    return found


def back(data: bytes, held: dict[str, Forms]) -> bytes:
    return restore(data, lambda pseudonym, field, position: held[pseudonym].raw[field][position])


@settings(max_examples=400)
@given(st.lists(spellings(), min_size=1, max_size=3), people, people, people)
def test_documents_come_back_byte_for_byte(sent, one, two, three):
    held = known(one, two, three)
    table = Table(held.values())
    stored = [table.substitute(data) for data in sent]
    assert [back(data, held) for data in stored] == sent


@settings(max_examples=200)
@given(st.binary(max_size=80) | st.text('"\\@p:/name{}[],. aA\n', max_size=80).map(str.encode), people, people)
def test_bytes_that_are_no_json_come_back_too(sent, one, two):
    held = known(one, two)
    assert back(Table(held.values()).substitute(sent), held) == sent


@settings(max_examples=200)
@given(spellings(), people, people)
def test_no_string_of_the_stored_bytes_is_a_value_of_the_people(sent, one, two):
    held = known(one, two)
    stored = Table(held.values()).substitute(sent)
    secret = {value for forms in held.values() for values_ in forms.values.values() for value in values_} - set(ODD)
    try:
        document = json.loads(stored.decode())
    except ValueError:  # A lone surrogate that was not escaped: not UTF-8.
        return
    assert not secret & set(strings_in(document))


@settings(max_examples=200)
@given(spellings(), people)
def test_stored_forms_alone_bring_everything_back(sent, one):
    held = known(one)
    stored = Table(held.values()).substitute(sent)
    kept = {pseudonym: Forms(pseudonym, forms.settled()) for pseudonym, forms in held.items()}
    assert back(stored, kept) == sent
    assert all(kept[pseudonym].values == forms.values for pseudonym, forms in held.items())


@given(values)
def test_the_plain_form_of_a_value_says_the_value(value):
    assert value_of(plain(value)) == value
    assert json.loads(plain(value)) == value


def test_a_payload_of_megabytes_comes_back():
    held = known([("name", "Ann"), ("id", "René")])
    rows = [
        {"by": "Ann", "n": at, "no\u00e9": "@p:x" * (at % 3), "x": "René", "y": "Ren\\u00e9"} for at in range(60_000)
    ]
    sent = (
        json.dumps(rows).encode() + json.dumps("Ann" * 200_000).encode() + json.dumps(rows, ensure_ascii=False).encode()
    )
    stored = Table(held.values()).substitute(sent)
    assert stored.count(b'"@p:aaaaaaaaaaaaaaaa/name"') == 2 * len(rows)
    assert stored.count(b'"@p:aaaaaaaaaaaaaaaa/id"') == stored.count(b'"@p:aaaaaaaaaaaaaaaa/id.1"') == len(rows)
    assert back(stored, held) == sent


def strings_in(value: object):
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from strings_in(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from strings_in(item)
