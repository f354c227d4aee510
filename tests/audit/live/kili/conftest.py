"""A fake Kili with a small project, connected."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from audit.live.connect import connect
from audit.models import Project
from audit.sources import web
from audit.sources.kili import client
from tests.fakes.kili import FakeKili
from tests.fakes.kili_story import CARS, world

ASSETS, PAGE, ROWS = 16, 12, 40
"""Two pages of assets, several of events."""


@pytest.fixture
def fake(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeKili]:
    """The platform; waiting between attempts takes no time."""
    settings.SOURCE_ALLOW_HOSTS = ["127.0.0.1"]
    monkeypatch.setattr(web, "FIRST_WAIT", 0.0)
    monkeypatch.setattr(client, "PAGE", PAGE)
    monkeypatch.setattr(client, "ROWS", ROWS)
    with FakeKili(world(ASSETS)) as server:
        yield server


@pytest.fixture
def project(db: None, fake: FakeKili) -> Project:
    """Its first project, connected and never read."""
    return connected(fake)


def connected(fake: FakeKili, external_id: str = CARS) -> Project:
    """A project of the platform, connected."""
    return connect("kili", url=fake.url, account="", external_id=external_id, key=fake.key).project
