"""Keys of events that say how something is now (`audit.sources.base.Version`): which thing, and in which state.

Such a key is `~<thing>~<state>.<ordinal>`: 32 hexadecimal digits of HMAC-SHA256(project key, canonical JSON) of
[task, thing] and of [task, thing, state]; the ordinal counts how often the thing came to that state before.
"""

from __future__ import annotations

import re

import orjson

from audit.log.envelope import clean
from audit.log.keys import Digests

_KEY = re.compile(r"~([0-9a-f]{32})~([0-9a-f]{32})\.\d+")


def digest(digests: Digests, *fields: str | None) -> str:
    """32 characters that stand for these fields in one project; nobody without its secret can tell for which."""
    return digests.of(orjson.dumps([None if value is None else clean(value) for value in fields]))


def key_of(thing: str, state: str, ordinal: int) -> str:
    """The source key; `thing` and `state` are digests."""
    return f"~{thing}~{state}.{ordinal}"


def parts_of(key: str) -> tuple[str, str] | None:
    """The digests of thing and state in a key; None for a key of another kind."""
    found = _KEY.fullmatch(key) if key[33:34] == "~" else None
    return (found[1], found[2]) if found else None
