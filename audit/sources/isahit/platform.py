"""isahit lab, as those know it who connect its projects."""

from __future__ import annotations

from collections.abc import Iterator

from audit.sources.base import FoundProject, LiveSource
from audit.sources.isahit.client import CLOUD, IsahitClient
from audit.sources.isahit.door import PLATFORM as TITLE
from audit.sources.isahit.live import IsahitSource
from audit.sources.platform import Platform
from audit.sources.values import item, text
from audit.sources.web import Conditions

_GONE = ("deleted", "toBeDeleted")


def _open(url: str, key: str, account: str, project: str, how: Conditions) -> LiveSource:
    return IsahitSource(IsahitClient(url, key, project, how))


def _projects(url: str, key: str, account: str, how: Conditions) -> Iterator[FoundProject]:
    client = IsahitClient(url, key, "", how)
    try:
        for project in map(item, client.projects()):
            if (id_ := text(project, "_id")) and text(project, "status") not in _GONE:
                yield FoundProject(id_, text(project, "name") or id_, text(project, "description"))
    finally:
        client.close()


PLATFORM = Platform(
    kind="isahit",
    title=TITLE,
    key="access id and secret key, with a colon between",
    open=_open,
    projects=_projects,
    url=CLOUD,
)
