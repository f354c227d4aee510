"""What Labelbox sends to a webhook: that a label or a data row's place in the workflow changed.

Its body is signed with the secret that was given when the webhook was made: `X-Hub-Signature: sha1=<hex of HMAC-SHA1>`.
The same message may come more than once, and in any order: it only says where to look.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from hashlib import sha1

from audit.sources.hook import BadHook
from audit.sources.values import item, part, text

TOPICS = frozenset({"LABEL_CREATED", "LABEL_UPDATED", "LABEL_DELETED", "WORKFLOW_ACTION"})
SIGNATURE, TOPIC = "x-hub-signature", "x-labelbox-event"


def read_hook(headers: Mapping[str, str], body: bytes, secret: str) -> tuple[str, ...]:
    """The data row that the message is about, where it names one. Raises BadHook, before the body is looked at, for a
    signature that does not fit."""
    found = {name.lower(): value for name, value in headers.items()}
    _check(found.get(SIGNATURE, ""), body, secret)
    if found.get(TOPIC, "").upper() not in TOPICS:
        raise BadHook(f"the header {TOPIC} is none of {', '.join(sorted(TOPICS))}")
    try:
        said = item(body)
    except (ValueError, RecursionError):
        raise BadHook("the body is no JSON") from None
    for name in ("dataRow", "data_row"):
        if (id_ := text(part(said, name), "id") or text(said, f"{name}Id") or text(said, f"{name}_id")) is not None:
            return (id_,)
    return ()


def signature(body: bytes, secret: str) -> str:
    """What Labelbox puts into the header."""
    return "sha1=" + hmac.new(secret.encode(), body, sha1).hexdigest()


def _check(given: str, body: bytes, secret: str) -> None:
    if not given.startswith("sha1="):
        raise BadHook(f"the header {SIGNATURE} is missing, or is no sha1=…")
    if not hmac.compare_digest(given.encode(), signature(body, secret).encode()):
        raise BadHook("the signature does not fit: the message is not Labelbox's, was changed, or has another secret")
