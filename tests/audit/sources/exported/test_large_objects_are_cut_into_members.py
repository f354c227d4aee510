from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from audit.sources.files import jsonarray
from audit.sources.files.errors import BadFile
from audit.sources.files.jsonarray import members


@dataclass
class Text:
    """Bytes that come one at a time."""

    data: bytes
    path: str = "file"

    @property
    def head(self) -> bytes:
        return self.data[:2]

    def chunks(self) -> Iterator[bytes]:
        return (self.data[at : at + 1] for at in range(len(self.data)))


def test_each_member_comes_with_its_value() -> None:
    text = Text(
        b'\xef\xbb\xbf {"a": {"b": [1, "}"]}, "c\\u00e9\\"": "x\\"]", "d": -1.5e3 , "e":null,"f" :[1, [2]], "g": [] }\n'
    )
    assert list(members(text)) == [
        ("a", b'{"b": [1, "}"]}'),
        ('cé"', b'"x\\"]"'),
        ("d", b"-1.5e3"),
        ("e", b"null"),
        ("f", b"[1, [2]]"),
    ]


def test_objects_of_an_array_come_one_by_one() -> None:
    assert list(members(Text(b'{"a": [{"x": 1}, {"y": "]"}], "b": [{}]}'))) == [
        ("a", b'{"x": 1}'),
        ("a", b'{"y": "]"}'),
        ("b", b"{}"),
    ]


def test_an_empty_object_has_none() -> None:
    assert list(members(Text(b" {} "))) == []


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"[1]", "this is not a JSON object"),
        (b"", "this is not a JSON object"),
        (b"{a: 1}", "a name in quotes was expected"),
        (b'{"a" 1}', 'a colon was expected after "a"'),
        (b'{"a": 1 "b": 2}', 'a comma or the end of the object was expected after "a"'),
        (b'{"a": 1} {}', "something follows the end of the object"),
        (b'{"a": {"b": 1}', "a comma or the end of the object was expected"),
        (b'{"a": {"b": 1', "it was cut off"),
        (b'{"a": "b', "it was cut off"),
        (b'{"a": 12', "it was cut off"),
        (b'{"a": [{"b": 1}', "it was cut off"),
        (b'{"a": [{"b": 1} 7]}', "stands where an object or a comma was expected"),
        ('{"a": 1}'.encode("utf-16"), "save it as UTF-8"),
    ],
)
def test_what_is_not_whole_is_refused(data: bytes, said: str) -> None:
    with pytest.raises(BadFile) as caught:
        list(members(Text(data)))
    assert said in caught.value.text


def test_a_value_that_is_too_long_is_refused_with_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsonarray, "MAX_ITEM", 100)
    with pytest.raises(BadFile) as caught:
        list(members(Text(b'{"a": 1,\n"b": {"c": "' + b"x" * 200 + b'"}}')))
    assert caught.value.line == 2
    assert "more than 64 MiB" in caught.value.text
