"""People in payloads: their values out, tokens in, and back again byte for byte (contracts, section 2).

Works on raw bytes and knows strings only: what stands outside of them (floats, white space, duplicate keys, even what
is no JSON) is never touched, so nothing is lost by parsing and writing again. Pure functions; `audit.people` knows
where values are kept.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Literal, TypeAlias

import msgspec

Field: TypeAlias = Literal["id", "email", "name"]
FIELDS: tuple[Field, ...] = ("id", "email", "name")
"""In the order in which they claim a value that is equal in several."""

Lookup: TypeAlias = Callable[[str, Field, int], bytes | None]
"""`lookup(pseudonym, field, position)`: the raw JSON string, quotes included, or None when the token is to stay."""

# A string from quote to quote; one that never ends reaches to the end of the bytes, so that every scan is linear.
_BARE_STRING = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)'
_STRING = re.compile(rb"(" + _BARE_STRING + rb")", re.DOTALL)
_NEXT = re.compile(rb'(?:[^"]*+(?!"@)' + _BARE_STRING + rb')*+[^"]*+((?="@)' + _BARE_STRING + rb")", re.DOTALL)
"""Strings that do not begin with an `@`, then one that does."""
_RUN = re.compile(rb'(?:[^"]*+' + _BARE_STRING + rb"){1,8192}", re.DOTALL)
_PIECE = 1 << 18
_SHORT = 1 << 12
_FEW = 16
"""Values that are looked for one after the other in a payload of at most 4 KiB, rather than string by string."""
_TOKEN = re.compile(rb'"@p:([a-z2-7]{16})/(id|email|name)(?:\.([1-9][0-9]{0,8}))?"')
_LITERAL = re.compile(rb'"@+p:')
_ESCAPED = re.compile("@@+p:")
_QUOTE, _BACKSLASH = b'"\\'
_skipped = msgspec.json.Decoder(msgspec.Raw).decode
_DECODER = json.JSONDecoder(strict=False)  # Takes bare control characters: what a source sends is kept, not judged.


class Forms:
    """One person's values, and the JSON strings they came in.

    `raw[field]` lists raw strings, quotes included, by arrival; it only ever grows, since tokens name positions in it.
    `kept` is false for an erased person: nothing is remembered, every form gets the token without a position.
    `changed` is true when something was added since the owner of the object last set it to false.
    """

    __slots__ = ("changed", "kept", "pseudonym", "raw", "values")

    def __init__(self, pseudonym: str, raw: dict[Field, list[bytes]] | None = None, *, kept: bool = True) -> None:
        self.pseudonym = pseudonym
        self.kept = kept
        self.changed = False
        self.raw: dict[Field, list[bytes]] = {name: list((raw or {}).get(name, ())) for name in FIELDS}
        self.values: dict[Field, set[str]] = {name: values_of(self.raw[name]) for name in FIELDS}

    def add(self, field: Field, value: str | None) -> bool:
        """Take note of a value; true when it is a new one. Empty values are nobody's."""
        if not value or value in self.values[field]:
            return False
        self.values[field].add(value)
        self.changed = True
        return True

    def token(self, field: Field, raw: bytes) -> bytes:
        """The token, a raw JSON string, that stands for `raw`; a new form is added."""
        position = 0
        if self.kept:
            forms = self.raw[field]
            if raw not in forms:
                forms.append(raw)
                self.changed = True
            position = forms.index(raw)
        suffix = f".{position}" if position else ""
        return f'"@p:{self.pseudonym}/{field}{suffix}"'.encode()

    def settled(self) -> dict[Field, list[bytes]]:
        """The forms, and for each value that came in no payload so far its plain form: all there is to keep."""
        return {
            field: [*forms, *(plain(value) for value in sorted(self.values[field] - values_of(forms)))]
            for field, forms in self.raw.items()
        }

    def adopt(self, raw: dict[Field, list[bytes]]) -> None:
        """Take over what is now stored; it begins with the forms held so far."""
        self.raw = {name: list(raw[name]) for name in FIELDS}
        for field, forms in self.raw.items():
            self.values[field] |= values_of(forms)
        self.changed = False

    def erase(self) -> None:
        """Forget the forms and keep none from now on. This object still knows the values, so that they are replaced."""
        self.kept = self.changed = False
        self.raw = {name: [] for name in FIELDS}


class Table:
    """What to replace in payloads that name certain people. Holds for the values known when it was made."""

    def __init__(self, people: Iterable[Forms]) -> None:
        ordered = sorted(people, key=lambda forms: forms.pseudonym)
        self._owners: dict[str, tuple[Forms, Field]] = {}
        for field in FIELDS:
            for forms in ordered:
                for value in forms.values[field]:
                    self._owners.setdefault(value, (forms, field))
        # The only spelling without a backslash is the value itself; it gets its token when it first comes.
        self._fresh = {
            b'"%b"' % value.encode(): value
            for value in self._owners
            if '"' not in value and "\\" not in value and _encodable(value)
        }
        self._tokens: dict[bytes, bytes] = {}
        self._few = len(self._owners) <= _FEW and not any(value.startswith("@") for value in self._owners)
        # No spelling is longer than \uXXXX for each UTF-16 unit.
        self._longest = 2 + 6 * max(
            (len(value.encode("utf-16-le", "surrogatepass")) // 2 for value in self._owners), default=0
        )

    def substitute(self, data: bytes) -> bytes:
        """`data` with the people's values replaced by tokens, and literal strings that look like tokens escaped."""
        if len(data) > _PIECE:
            return b"".join(map(self._substitute, _pieces(data)))
        return self._substitute(data)

    def _substitute(self, data: bytes) -> bytes:
        # What looks like a token has `@p:` in it, which is found sooner than `"@`: quotation marks are everywhere.
        if self._few and len(data) <= _SHORT and b"\\" not in data and b"@p:" not in data:
            for raw in self._fresh:
                if raw in data:
                    break
            else:
                return self._substitute_plain(data)
        parts: list[bytes] = _STRING.split(data)
        strings = parts[1::2]
        tokens, fresh = self._tokens, self._fresh
        if b"\\" in data or b'"@' in data or not fresh.keys().isdisjoint(strings):
            parts[1::2] = [
                tokens.get(raw) or (self._special(raw) if raw in fresh or b"\\" in raw or raw[1:2] == b"@" else raw)
                for raw in strings
            ]
        elif tokens.keys().isdisjoint(strings):
            return data
        else:
            parts[1::2] = [tokens.get(raw, raw) for raw in strings]
        return b"".join(parts)

    def _substitute_plain(self, data: bytes) -> bytes:
        """The same for the most common payloads, short ones where every second quote ends a string: much faster."""
        for raw, token in self._tokens.items():
            at = data.find(raw)
            while at >= 0:
                if data.count(b'"', 0, at) % 2:  # What looks like the value stands between two strings.
                    at = data.find(raw, at + 1)
                    continue
                data = data[:at] + token + data[at + len(raw) :]
                at = data.find(raw, at + len(token))
        return data

    def _special(self, raw: bytes) -> bytes:
        """A string that may be a value as it comes for the first time, one spelled with escapes, or like a token."""
        value = self._fresh.pop(raw, None)
        if value is None and b"\\" in raw and len(raw) <= self._longest:
            value = value_of(raw)
        owner = self._owners.get(value) if value else None
        if owner is None:
            return b'"@' + raw[1:] if _LITERAL.match(raw) else raw
        forms, field = owner
        self._tokens[raw] = token = forms.token(field, raw)
        return token


def restore(data: bytes, lookup: Lookup, known: dict[bytes, bytes] | None = None) -> bytes:
    """`data` with tokens replaced by what `lookup` has for them, and escaped literals as they once were.

    In `known` the caller keeps what was found, for its next payload.
    """
    at = _quoted(data, 0)
    if at < 0:
        return data
    plainly = b"\\" not in data  # Then every second quote ends a string.
    if not plainly and not _is_json(data):
        return _restore(data, lookup)
    if known is None:
        known = {}
    parts: list[bytes] = []
    done = 0
    while at >= 0:
        if data.count(b'"', done, at) % 2 if plainly else at and data[at - 1] == _BACKSLASH:  # Inside of a string.
            parts.append(data[done : at + 1])  # What was counted is not counted again.
            done = at + 1
            at = _quoted(data, done)
            continue
        end = data.find(b'"', at + 2) + 1 or len(data)
        raw = data[at:end]
        found = known.get(raw)
        if found is None:
            found = _restored(raw, lookup)
            if found[:2] != b'"@':  # Who is not known yet, or was erased, is looked up again.
                known[raw] = found
        parts += (data[done:at], found)
        done = end
        at = _quoted(data, end)
    parts.append(data[done:])
    return b"".join(parts)


def _quoted(data: bytes, start: int) -> int:
    """Where the next `"@` is, or -1. Of all ways of looking for it the one that looks for one letter is the fastest."""
    at = data.find(b"@", start + 1)
    while at >= 0 and data[at - 1] != _QUOTE:
        at = data.find(b"@", at + 1)
    return at - 1 if at >= 0 else -1


def _is_json(data: bytes) -> bool:
    """Whether a quote and an `@` that no backslash precedes begin a string: in JSON nothing of the kind ends one."""
    try:
        _skipped(data)
    except (msgspec.DecodeError, RecursionError):
        return False
    return True


def _restore(data: bytes, lookup: Lookup) -> bytes:
    """`restore` for any payload: from one string that may be a token to the next, past all others at once."""
    parts: list[bytes] = []
    done = 0
    while found := _NEXT.match(data, done):
        parts += (data[done : found.start(1)], _restored(found[1], lookup))
        done = found.end()
    parts.append(data[done:])
    return b"".join(parts)


def _restored(raw: bytes, lookup: Lookup) -> bytes:
    if token := _TOKEN.fullmatch(raw):
        pseudonym, field, position = token.groups(b"0")
        found = lookup(pseudonym.decode(), FIELDS[FIELDS.index(field.decode())], int(position))
        return raw if found is None else found
    return b'"' + raw[2:] if _LITERAL.match(raw) else raw


def literal(text: str) -> str:
    """What a string says that stands in a payload with tokens: what only looks like a token has one `@` more there."""
    return text[1:] if _ESCAPED.match(text) else text


def plain(value: str) -> bytes:
    """A value as a JSON string with no more escapes than needed."""
    return json.dumps(value, ensure_ascii=not _encodable(value)).encode()


def value_of(raw: bytes) -> str | None:
    """What a raw JSON string says; None when it is none."""
    try:
        value: object = _DECODER.raw_decode(raw.decode())[0]
    except ValueError:
        return None
    return value if isinstance(value, str) else None


def values_of(forms: Iterable[bytes]) -> set[str]:
    """The values of raw JSON strings."""
    return {value for raw in forms if (value := value_of(raw)) is not None}


def _encodable(value: str) -> bool:
    """Whether UTF-8 can hold it: a lone surrogate has escaped spellings only."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _pieces(data: bytes) -> Iterator[bytes]:
    """`data` cut between strings, so that a large payload never lies in memory as millions of small objects."""
    at = 0
    while len(data) - at > _PIECE and (run := _RUN.match(data, at)):
        yield run[0]
        at = run.end()
    yield data[at:]
