"""Labelbox, as those know it who connect its projects."""

from __future__ import annotations

from collections.abc import Iterator

from audit.sources.base import FoundProject, LiveSource
from audit.sources.labelbox import wire
from audit.sources.labelbox.client import CLOUD, LabelboxClient
from audit.sources.labelbox.hook import read_hook
from audit.sources.labelbox.live import LabelboxSource
from audit.sources.platform import Platform
from audit.sources.values import item, text
from audit.sources.web import Conditions


def _open(url: str, key: str, account: str, project: str, how: Conditions) -> LiveSource:
    return LabelboxSource(LabelboxClient(url, key, project, how))


def _projects(url: str, key: str, account: str, how: Conditions) -> Iterator[FoundProject]:
    client = LabelboxClient(url, key, "", how)
    try:
        for project in map(item, client.listed(wire.PROJECTS, {"param_0": False}, "projects", what="projects")):
            if (id_ := text(project, "id")) is not None:
                yield FoundProject(id_, text(project, "name") or id_, text(project, "description"))
    finally:
        client.close()


PLATFORM = Platform(
    kind="labelbox",
    title="Labelbox",
    key="an API key",
    open=_open,
    projects=_projects,
    url=CLOUD,
    hook=read_hook,
)
