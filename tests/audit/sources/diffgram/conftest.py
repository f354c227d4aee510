"""The composed export of Diffgram, and a fake platform to read from."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from audit.annotations import Labelled, Medium
from audit.ontology import Ontology
from audit.sources.base import TaskHistory
from audit.sources.diffgram import DiffgramClient
from audit.sources.diffgram.events import history_of
from audit.sources.diffgram.neutral import DiffgramNeutral
from audit.sources.diffgram.people import members_of
from audit.sources.diffgram.project import settings_event
from audit.sources.web import Conditions
from tests.fakes.diffgram import KEY, PROJECT, FakeDiffgram
from tests.fakes.diffgram_story import ANN, API, BEN, installation, row

MEMBERS = members_of([ANN, BEN, API], called=False)


def raw(value: Any) -> bytes:
    """A payload."""
    return json.dumps(value).encode()


def history(packet: Any, *feed: Any, status: str = "complete", **more: Any) -> TaskHistory:
    """A task about a file with this packet."""
    return history_of(raw(row(50, 1, packet, status, **more)), raw(packet), [raw(entry) for entry in feed], MEMBERS)


def content(found: TaskHistory, type_: str) -> bytes:
    """The payload of the history's event of this type."""
    payload = next(event for event in found.events if event.type == type_).content
    assert payload is not None
    return payload


def ontology() -> Ontology:
    """What can be said in the invented project."""
    home = installation()
    settings = settings_event(
        raw(home.project), [raw(label) for label in home.labels], [raw(one) for one in home.groups]
    )
    return DiffgramNeutral().ontology(settings.content or b"")


def labelled(packet: Any) -> Labelled:
    """What a packet says."""
    found = history(packet)
    neutral = DiffgramNeutral()
    return neutral.annotations(content(found, "label.updated"), content(found, "task.updated"), ontology())


def media(packet: Any) -> tuple[Medium, ...]:
    """The media of a task about this packet."""
    return DiffgramNeutral().media(content(history(packet), "task.updated"))


@pytest.fixture
def fake() -> Iterator[FakeDiffgram]:
    """The platform, answering."""
    with FakeDiffgram(installation()) as server:
        yield server


@pytest.fixture
def slept() -> list[float]:
    """The seconds that a client waited, without anybody waiting."""
    return []


@pytest.fixture
def connect(fake: FakeDiffgram, slept: list[float]) -> Iterator[Callable[..., DiffgramClient]]:
    """Clients of the fake platform."""
    made: list[DiffgramClient] = []

    def run(key: str = KEY, project: str = PROJECT, **how: Any) -> DiffgramClient:
        conditions = Conditions(**{"allow_hosts": ["127.0.0.1"], "sleep": slept.append, **how})
        made.append(DiffgramClient(fake.url, key, project, conditions))
        return made[-1]

    yield run
    for client in made:
        client.close()
