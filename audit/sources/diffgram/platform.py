"""Diffgram, as those know it who connect its projects."""

from __future__ import annotations

from collections.abc import Iterator

from audit.sources.base import FoundProject, LiveSource, SourceError
from audit.sources.diffgram.client import CLOUD, DiffgramClient
from audit.sources.diffgram.live import DiffgramSource
from audit.sources.diffgram.wire import PLATFORM as TITLE
from audit.sources.platform import Platform
from audit.sources.web import Conditions


def _open(url: str, key: str, account: str, project: str, how: Conditions) -> LiveSource:
    return DiffgramSource(DiffgramClient(url, key, project, how))


def _projects(url: str, key: str, account: str, how: Conditions) -> Iterator[FoundProject]:
    """A key of Diffgram is of one project, and its API does not say of which."""
    raise SourceError(
        "refused",
        "Diffgram's keys belong to one project each and can't list any: give the project's id, which is in its address "
        "after /project/",
    )


PLATFORM = Platform(
    kind="diffgram",
    title=TITLE,
    key="client id and client secret, with a colon between",
    open=_open,
    projects=_projects,
    url=CLOUD,
)
