"""Signed notes and checkpoints: the log's head as a few lines of text with an Ed25519 signature.

After C2SP signed-note (https://c2sp.org/signed-note) and tlog-checkpoint (https://c2sp.org/tlog-checkpoint), so that
other people's tools read them. A note is a text, a blank line, and one line per signature::

    <text, ending in a newline>

    — <key name> <base64 of key id and signature>

Nothing of a note may be used before ``open_note`` has returned its text.
"""

import base64
import binascii
import re
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from audit.log.merkle import HASH_SIZE

MAX_NOTE_BYTES = 1_000_000
MAX_SIGNATURES = 64
MAX_TREE_SIZE = 2**63 - 1

_ED25519 = b"\x01"  # The signature type byte of C2SP signed-note.
_KEY_ID_SIZE = 4
_SIGNATURE_LINE = "— "
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")
_HEX_SHA256 = re.compile(r"[0-9a-f]{64}")
_MANIFEST = "labeltrail/manifest/v1"


class NoteError(ValueError):
    """A note, key or text that is malformed, or a signature that does not hold."""


@dataclass(frozen=True)
class Signer:
    """A named private key. The name is that of the log, its origin, so that a signature says whose it is."""

    name: str
    private_key: Ed25519PrivateKey = field(repr=False)

    def __post_init__(self) -> None:
        _check_name(self.name)

    @classmethod
    def generate(cls, name: str) -> "Signer":
        """A signer with a new key from the system's random numbers."""
        return cls(name, Ed25519PrivateKey.generate())

    @cached_property
    def verifier(self) -> "Verifier":
        """The public half."""
        return Verifier(self.name, self.private_key.public_key())

    @property
    def vkey(self) -> str:
        """The public key as text, ``name+key id+base64``, to be kept by whoever wants to verify."""
        return self.verifier.vkey


@dataclass(frozen=True)
class Verifier:
    """A named public key."""

    name: str
    public_key: Ed25519PublicKey

    def __post_init__(self) -> None:
        _check_name(self.name)

    @cached_property
    def key_id(self) -> bytes:
        """Four bytes that tell keys of one name apart: SHA-256(name || newline || 0x01 || public key)[:4]."""
        return sha256(self.name.encode() + b"\n" + self._encoded).digest()[:_KEY_ID_SIZE]

    @property
    def vkey(self) -> str:
        """The key as text: ``name+hex key id+base64(0x01 || public key)``."""
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(self._encoded).decode()}"

    @property
    def _encoded(self) -> bytes:
        return _ED25519 + self.public_key.public_bytes_raw()

    @classmethod
    def parse(cls, vkey: str) -> "Verifier":
        """The key of a ``vkey`` text; NoteError when it is none or its key id is another key's."""
        name, *rest = vkey.split("+", 2)
        if len(rest) != 2:
            raise NoteError(f"The verifier key {vkey[:80]!r} is not of the form name+key id+base64.")
        key_id, encoded = rest
        key = _base64(encoded, "the verifier key's public key")
        if key[:1] != _ED25519 or len(key) != 33:
            raise NoteError(
                f"The verifier key of {name!r} is not an Ed25519 key: it has {len(key)} bytes of type "
                f"{key[:1].hex() or 'none'}, not 33 of type 01."
            )
        verifier = cls(name, Ed25519PublicKey.from_public_bytes(key[1:]))
        if key_id != verifier.key_id.hex():
            raise NoteError(
                f"The verifier key of {name!r} says key id {key_id[:16]}; its key has {verifier.key_id.hex()}."
            )
        return verifier


def sign(text: str, signer: Signer) -> str:
    """Return the note of a text: the text, a blank line, and the signer's signature over the text's UTF-8 bytes."""
    if not text.endswith("\n"):
        raise NoteError("The text to sign does not end in a newline.")
    _check_characters(text, "text to sign")
    signature = signer.private_key.sign(_utf8(text, "text to sign"))
    line = base64.b64encode(signer.verifier.key_id + signature).decode()
    note = f"{text}\n{_SIGNATURE_LINE}{signer.name} {line}\n"
    _check_length(note.encode())
    return note


def open_note(note: str | bytes, vkey: str) -> str:
    """Return a note's text if the key ``vkey`` signed it; else NoteError.

    Signatures of other keys are ignored, however good or bad. Every signature by this key must hold.
    """
    verifier = Verifier.parse(vkey)
    data = note if isinstance(note, bytes) else _utf8(note, "note")
    _check_length(data)
    try:
        decoded = data.decode()
    except UnicodeDecodeError as error:
        raise NoteError(f"The note is not UTF-8: byte {error.start} is {data[error.start]:#04x}.") from error
    text, lines = _split(decoded)
    known = [
        signature
        for name, key_id, signature in map(_signature, lines, range(1, len(lines) + 1))
        if (name, key_id) == (verifier.name, verifier.key_id)
    ]
    if not known:
        raise NoteError(f"The note has no signature by {verifier.name} (key id {verifier.key_id.hex()}).")
    for signature in known:
        try:
            verifier.public_key.verify(signature, text.encode())
        except InvalidSignature as error:
            raise NoteError(f"The signature by {verifier.name} does not hold: the text was changed.") from error
    return text


@dataclass(frozen=True)
class Checkpoint:
    """A log's head: ``origin`` names the log for ever, ``root`` is the Merkle root over its first ``size`` entries."""

    origin: str
    size: int
    root: bytes

    def __post_init__(self) -> None:
        _check_origin(self.origin)
        if not 0 <= self.size <= MAX_TREE_SIZE:
            raise NoteError(f"The checkpoint's size is {self.size}; it must be 0 to 2^63 - 1.")
        if len(self.root) != HASH_SIZE:
            raise NoteError(f"The checkpoint's root has {len(self.root)} bytes; a SHA-256 has {HASH_SIZE}.")

    def text(self) -> str:
        """The note text: origin, decimal size, base64 root, a line each."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"

    @classmethod
    def parse(cls, text: str) -> "Checkpoint":
        """Read a checkpoint's text. Extension lines are allowed by the format, mean nothing to us, and are dropped."""
        origin, size, root, *extensions = _lines(text, "checkpoint", at_least=3)
        if "" in extensions:
            raise NoteError(f"Line {extensions.index('') + 4} of the checkpoint is empty.")
        return cls(origin, _size(size, "checkpoint"), _base64(root, "the checkpoint's root"))


@dataclass(frozen=True)
class ManifestStatement:
    """What is signed about an export: its manifest's SHA-256, and how far the log was when it was made."""

    sha256_hex: str
    origin: str
    size: int


def manifest_text(sha256_hex: str, origin: str, size: int) -> str:
    """The note text for an export's manifest: a fixed first line, the SHA-256, ``<origin> <size>``.

    No checkpoint reads like this (its third line would hold a space), so neither passes for the other.
    """
    if not _HEX_SHA256.fullmatch(sha256_hex):
        raise NoteError(f"{sha256_hex[:80]!r} is not a SHA-256 in 64 lower-case hex digits.")
    _check_origin(origin)
    if not 0 <= size <= MAX_TREE_SIZE:
        raise NoteError(f"The manifest's log size is {size}; it must be 0 to 2^63 - 1.")
    return f"{_MANIFEST}\n{sha256_hex}\n{origin} {size}\n"


def parse_manifest(text: str) -> ManifestStatement:
    """Read what ``manifest_text`` wrote; anything else is a NoteError."""
    lines = _lines(text, "manifest statement", at_least=3)
    if lines[0] != _MANIFEST or len(lines) != 3:
        raise NoteError(f"This is not a manifest statement: three lines are needed, the first {_MANIFEST!r}.")
    if not _HEX_SHA256.fullmatch(lines[1]):
        raise NoteError("Line 2 of the manifest statement is not a SHA-256 in 64 lower-case hex digits.")
    origin, _, size = lines[2].rpartition(" ")
    _check_origin(origin)
    return ManifestStatement(lines[1], origin, _size(size, "manifest statement"))


def _split(note: str) -> tuple[str, list[str]]:
    """A note's text and its signature lines; the last blank line is the border."""
    _check_characters(note, "note")
    if not note.endswith("\n"):
        raise NoteError("The note does not end in a newline.")
    text, blank, signatures = note.rpartition("\n\n")
    if not blank:
        raise NoteError("The note has no blank line between its text and its signatures.")
    if not signatures:
        raise NoteError("The note has no signatures after its last blank line.")
    lines = signatures[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise NoteError(f"The note has {len(lines)} signatures; at most {MAX_SIGNATURES} are read.")
    return text + "\n", lines


def _signature(line: str, number: int) -> tuple[str, bytes, bytes]:
    """Name, key id and signature of one signature line."""
    what = f"signature line {number}"
    if not line.startswith(_SIGNATURE_LINE):
        raise NoteError(f"The note's {what} does not start with an em dash and a space.")
    name, _, encoded = line.removeprefix(_SIGNATURE_LINE).partition(" ")
    _check_name(name)
    blob = _base64(encoded, what)
    if len(blob) <= _KEY_ID_SIZE:
        raise NoteError(f"The note's {what} has {len(blob)} bytes; a key id has 4 and the signature follows.")
    return name, blob[:_KEY_ID_SIZE], blob[_KEY_ID_SIZE:]


def _base64(text: str, what: str) -> bytes:
    """The bytes of standard base64 in its one canonical spelling."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NoteError(f"The base64 of {what} is malformed: {error}.") from error
    if base64.b64encode(data).decode() != text:
        raise NoteError(f"The base64 of {what} is not in its canonical spelling (padding, spare bits).")
    return data


def _lines(text: str, what: str, *, at_least: int) -> list[str]:
    if not text.endswith("\n"):
        raise NoteError(f"The {what} does not end in a newline.")
    lines = text[:-1].split("\n")
    if len(lines) < at_least:
        raise NoteError(f"The {what} has {len(lines)} lines; it needs {at_least}.")
    return lines


def _size(text: str, what: str) -> int:
    if not _SIZE.fullmatch(text) or int(text) > MAX_TREE_SIZE:
        raise NoteError(f"The size {text[:40]!r} in the {what} is not a decimal number (no sign, no leading zeros).")
    return int(text)


def _utf8(text: str, what: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise NoteError(f"The {what} has a lone surrogate at character {error.start}.") from error


def _check_name(name: str) -> None:
    if not name:
        raise NoteError("A key name is empty.")
    if "+" in name or any(character.isspace() for character in name):
        raise NoteError(f"The key name {name[:80]!r} has a space or a plus sign, which separate it from what follows.")
    _check_characters(name, "key name")
    _utf8(name, "key name")


def _check_origin(origin: str) -> None:
    if not origin:
        raise NoteError("The origin is empty.")
    if "\n" in origin:
        raise NoteError(f"The origin {origin[:80]!r} has more than one line.")
    _check_characters(origin, "origin")
    _utf8(origin, "origin")


def _check_characters(text: str, what: str) -> None:
    if found := _CONTROL.search(text):
        raise NoteError(f"The {what} has the control character {found[0]!r} at character {found.start()}.")


def _check_length(data: bytes) -> None:
    if len(data) > MAX_NOTE_BYTES:
        raise NoteError(f"The note has {len(data)} bytes; at most {MAX_NOTE_BYTES} are read.")
