"""The installation's own keys: they sign the log, hide identities and make pseudonyms.

Three files in `LABELTRAIL_KEY_DIR`, made on first use. They are no part of the database or of its backups: who holds
both can read and sign everything, who holds one alone can do neither.

| file | holds | when it is lost |
| --- | --- | --- |
| `log.ed25519` | seed of the Ed25519 key that signs checkpoints | new checkpoints carry another signer |
| `field.key` | AES-256-GCM key of identities | e-mails and names can't be read again |
| `pseudonym.key` | HMAC key of pseudonyms and computed keys | people known so far come back as strangers |
"""

from __future__ import annotations

import hmac
import os
import secrets
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

KEY_BYTES = 32
NONCE_BYTES = 12
KEY_ID_DIGITS = 8


class WrongKeys(Exception):
    """The key directory or a file in it can't be used; the text says which, why, and what to do."""


class UnknownKey(Exception):
    """Something was encrypted with a key that this installation does not hold."""


class Tampered(Exception):
    """Encrypted bytes, or what they belong to, are not what was once stored."""


@dataclass(frozen=True, slots=True)
class Keyring:
    """The three keys of 32 bytes. Never shown: `repr` leaves them out."""

    seed: bytes = field(repr=False)
    field_key: bytes = field(repr=False)
    pseudonym_key: bytes = field(repr=False)
    field_key_id: str = ""

    @classmethod
    def read(cls, directory: Path) -> Keyring:
        """The keys in `directory`; those that are missing are made. Raises WrongKeys."""
        _check_directory(directory)
        seed, field_key, pseudonym_key = (
            key_in(directory / name) for name in ("log.ed25519", "field.key", "pseudonym.key")
        )
        return cls(seed, field_key, pseudonym_key, sha256(field_key).hexdigest()[:KEY_ID_DIGITS])

    @property
    def signing_key(self) -> Ed25519PrivateKey:
        """The key that signs checkpoints and manifests."""
        return Ed25519PrivateKey.from_private_bytes(self.seed)

    def derive(self, label: bytes) -> bytes:
        """A key of 32 bytes for one purpose: HMAC-SHA256(pseudonym.key, label)."""
        return hmac.digest(self.pseudonym_key, label, "sha256")

    def encrypt(self, plain: bytes, aad: bytes) -> tuple[str, bytes]:
        """The key's id, and nonce || ciphertext || tag. `aad`, what the bytes belong to, is needed to decrypt."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return self.field_key_id, nonce + AESGCM(self.field_key).encrypt(nonce, plain, aad)

    def decrypt(self, key_id: str | None, data: bytes, aad: bytes) -> bytes:
        """What `encrypt` was given. Raises UnknownKey for another key's id, Tampered for any changed byte."""
        if key_id != self.field_key_id:
            raise UnknownKey(
                f"This was encrypted with the key {key_id}, field.key in the key directory is {self.field_key_id}: "
                "put the field.key back that was in use then"
            )
        nonce, sealed = data[:NONCE_BYTES], data[NONCE_BYTES:]
        try:
            return AESGCM(self.field_key).decrypt(nonce, sealed, aad)
        except (InvalidTag, ValueError):  # ValueError: a nonce cut short.
            raise Tampered(
                "Encrypted data was changed, or moved to where it does not belong: it can't be decrypted"
            ) from None


def keyring() -> Keyring:
    """The installation's keys, read once for each process and directory. Raises WrongKeys."""
    return _cached(Path(settings.LABELTRAIL_KEY_DIR))


@lru_cache(maxsize=16)
def _cached(directory: Path) -> Keyring:
    return Keyring.read(directory)


def _check_directory(directory: Path) -> None:
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        mode = directory.stat().st_mode
    except OSError as error:
        raise WrongKeys(
            f"The key directory {directory} can't be used ({error.strerror}); see LABELTRAIL_KEY_DIR"
        ) from error
    if mode & 0o077:
        raise WrongKeys(f"The key directory {directory} is open to other users of this machine: chmod 700 {directory}")


def key_in(path: Path) -> bytes:
    """The key in `path`, made when there is none. Raises WrongKeys."""
    try:
        if not path.exists():
            _make(path)
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            key = file.read(KEY_BYTES + 1)
    except OSError as error:
        raise WrongKeys(f"The key {path} can't be read or made: {error.strerror}") from error
    if mode & 0o077:
        raise WrongKeys(f"The key {path} is open to other users of this machine: chmod 600 {path}")
    if len(key) != KEY_BYTES:
        raise WrongKeys(
            f"The key {path} is not {KEY_BYTES} bytes long: put the right file back. "
            "Without it, what was made with it can't be read or continued"
        )
    return key


def _make(path: Path) -> None:
    """Put a new key in `path`, whole and for good, unless another process was faster: then its key stands.

    A link fails when its name is taken and never shows half a file; rename would replace the other's key.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            return
    finally:
        draft.unlink(missing_ok=True)
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
