"""An invented Labelbox, with a project connected."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from audit.live.connect import connect
from audit.models import Project
from audit.sources import web
from audit.sources.labelbox import export
from tests.fakes.labelbox import FakeLabelbox
from tests.fakes.labelbox_story import PROJECT, World

ROWS = 18


@pytest.fixture
def rows() -> int:
    """How many data rows it has."""
    return ROWS


@pytest.fixture
def fake(settings: Any, monkeypatch: pytest.MonkeyPatch, rows: int) -> Iterator[FakeLabelbox]:
    """The platform; waiting takes no time."""
    settings.SOURCE_ALLOW_HOSTS = ["127.0.0.1"]
    monkeypatch.setattr(web, "FIRST_WAIT", 0.0)
    monkeypatch.setattr(export, "FIRST_POLL", 0.0)
    with FakeLabelbox(World(rows)) as server:
        yield server


@pytest.fixture
def world(fake: FakeLabelbox) -> World:
    """What it holds."""
    return fake.world


@pytest.fixture
def project(db: None, fake: FakeLabelbox) -> Project:
    """Its project, connected and never read."""
    return connect("labelbox", url=fake.url, account="", external_id=PROJECT, key=fake.world.key).project
