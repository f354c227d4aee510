"""What a task's media are made of (`Medium.files`) goes by the names that the platform's files have: for exports."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from audit.demo.redbrick import Clock, FakeRedBrick, World
from audit.demo.redbrick.scripts import AGREEMENT, ORG
from audit.sources import neutral
from audit.sources.base import LiveSource
from audit.sources.diffgram import client as diffgram_client
from audit.sources.labelbox import export
from audit.sources.origins import PLATFORMS
from audit.sources.web import Conditions
from tests.fakes import diffgram, isahit, kili, labelbox
from tests.fakes.diffgram_story import installation
from tests.fakes.isahit_story import account
from tests.fakes.kili_story import CARS, world
from tests.fakes.labelbox_story import PROJECT
from tests.fakes.labelbox_story import World as LabelboxWorld

KINDS = ("redbrick", "kili", "labelbox", "diffgram", "isahit")


@contextmanager
def platform(kind: str) -> Iterator[tuple[Any, str, str, str]]:
    """A platform at work: its server, key, account and project."""
    match kind:
        case "redbrick":
            with FakeRedBrick(World(6, Clock(), labels=True)) as server:
                yield server, server.world.key, ORG, AGREEMENT.id
        case "kili":
            with kili.FakeKili(world(6)) as server:
                yield server, server.key, "", CARS
        case "labelbox":
            with labelbox.FakeLabelbox(LabelboxWorld(6)) as server:
                yield server, server.world.key, "", PROJECT
        case "diffgram":
            with diffgram.FakeDiffgram(installation()) as server:
                yield server, diffgram.KEY, "", diffgram.PROJECT
        case "isahit":
            with isahit.FakeIsahit(account()) as server:
                yield server, isahit.KEY, "", isahit.PROJECT


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "FIRST_POLL", 0.0)
    monkeypatch.setattr(diffgram_client, "POLL", 0.0)


@pytest.mark.parametrize("kind", KINDS)
def test_every_file_of_a_medium_is_one_that_the_platform_gives(kind: str) -> None:
    with platform(kind) as (server, key, of, project):
        source: LiveSource = PLATFORMS[kind].open(server.url, key, of, project, Conditions(["127.0.0.1"]))
        told = neutral(kind)
        named = 0
        for page in source.task_pages():
            for history in page.histories:
                for event in history.events:
                    if event.type != "task.updated" or event.content is None:
                        continue
                    given = {ref.name: ref for ref in event.files if ref.media}
                    assert len(given) == sum(ref.media for ref in event.files), "each name once"
                    for medium in told.media(event.content):
                        assert set(medium.files) <= given.keys()
                        named += len(medium.files)
        source.close()
        assert named > 0
