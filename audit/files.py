"""Files that events name: fetched from their platform once, kept by their SHA-256, which the event's payload states."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable
from dataclasses import dataclass
from typing import IO
from urllib.parse import unquote_to_bytes

import msgspec
from django.conf import settings

from exportsite.storage import Store, Stored


class KeptFile(msgspec.Struct, frozen=True):
    """As the payload of an event states it: `name` is how the payload itself names the file."""

    name: str
    sha256: str
    bytes: int

    @property
    def stored(self) -> Stored:
        """What the store knows of it."""
        return Stored(self.sha256, self.bytes)


MEDIA_KEPT = "media.kept"
"""The type of events that state files which an export asked for, of a version of a task that does not state them."""


class _Payload(msgspec.Struct):
    files: list[KeptFile] = []


@dataclass(frozen=True, slots=True)
class Files:
    """The kept files of one payload, by the names that it gives them."""

    kept: tuple[KeptFile, ...]

    def open(self, name: str) -> IO[bytes]:
        """Raises FileNotFoundError, when the payload names no such file or it is gone."""
        if name.startswith("data:"):
            return io.BytesIO(_inline(name))
        for file in self.kept:
            if file.name == name:
                return store().open(file.sha256)
        raise FileNotFoundError(f"no file {name!r} was kept")

    def read(self, name: str) -> bytes:
        """All of its bytes. Raises FileNotFoundError."""
        with self.open(name) as file:
            return file.read()


def _inline(name: str) -> bytes:
    """What an address holds itself (RFC 2397): masks in exports of ours are such."""
    head, _, held = name.partition(",")
    try:
        return base64.b64decode(held, validate=True) if head.endswith(";base64") else unquote_to_bytes(held)
    except ValueError:
        raise FileNotFoundError(f"{name[:60]!r} holds no file") from None


def store() -> Store:
    """Where this installation keeps files."""
    return Store(settings.LABELTRAIL_FILES)


def with_files(content: bytes, kept: Iterable[KeptFile]) -> bytes:
    """The payload, a JSON object, with "files" as its last key."""
    body = content.rstrip()[:-1].rstrip()
    comma = b"" if body.endswith(b"{") else b","
    return body + comma + b'"files":' + msgspec.json.encode(list(kept)) + b"}"


def files_of(content: bytes) -> Files:
    """The files that the payload states; none when it states none, or is no object."""
    if b'"files":' not in content:
        return Files(())
    try:
        return Files(tuple(msgspec.json.decode(content, type=_Payload).files))
    except msgspec.MsgspecError:
        return Files(())
