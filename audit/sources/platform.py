"""What a kind of platform is to those who connect its projects. Each package under `audit.sources` has one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from audit.sources.base import FoundProject, LiveSource
from audit.sources.hook import ReadHook
from audit.sources.web import Conditions

Opener = Callable[[str, str, str, str, Conditions], LiveSource]
"""Gets address, key, account and the project's id; sends nothing yet. Raises SourceError for a key of a wrong form."""
Lister = Callable[[str, str, str, Conditions], Iterator[FoundProject]]
"""Gets address, key and account; the projects that the key may see. Raises SourceError."""


@dataclass(frozen=True, slots=True)
class Platform:
    """A kind of platform that is read over its API.

    `key` says what its key is ("an API key"; "client id and secret, with a colon between"), `account` what the
    account is that projects belong to ("the organisation's id"; empty where projects belong to none that one has to
    name). `url` is the address of its own cloud, empty where it has none;
    `hook` reads the messages of its webhooks, None where it sends none.
    """

    kind: str
    title: str
    key: str
    open: Opener
    projects: Lister
    account: str = ""
    url: str = ""
    hook: ReadHook | None = None
