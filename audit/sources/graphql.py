"""What a server of GraphQL answers: data or errors, and with errors perhaps a part of the data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec


class Response(msgspec.Struct):
    """An answer; what is in its data stays in the very bytes of the answer."""

    data: dict[str, msgspec.Raw] | None = None
    errors: list[Any] | None = None


def messages(errors: Sequence[object]) -> str:
    """What the first errors say."""
    return "; ".join(str(error.get("message") if isinstance(error, dict) else error) for error in errors[:3])


def codes(errors: Sequence[object]) -> set[str]:
    """The codes that errors have among their extensions."""
    extensions = [error.get("extensions") for error in errors if isinstance(error, dict)]
    return {str(found["code"]) for found in extensions if isinstance(found, dict) and found.get("code") is not None}
