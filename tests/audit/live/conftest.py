"""A fake platform with a small project, connected."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from audit.demo.redbrick import Clock, FakeRedBrick, World
from audit.demo.redbrick.scripts import LIVER, ORG
from audit.live.connect import connect
from audit.models import Project
from audit.sources import web
from audit.sources.redbrick import client

TASKS, PAGE = 24, 20
"""Two pages of tasks."""


@pytest.fixture
def fake(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeRedBrick]:
    """The platform; waiting between attempts takes no time."""
    settings.SOURCE_ALLOW_HOSTS = ["127.0.0.1"]
    monkeypatch.setattr(web, "FIRST_WAIT", 0.0)
    monkeypatch.setattr(client, "PAGE", PAGE)
    with FakeRedBrick(World(TASKS, Clock())) as server:
        yield server


@pytest.fixture
def project(db: None, fake: FakeRedBrick) -> Project:
    """Its first project, connected and never read."""
    return connected(fake)


def connected(fake: FakeRedBrick, external_id: str = LIVER.id) -> Project:
    """A project of the platform, connected."""
    found = connect("redbrick", url=fake.url, account=ORG, external_id=external_id, key=fake.world.key)
    return found.project
