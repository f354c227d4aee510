"""Source keys: what makes an event the same event when its source is read again (docs/contracts.md section 1)."""

from __future__ import annotations

from copy import copy
from hashlib import sha256

import orjson

from audit.log.envelope import clean
from audit.sources.base import SourceEvent

VERSION_TYPES = frozenset({"project.updated", "task.updated"})
"""Without a time, these say how something is now: known when the newest says the same, however often one did before."""


class Digests:
    """HMAC-SHA256 (RFC 2104) under one project's secret, of 32 bytes, as 32 hexadecimal digits.

    The key's two states are made once: `hmac.digest` makes them anew for each message, which takes 20 times as long.
    """

    def __init__(self, project_key: bytes) -> None:
        padded = project_key.ljust(sha256().block_size, b"\0")
        self._inner = sha256(bytes(byte ^ 0x36 for byte in padded))
        self._outer = sha256(bytes(byte ^ 0x5C for byte in padded))

    def of(self, message: bytes) -> str:
        """What stands for the message; nobody without the secret can tell for which."""
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(message)
        outer.update(inner.digest())
        return outer.hexdigest()[:32]


class SourceKeys:
    """Computes keys of events that have no id at their source.

    Events come history by history; equal ones are told apart by counting them, anew when another task's events begin.
    `project_key` is the project's secret: without it a key can't be guessed from what it stands for.
    """

    def __init__(self, project_key: bytes) -> None:
        self._digests = Digests(project_key)
        self._history: str | None = None
        self._seen: dict[str, int] = {}

    def copy(self) -> SourceKeys:
        """Keys that count on from here, whatever this object does next."""
        twin = copy(self)
        twin._seen = self._seen.copy()
        return twin

    def key(self, event: SourceEvent, actor: str | None, assignee: str | None) -> str:
        """The event's own id, else the computed one with its ordinal. `actor` and `assignee` are pseudonyms.

        A computed key of VERSION_TYPES has no ordinal yet: what the log holds decides which comes.
        """
        if event.task != self._history:
            self._history = event.task
            self._seen.clear()
        if event.source_key is not None:
            return event.source_key
        fields = [event.task, event.type, event.source_type, event.occurred_at, event.stage, actor, assignee]
        if event.key_fields:
            fields += map(clean, event.key_fields)
        base = "~" + self._digests.of(orjson.dumps(fields))
        if event.type in VERSION_TYPES and event.occurred_at is None:
            return base
        ordinal = self._seen.get(base, 0)
        self._seen[base] = ordinal + 1
        return f"{base}.{ordinal}"
