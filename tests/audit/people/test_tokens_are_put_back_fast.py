"""The fast way of putting people back finds exactly the tokens that the thorough one finds."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from audit.tokens import _STRING, Field, _restore, _restored, restore

TOKEN = '"@p:aaaaaaaaaaaaaaaa/id"'
PIECES = [
    TOKEN,
    TOKEN[:-1],
    TOKEN[1:],
    '"@p:aaaaaaaaaaaaaaaa/email.7"',
    '"@@p:x"',
    '"',
    '"@',
    "@",
    "p:",
    ",",
    "x",
    '"x"',
]


def lookup(pseudonym: str, field: Field, position: int) -> bytes | None:
    return None if position > 5 else f'"{pseudonym} {field}"'.encode()


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_tokens_are_found_whatever_stands_around_them(payload: str) -> None:
    assert restore(payload.encode(), lookup) == _restore(payload.encode(), lookup)


@given(st.lists(st.sampled_from([*PIECES, "\\", '\\"', "\\\\", '"\\"@', "\n"]), max_size=14).map("".join))
def test_strings_are_told_apart_whatever_is_escaped_in_them(payload: str) -> None:
    data = payload.encode()
    parts = _STRING.split(data)
    parts[1::2] = [_restored(raw, lookup) if raw.startswith(b'"@') else raw for raw in parts[1::2]]
    assert restore(data, lookup) == _restore(data, lookup) == b"".join(parts)


def test_what_only_looks_like_a_token_between_two_strings_stays() -> None:
    assert restore(b'["x"@p:aaaaaaaaaaaaaaaa/id"]', lookup) == b'["x"@p:aaaaaaaaaaaaaaaa/id"]'


class _Read(bytes):
    """Bytes that know how many of them were looked through for quotes."""

    counted = 0

    def count(self, sub: bytes, start: int, end: int) -> int:
        self.counted += end - start
        return super().count(sub, start, end)


def test_nothing_is_looked_through_twice_however_many_look_like_tokens() -> None:
    data = _Read(b'x"y"@z' * 1000)
    assert restore(data, lookup) == data
    assert data.counted <= len(data)
