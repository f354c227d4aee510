"""How entries, disclosures and proofs are spelled, in archives and beside reports (docs/contracts.md section 3)."""

from __future__ import annotations

import base64
from collections.abc import Sequence

import orjson


def entry(index: int, envelope: bytes) -> bytes:
    """A line of entries: the envelope's bytes as they were hashed."""
    return b'{"index":%d,"envelope":%b}\n' % (index, envelope)


def disclosure(index: int, group: str, salt: bytes, data: bytes) -> bytes:
    """A line of disclosures."""
    spelled = base64.b64encode(salt), base64.b64encode(data)
    return b'{"index":%d,"group":"%b","salt":"%b","bytes":"%b"}\n' % (index, group.encode(), *spelled)


def proof_head(size: int) -> bytes:
    """How proof.json begins; inclusion proofs follow, then PROOF_MIDDLE."""
    return b'{"size":%d,"inclusion":[' % size


PROOF_MIDDLE = b'\n],"last":['
PROOF_END = b"\n]}\n"


def inclusion(index: int, path: Sequence[bytes], *, first: bool) -> bytes:
    """The inclusion proof of an entry (32-byte hashes, lowest first), an item of proof.json."""
    nodes = [base64.b64encode(node).decode() for node in path]
    return _item({"index": index, "path": nodes}, first=first)


def last(task: str | None, n: int, index: int, *, first: bool) -> bytes:
    """The last number of a task, an item of proof.json."""
    return _item({"task": task, "n": n, "index": index}, first=first)


def _item(fields: dict[str, object], *, first: bool) -> bytes:
    return (b"\n" if first else b",\n") + orjson.dumps(fields)
