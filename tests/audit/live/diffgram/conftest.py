"""A fake Diffgram with a small project, connected."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from audit.live.connect import connect
from audit.models import Project
from audit.sources import web
from audit.sources.diffgram import client
from tests.fakes.diffgram import KEY, PROJECT, FakeDiffgram
from tests.fakes.diffgram_story import installation


@pytest.fixture
def fake(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeDiffgram]:
    """The platform; waiting takes no time, and pages are small."""
    settings.SOURCE_ALLOW_HOSTS = ["127.0.0.1"]
    monkeypatch.setattr(web, "FIRST_WAIT", 0.0)
    monkeypatch.setattr(client, "POLL", 0.0)
    monkeypatch.setattr(client, "PAGE", 3)
    with FakeDiffgram(installation()) as server:
        yield server


@pytest.fixture
def project(db: None, fake: FakeDiffgram) -> Project:
    """Its project, connected and never read."""
    return connect("diffgram", url=fake.url, account="", external_id=PROJECT, key=KEY).project
