"""JSON of platforms as bytes and as values: parsing that takes what JSON takes, and fields of the kind one expects."""

from __future__ import annotations

import json
import math
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

import msgspec
import orjson

T = TypeVar("T")
Item = dict[str, Any]

NESTED = (dict, list)
"""What has values inside."""

# A URL whose query holds a signature: whoever has it may read the file until it expires. The path alone is what it is.
_SIGNED = re.compile(
    rb'"(https?:(?://|\\/\\/)[^"?]*)\?(?:[^"]*(?:[&;]|\\u0026))?(?:[\w-]*Signature|sig|token)=[^"]*"', re.IGNORECASE
)

# Escapes: a pair of surrogates, a surrogate alone, any other.
_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u([dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.DOTALL
)

_HALF = re.compile(rb"\\u[dD][89a-fA-F]")


def mended(answer: bytes) -> bytes:
    """The answer with U+FFFD for each half of a character that stands alone (RFC 8259 section 8.2): servers that are
    written in JavaScript send such escapes, and no decoder that checks its input takes them."""
    return _ESCAPE.sub(lambda found: b"\\ufffd" if found[1] else found[0], answer)


def without_halves(raw: bytes) -> bytes:
    """The JSON itself, unless it has half a character somewhere: then `mended`."""
    # Most payloads have no escape at all, and a search for one byte is twenty times as fast as for two.
    return mended(raw) if b"\\" in raw and _HALF.search(raw) else raw


def parsed(raw: bytes) -> Any:
    """What the JSON says, lone surrogates included. Raises ValueError for what is none."""
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        try:
            return json.loads(raw.decode("utf-8", "replace"), strict=False)
        except RecursionError:
            raise ValueError("it is nested too deeply") from None


def inner(value: object) -> Any:
    """What JSON inside of a text says; anything else as it is."""
    if not isinstance(value, str):
        return value
    try:
        return parsed(value.encode("utf-8", "surrogatepass"))
    except ValueError:
        return value


def item(raw: bytes) -> Item:
    """The object that the JSON is; empty for anything else. Raises ValueError for what is no JSON."""
    found = parsed(raw)
    return found if isinstance(found, dict) else {}


def an_object(raw: bytes) -> Item:
    """The object that the JSON is. Raises ValueError for what is none."""
    found = parsed(raw)
    if not isinstance(found, dict):
        raise ValueError("it is no object")
    return found


def readable(raw: bytes | None) -> Item:
    """The object that a payload is, half characters mended; empty where there is none, or none that can be read."""
    try:
        return item(without_halves(raw)) if raw is not None else {}
    except ValueError:
        return {}


def part(of: Item, name: str) -> Item:
    """The object in this field; empty when the field has none."""
    found = of.get(name)
    return found if isinstance(found, dict) else {}


def values(of: Item, name: str) -> list[Any]:
    """The list in this field; empty when the field has none."""
    found = of.get(name)
    return found if isinstance(found, list) else []


def parts(of: Item, name: str) -> list[Item]:
    """The objects of the list in this field."""
    found = of.get(name)
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []


def text(of: Item, name: str) -> str | None:
    """The text in this field; None when it is empty, or something else."""
    found = of.get(name)
    return found if isinstance(found, str) and found else None


def counted(digits: str) -> int | None:
    """The number that these digits are, of at most 18 and without zeros before it; None of any other text."""
    plain = digits.isascii() and digits.isdecimal() and len(digits) < 19
    return int(digits) if plain and (digits[0] != "0" or digits == "0") else None


def whole(of: Item, name: str) -> int | None:
    """The whole number in this field; None when it is something else."""
    found = of.get(name)
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def number(value: object) -> float | None:
    """The value as a number, infinite where it is larger than any; None for what is none (a boolean is none)."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def instant(written: str) -> datetime:
    """The UTC instant of a time in ISO 8601; one without an offset is UTC. Raises ValueError."""
    moment = datetime.fromisoformat(written)
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"the time {written[:60]!r} is outside the years 1 to 9999 in UTC") from error


def when(of: Item, name: str) -> tuple[str, datetime] | tuple[None, None]:
    """The time in this field, as text and instant; neither when there is none that can be read (the payload has it)."""
    written = text(of, name)
    if written is None:
        return None, None
    try:
        return written, instant(written)
    except ValueError:
        return None, None


def unsigned(raw: bytes) -> bytes:
    """The payload without the queries of signed URLs."""
    return _SIGNED.sub(rb'"\1"', raw) if b"?" in raw else raw


def unsigned_url(url: str) -> str:
    """The URL without its query, where that is a signature."""
    return unsigned(b'"' + url.encode("utf-8", "surrogatepass") + b'"')[1:-1].decode("utf-8", "surrogatepass")


def canonical(value: Any) -> bytes:
    """One spelling for equal values: to compare them, not to keep them."""
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except TypeError:  # Half a character, or a number of more than 64 bits.
        return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def decoded(body: bytes, type_: type[T]) -> T:
    """The answer as this type, half characters mended. Raises msgspec.ValidationError for JSON of another shape,
    msgspec.DecodeError or UnicodeDecodeError for what is none."""
    try:
        return msgspec.json.decode(body, type=type_)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        if (whole_body := mended(body)) == body:
            raise
        return msgspec.json.decode(whole_body, type=type_)


def http_date(written: str | None) -> datetime | None:
    """The moment of a header's date (RFC 9110 section 5.6.7), to the second; None where there is none."""
    try:
        return None if written is None else parsedate_to_datetime(written).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
