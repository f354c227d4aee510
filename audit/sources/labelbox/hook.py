"""What Labelbox sends to a webhook: that it is Labelbox's, and what it is about. A hint to look, never a record.

Its body is signed with the secret that was given when the webhook was made: `X-Hub-Signature: sha1=<hex of HMAC-SHA1>`.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha1

from audit.sources.values import Item, item, part, text

TOPICS = frozenset({"LABEL_CREATED", "LABEL_UPDATED", "LABEL_DELETED", "WORKFLOW_ACTION"})
SIGNATURE, TOPIC, DELIVERY = "x-hub-signature", "x-labelbox-event", "x-labelbox-id"


class BadHook(ValueError):
    """A request that is no message of Labelbox's, or of another secret; the text says why."""


@dataclass(frozen=True, slots=True)
class Hint:
    """What a message is about. `delivery` is its id: the same message may come more than once, and in any order."""

    topic: str
    delivery: str
    project: str | None
    data_row: str | None
    label: str | None


def read_hook(headers: Mapping[str, str], body: bytes, secret: str) -> Hint:
    """The message of a request, its headers in any case. Raises BadHook, before it looks at what the body says."""
    found = {name.lower(): value for name, value in headers.items()}
    _check(found.get(SIGNATURE, ""), body, secret)
    topic, delivery = found.get(TOPIC, "").upper(), found.get(DELIVERY, "")
    if topic not in TOPICS:
        raise BadHook(f"the header {TOPIC} is none of {', '.join(sorted(TOPICS))}")
    if not delivery:
        raise BadHook(f"the header {DELIVERY} is missing")
    try:
        said = item(body)
    except (ValueError, RecursionError):
        raise BadHook("the body is no JSON") from None
    about = part(said, "label") if topic != "WORKFLOW_ACTION" else {}
    label = text(about, "id") or text(said, "labelId") or (text(said, "id") if topic.startswith("LABEL_") else None)
    return Hint(topic, delivery, _id(said, "project"), _id(said, "dataRow"), label)


def signature(body: bytes, secret: str) -> str:
    """What Labelbox puts into the header."""
    return "sha1=" + hmac.new(secret.encode(), body, sha1).hexdigest()


def _check(given: str, body: bytes, secret: str) -> None:
    if not secret:
        raise BadHook("no secret is known for this webhook")
    if not given.startswith("sha1="):
        raise BadHook(f"the header {SIGNATURE} is missing, or is no sha1=…")
    if not hmac.compare_digest(given.encode(), signature(body, secret).encode()):
        raise BadHook("the signature does not fit: the message is not Labelbox's, was changed, or has another secret")


def _id(said: Item, what: str) -> str | None:
    """An id in one of the forms in which messages have them: an object with an id, or a field."""
    snake = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in what)
    for name in (what, snake):
        if (found := text(part(said, name), "id") or text(said, f"{name}Id") or text(said, f"{name}_id")) is not None:
            return found
    return None
