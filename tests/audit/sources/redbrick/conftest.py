"""Recorded answers of RedBrick's API with what its SDK made of them, and a fake platform to read from."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from audit.demo.redbrick import Clock, FakeRedBrick, World
from audit.demo.redbrick.scripts import LIVER, ORG
from audit.sources.base import SourceEvent
from audit.sources.redbrick import RedBrickClient, RedBrickSource, events_of
from audit.sources.redbrick import client as redbrick_client
from audit.sources.redbrick.project import RedBrickProject, project_of
from audit.sources.web import Conditions

GOLDEN = Path(__file__).parents[3] / "golden" / "redbrick" / "sdk.json"
TASKS = 12


def raw(value: Any) -> bytes:
    """A payload."""
    return json.dumps(value).encode()


@pytest.fixture(scope="session")
def golden() -> dict[str, Any]:
    """Answers and what redbrick-sdk 2.35.4 made of them."""
    found: dict[str, Any] = json.loads(GOLDEN.read_bytes())
    return found


@pytest.fixture
def projects(golden: dict[str, Any]) -> Callable[[str], RedBrickProject]:
    """The recorded project that a task id belongs to."""
    members = [raw(member) for member in golden["members"]]
    both = {name: project_of(raw(golden[name]), members) for name in ("project", "consensus_project")}
    return lambda task: both["consensus_project" if task[-2:] in ("11", "12") else "project"]


@pytest.fixture
def users(golden: dict[str, Any]) -> dict[str, str]:
    """E-mail addresses by user id."""
    return {member["user"]["userId"]: member["user"]["email"] for member in golden["members"]}


@pytest.fixture
def trail(golden: dict[str, Any], projects: Callable[[str], RedBrickProject]) -> Callable[[int], list[SourceEvent]]:
    """The events of a recorded task, by the end of its id, as an empty log keeps them."""

    def run(number: int) -> list[SourceEvent]:
        task = f"70000000-0000-4000-8000-{number:012d}"
        return kept(events_of(raw(golden["tasks"][task]), projects(task)))

    return run


@pytest.fixture
def tell() -> Callable[..., list[SourceEvent]]:
    """All events of a task with these raw events, in a project with two people."""
    people = [
        {"user": {"userId": "u-1", "email": "one@example.org", "givenName": "Una", "familyName": "One"}},
        {"user": {"userId": "u-2", "email": None, "givenName": None}},
    ]
    stages = [("Input", "labelset-input"), ("Label", "manual-labeling"), ("Check", "expert-review")]
    stages += [("Back", "feedback"), ("Done", "labelset-output")]
    settings = {"stages": [{"stageName": name, "brickName": brick} for name, brick in stages]}
    project = project_of(raw(settings), [raw(person) for person in people])

    def run(*events: Any, **task: Any) -> list[SourceEvent]:
        whole = {"taskId": "t-1", "currentStageName": "Label", "priority": None, "datapoint": {"name": "A"}}
        return list(events_of(raw({**whole, **task, "genericEvents": list(events)}), project))

    return run


def kept(events: Any) -> list[SourceEvent]:
    """What a log keeps that holds nothing yet."""
    return [opening for event in events if (opening := event.opening()) is not None]


@pytest.fixture
def world() -> World:
    """A small invented platform, its story at an end."""
    return World(TASKS)


@pytest.fixture
def fake(world: World) -> Iterator[FakeRedBrick]:
    """The platform, answering."""
    with FakeRedBrick(world) as server:
        yield server


@pytest.fixture
def slept() -> list[float]:
    """The seconds that a client waited, without anybody waiting."""
    return []


@pytest.fixture
def client(fake: FakeRedBrick, slept: list[float], monkeypatch: pytest.MonkeyPatch) -> Iterator[RedBrickClient]:
    """A client of the fake platform, with pages of five tasks."""
    monkeypatch.setattr(redbrick_client, "PAGE", 5)
    how = Conditions(allow_hosts=["127.0.0.1"], sleep=slept.append)
    found = RedBrickClient(fake.url, fake.world.key, ORG, LIVER.id, how)
    yield found
    found.close()


@pytest.fixture
def source(client: RedBrickClient) -> RedBrickSource:
    """The first invented project, as a sync reads it."""
    return RedBrickSource(client)


@pytest.fixture
def at() -> Callable[..., Clock]:
    """A clock that stands still at a day of September 2026 (UTC)."""
    return lambda day, hour=0: Clock(datetime(2026, 9, day, hour, tzinfo=UTC))
