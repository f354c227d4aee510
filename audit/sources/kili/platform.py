"""Kili, as those know it who connect its projects."""

from __future__ import annotations

from collections.abc import Iterator

from audit.sources.base import FoundProject, LiveSource
from audit.sources.kili.client import CLOUD, KiliClient
from audit.sources.kili.live import KiliSource
from audit.sources.platform import Platform
from audit.sources.values import item, text
from audit.sources.web import Conditions


def _open(url: str, key: str, account: str, project: str, how: Conditions) -> LiveSource:
    return KiliSource(KiliClient(url, key, project, how))


def _projects(url: str, key: str, account: str, how: Conditions) -> Iterator[FoundProject]:
    client = KiliClient(url, key, "", how)
    try:
        for found in map(item, client.projects()):
            if (id_ := text(found, "id")) is not None:
                yield FoundProject(id_, text(found, "title") or id_, text(found, "description"))
    finally:
        client.close()


PLATFORM = Platform(kind="kili", title="Kili", key="an API key", open=_open, projects=_projects, url=CLOUD)
