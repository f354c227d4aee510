"""What the contract has to know of a platform: its invented server, how it is connected, and where it can fail."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from audit.demo.loopback import Loopback
from audit.models import Project

Edit = Callable[[Any], Any]

ALWAYS = 100_000

PASSING: dict[str, dict[str, Any]] = {
    "too many requests": {"status": 429},
    "too many requests, ask later": {"status": 429, "headers": {"Retry-After": "0"}},
    "a server's error": {"status": 500},
    "a gateway's error": {"status": 502},
    "a dropped connection": {"drop": True},
    "half an answer": {"truncate": True},
    "fewer bytes than announced": {"length": 10**6},
    "more bytes than announced": {"length": 5},
    "no JSON": {"body": b"<html>busy</html>"},
    "a slow answer": {"delay": 0.05},
    "slow pieces": {"delay": 0.01, "pieces": 4},
}
"""What may happen once or twice to any request."""

LASTING: dict[str, tuple[dict[str, Any], str]] = {
    "too many requests": ({"status": 429}, "busy"),
    "a server's error": ({"status": 503}, "unavailable"),
    "a dropped connection": ({"drop": True}, "unavailable"),
    "half an answer": ({"truncate": True}, "unavailable"),
    "fewer bytes than announced": ({"length": 10**6}, "unavailable"),
    "no JSON": ({"body": b"<html>busy</html>"}, "unavailable"),
    "an expired key": ({"status": 401}, "key"),
    "forbidden": ({"status": 403}, "key"),
    "another API": ({"body": b'{"items": []}'}, "answer"),
    "a list": ({"body": b"[]"}, "answer"),
}
"""What ends a run, with the code of its error."""

ERRORS = [{"message": "Internal error"}]
GRAPHQL: dict[str, tuple[dict[str, Any], str]] = {
    "errors without data": ({"errors": ERRORS}, "refused"),
    "errors with data": ({"errors": ERRORS, "data": {}}, "refused"),
    "no data": ({"body": b'{"data":null}'}, "answer"),
}
"""The same in GraphQL, where answers have errors and a status of 200."""


@dataclass
class Bench:
    """A platform with a project of several pages of tasks, connected and never read.

    `pages` is the operation that tells of tasks; `first` so many of its requests come before the first page does (None
    where that is not the same in every run). `parts` are all other operations of a full pass. `lasting` are faults of
    its own: operation, how, the error's code. `differences` are those between the record and what the platform has now.
    """

    kind: str
    project: Project
    fake: Loopback
    secret: str
    differences: Callable[[], list[str]]
    pages: str
    first: int | None
    parts: tuple[str, ...]
    shift: Callable[[], None]
    """Lets a row move from one page to another while the next full pass reads."""
    stir: Callable[[], None]
    """Lets what happened come twice and in another order, from now on."""
    clock: Callable[[float], None]
    """Sets the platform's clock so many days ahead of where it was."""
    lasting: Mapping[str, tuple[str, dict[str, Any], str]] = field(default_factory=dict)
