"""The invented platform with labels and their files, connected."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from audit.demo.redbrick import Clock, FakeRedBrick, World
from audit.demo.redbrick.scripts import AGREEMENT
from audit.demo.redbrick.story import TaskStory
from audit.live.run import sync
from audit.models import Disclosure, Mode, Project
from audit.sources import web
from tests.audit.live.conftest import connected

TASKS = 12


@pytest.fixture
def fake(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeRedBrick]:
    """The platform; waiting between attempts takes no time."""
    settings.SOURCE_ALLOW_HOSTS = ["127.0.0.1"]
    monkeypatch.setattr(web, "FIRST_WAIT", 0.0)
    with FakeRedBrick(World(TASKS, Clock(), labels=True)) as server:
        yield server


@pytest.fixture
def images(db: None, fake: FakeRedBrick) -> Project:
    """The project of images that two people read, connected and never read."""
    return connected(fake, AGREEMENT.id)


@pytest.fixture
def recorded(project: Project) -> Project:
    """The project of volumes, read."""
    sync(project, Mode.FULL)
    return project


def labelled(fake: FakeRedBrick, project: Project, least: int = 1) -> TaskStory:
    """A task with at least so many labels, to be changed."""
    told = fake.world.projects[project.external_id]
    number = next(number for number in told.order if len(told.story(number).labels) >= least)
    return told.task(number)


def payloads(project: Project, *types: str) -> list[dict[str, Any]]:
    """What events of these types say, in the log's order."""
    rows = Disclosure.objects.filter(event__log__project=project, event__type__in=types, group="content")
    return [json.loads(bytes(row.data)) for row in rows.order_by("event_id")]
