"""RedBrick AI, as those know it who connect its projects."""

from __future__ import annotations

from collections.abc import Iterator

from audit.sources.base import FoundProject, LiveSource
from audit.sources.platform import Platform
from audit.sources.redbrick.client import RedBrickClient
from audit.sources.redbrick.hook import read_hook
from audit.sources.redbrick.live import RedBrickSource
from audit.sources.values import item, text
from audit.sources.web import Conditions


def _open(url: str, key: str, account: str, project: str, how: Conditions) -> LiveSource:
    return RedBrickSource(RedBrickClient(url, key, account, project, how))


def _projects(url: str, key: str, account: str, how: Conditions) -> Iterator[FoundProject]:
    client = RedBrickClient(url, key, account, "", how)
    try:
        for project in map(item, client.projects()):
            if text(project, "status") == "CREATION_SUCCESS" and (id_ := text(project, "projectId")):
                yield FoundProject(id_, text(project, "name") or id_, text(project, "desc"))
    finally:
        client.close()


PLATFORM = Platform(
    kind="redbrick",
    title="RedBrick AI",
    key="an API key",
    open=_open,
    projects=_projects,
    account="the organisation's id",
    url="https://api.redbrickai.com",
    hook=read_hook,
)
