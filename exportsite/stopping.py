"""Whether what this process works on has to stop: for code that waits or copies far from the lease that knows."""

from __future__ import annotations

from collections.abc import Callable


class _Asked:
    check: Callable[[], None] | None = None


def ask(check: Callable[[], None] | None) -> None:
    """Have `go_on` call this from now on, and nothing once it is None."""
    _Asked.check = check


def go_on() -> None:
    """Raise what ends the work, when it has to end."""
    if _Asked.check is not None:
        _Asked.check()
