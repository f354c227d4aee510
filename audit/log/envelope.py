"""The envelope: the bytes of an event that are hashed (docs/contracts.md section 1), and the commits in it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from hashlib import sha256

import msgspec

from exportsite.canonical import MAX_INT

MAX_ENVELOPE = 61_440
"""Bytes of an envelope at most: C2SP's tiles of entries give lengths in 16 bits."""
MAX_DISCLOSURE = 64 * 1024 * 1024
SALT_SIZE = 32

_COMMIT = b"labeltrail/v1/commit\0"
_UNFIT = re.compile("[\0\ud800-\udfff]")


class EnvelopeError(ValueError):
    """An event that can't be an envelope, or bytes that are none."""


class Envelope(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """Envelope version 1. The fields stand in the order of their names: encoding it gives canonical JSON."""

    actor: str | None
    actor_kind: str
    assignee: str | None
    content: str | None
    cycle: int | None
    derived: bool
    log: str
    n: int
    occurred_at: str | None
    received_at: str
    source_key: str
    source_type: str
    stage: str | None
    task: str | None
    text: str | None
    to_stage: str | None
    type: str
    v: int


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Envelope).decode


def seal(envelope: Envelope) -> bytes:
    """The envelope's canonical bytes. Longer than 60 KiB: EnvelopeError naming its longest field."""
    data = _encode(envelope)
    if len(data) > MAX_ENVELOPE:
        sizes = {name: len(str(getattr(envelope, name))) for name in envelope.__struct_fields__}
        longest = max(sizes, key=lambda name: sizes[name])
        raise EnvelopeError(
            f"event {envelope.n} of task {str(envelope.task)[:80]!r} needs an envelope of {len(data):,} bytes, at most "
            f"{MAX_ENVELOPE:,} are possible: its {longest} is {sizes[longest]:,} characters long"
        )
    return data


def unseal(data: bytes) -> Envelope:
    """The envelope in these bytes; anything but the canonical bytes of version 1 is an EnvelopeError."""
    try:
        envelope = _decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as problem:
        raise EnvelopeError(f"not an envelope: {problem}") from None
    if _encode(envelope) != data:
        raise EnvelopeError("not an envelope: its bytes are not canonical")
    if not (0 < envelope.n <= MAX_INT and (envelope.cycle is None or -MAX_INT <= envelope.cycle <= MAX_INT)):
        raise EnvelopeError(f"not an envelope: its n is {envelope.n}, its cycle {envelope.cycle}")
    if envelope.v != 1:
        raise EnvelopeError(f"an envelope of version {envelope.v}; this program reads version 1")
    return envelope


def commit(salt: bytes, data: bytes) -> str:
    """The commitment to `data`: SHA-256("labeltrail/v1/commit\\0" || salt || data), lower-case hex."""
    return sha256(_COMMIT + salt + data).hexdigest()


def clean(text: str) -> str:
    """Text that JSON, UTF-8 and PostgreSQL can all hold: NUL and lone surrogates become U+FFFD."""
    if text.isprintable():  # Neither NUL nor a surrogate is printable: the common case costs no search.
        return text
    return _UNFIT.sub("\ufffd", text)


def stamp(moment: datetime) -> str:
    """`received_at`'s form of an instant: UTC, microseconds, `Z`."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def unstamp(text: str) -> datetime:
    """The instant of a `received_at`; another form is an EnvelopeError."""
    try:
        moment = datetime.fromisoformat(text)
        fits = moment.tzinfo is not None and stamp(moment) == text
    except (ValueError, OverflowError):
        raise EnvelopeError(f"received_at is {text[:80]!r}, not a time") from None
    if not fits:
        raise EnvelopeError(f"received_at is {text[:80]!r}, not in the form YYYY-MM-DDTHH:MM:SS.ffffffZ")
    return moment
