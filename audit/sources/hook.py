"""What a platform's webhook says: which tasks to look at."""

from __future__ import annotations

from collections.abc import Callable, Mapping


class BadHook(ValueError):
    """A request that is no message of the platform's, or of another secret; the text says why."""


ReadHook = Callable[[Mapping[str, str], bytes, str], tuple[str, ...]]
"""Gets headers, body and secret; the external ids of tasks that the message is about. Raises BadHook."""
