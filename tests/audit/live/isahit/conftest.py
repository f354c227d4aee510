"""A fake isahit lab with a small project, connected."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from audit.live.connect import connect
from audit.models import Project
from audit.sources import web
from audit.sources.isahit import client
from tests.fakes.isahit import KEY, PROJECT, FakeIsahit
from tests.fakes.isahit_story import account

PAGE = 3
"""Tasks in a page: the small project has several pages."""


@pytest.fixture
def fake(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeIsahit]:
    """The platform; waiting between attempts takes no time."""
    settings.SOURCE_ALLOW_HOSTS = ["127.0.0.1"]
    monkeypatch.setattr(web, "FIRST_WAIT", 0.0)
    monkeypatch.setattr(client, "PAGE", PAGE)
    with FakeIsahit(account()) as server:
        yield server


@pytest.fixture
def project(db: None, fake: FakeIsahit) -> Project:
    """Its project, connected and never read."""
    return connect("isahit", url=fake.url, account="", external_id=PROJECT, key=KEY).project
