"""Source keys: what makes an event the same event when its source is read again (docs/contracts.md section 1)."""

from __future__ import annotations

import base64
import hmac
from collections import Counter

import orjson

from audit.sources.base import SourceEvent

VERSION_TYPES = frozenset({"project.updated", "task.updated"})
"""Events that announce how something now is: known when the newest of them says the same, however often it did before."""


class SourceKeys:
    """Computes keys of events that have no id at their source, for one history at a time.

    `project_key` is the project's secret: without it a key can't be guessed from what it stands for.
    """

    def __init__(self, project_key: bytes) -> None:
        self.project_key = project_key
        self.seen: Counter[str] = Counter()

    def next_history(self) -> None:
        """Start counting equal events anew: the events that follow are another task's."""
        self.seen.clear()

    def key(self, event: SourceEvent, actor: str | None, assignee: str | None) -> str:
        """The event's own id, else the computed one with its ordinal. `actor` and `assignee` are pseudonyms."""
        if event.source_key is not None:
            return event.source_key
        fields = [event.task, event.type, event.source_type, event.occurred_at, event.stage, actor, assignee]
        digest = hmac.digest(self.project_key, orjson.dumps([*fields, *event.key_fields]), "sha256")
        base = "~" + base64.b32encode(digest).decode()[:26].lower()
        if event.type in VERSION_TYPES:
            return base
        ordinal = self.seen[base]
        self.seen[base] = ordinal + 1
        return f"{base}.{ordinal}"
