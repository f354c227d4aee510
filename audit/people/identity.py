"""What an identity is made of: how it is found, named and encrypted (contracts, sections 1 and 2)."""

from __future__ import annotations

import base64
import hmac

from audit.models import Identity, Log, Source
from audit.tokens import FIELDS, Field, value_of
from exportsite import canonical
from exportsite.keys import Tampered, keyring

PSEUDONYM_LENGTH = 16

Raw = dict[Field, list[bytes]]
"""For each field the raw JSON strings it came in, by arrival; every field is present."""


def project_key(log: Log) -> bytes:
    """The project's secret, from which its pseudonyms and computed source keys are made."""
    return keyring().derive(b"labeltrail/v1/project\0" + log.uuid.bytes)


def pseudonym_of(key: bytes, source: Source, external_id: str) -> str:
    """16 letters and digits that stand for a person in one project, for ever. `key` is the project's."""
    return base64.b32encode(hmac.digest(key, _named(source, external_id), "sha256")).decode()[:PSEUDONYM_LENGTH].lower()


def subject_of(source: Source, external_id: str) -> bytes:
    """What finds the identity's row without saying whose it is, also after erasure. 32 bytes."""
    return hmac.digest(keyring().derive(b"labeltrail/v1/subject\0"), _named(source, external_id), "sha256")


def seal(source_id: int, subject: bytes, raw: Raw) -> tuple[str, bytes]:
    """The key's id and the encrypted forms, bound to their source and subject."""
    plain = canonical.dumps({field: [form.decode() for form in forms] for field, forms in raw.items()})
    return keyring().encrypt(plain, _belongs_to(source_id, subject))


def unseal(source_id: int, subject: bytes, key_id: str | None, data: bytes) -> Raw:
    """The forms that `seal` was given. Raises Tampered or UnknownKey."""
    plain = canonical.loads(keyring().decrypt(key_id, data, _belongs_to(source_id, subject)))
    if not isinstance(plain, dict):
        raise Tampered("An identity does not hold what identities hold")
    raw: Raw = {}
    for field in FIELDS:
        forms = plain.get(field)
        raw[field] = [str(form).encode() for form in forms] if isinstance(forms, list) else []
    return raw


def read(identity: Identity) -> Raw | None:
    """The forms in a row, None after erasure. Raises Tampered or UnknownKey, naming the row."""
    if identity.data is None:
        return None
    try:
        return unseal(identity.source_id, bytes(identity.subject), identity.key_id, bytes(identity.data))
    except Tampered as error:
        raise Tampered(f"Identity {identity.pk}: {error}") from None


def last(raw: Raw, field: Field) -> str | None:
    """The value that was learned last, or None."""
    return value_of(raw[field][-1]) if raw[field] else None


def _named(source: Source, external_id: str) -> bytes:
    return canonical.dumps([source.kind, str(source.pk), external_id])


def _belongs_to(source_id: int, subject: bytes) -> bytes:
    return b"labeltrail/v1/identity\0%d\0%b" % (source_id, subject)
