"""Recorded inputs of isahit lab's SDK with what it made of them, and a fake platform to read from."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from audit.annotations import Labelled, Medium
from audit.ontology import Ontology
from audit.sources.base import SourceEvent, TaskHistory
from audit.sources.isahit import IsahitClient, history_of
from audit.sources.isahit.neutral import IsahitNeutral
from audit.sources.isahit.project import project_of
from audit.sources.web import Conditions
from tests.fakes.isahit import KEY, PROJECT, FakeIsahit
from tests.fakes.isahit_story import account, configuration

GOLDEN = Path(__file__).parents[3] / "golden" / "isahit"


class Case:
    """A configuration and tasks, and what their payloads say neutrally."""

    def __init__(self, configured: Any, tasks: list[Any]) -> None:
        self.settings = json.dumps({"project": {}, "configuration": configured}).encode()
        self.project = project_of(json.dumps(configured).encode())
        self.tasks = {task["name"]: task for task in tasks}
        self.neutral = IsahitNeutral()

    def ontology(self) -> Ontology:
        """What can be said."""
        return self.neutral.ontology(self.settings)

    def history(self, name: str) -> TaskHistory:
        """A task's events."""
        return history_of(json.dumps(self.tasks[name]).encode(), self.project)

    def media(self, name: str) -> tuple[Medium, ...]:
        """A task's media."""
        return self.neutral.media(content(self.history(name), "task.updated"))

    def labelled(self, name: str) -> Labelled:
        """What the task's label says."""
        history = self.history(name)
        label, task = content(history, "label.updated"), content(history, "task.updated")
        return self.neutral.annotations(label, task, self.ontology())


def content(history: TaskHistory, type_: str) -> bytes:
    """The payload of the history's event of this type."""
    found = next(event for event in history.events if event.type == type_)
    assert found.content is not None
    return found.content


@pytest.fixture
def golden() -> Callable[[str], Case]:
    """A recorded case."""

    def run(name: str) -> Case:
        found = json.loads((GOLDEN / f"{name}.json").read_bytes())
        return Case(found["project_configuration"], found["tasks"])

    return run


@pytest.fixture
def case() -> Callable[..., Case]:
    """A case of one's own."""
    return Case


@pytest.fixture
def tell() -> Callable[..., list[SourceEvent]]:
    """All events of a task with these fields, in a project of rectangles."""
    project = project_of(json.dumps(configuration()).encode())

    def run(**fields: Any) -> list[SourceEvent]:
        return list(history_of(json.dumps({"_id": "t1", "name": "a.jpg", **fields}).encode(), project).events)

    return run


@pytest.fixture
def fake() -> Iterator[FakeIsahit]:
    """The platform, answering."""
    with FakeIsahit(account()) as server:
        yield server


@pytest.fixture
def slept() -> list[float]:
    """The seconds that a client waited, without anybody waiting."""
    return []


@pytest.fixture
def connect(fake: FakeIsahit, slept: list[float]) -> Iterator[Callable[..., IsahitClient]]:
    """Clients of the fake platform."""
    made: list[IsahitClient] = []

    def run(key: str = KEY, project: str = PROJECT, **how: Any) -> IsahitClient:
        conditions = Conditions(**{"allow_hosts": ["127.0.0.1"], "sleep": slept.append, **how})
        made.append(IsahitClient(fake.url, key, project, conditions))
        return made[-1]

    yield run
    for client in made:
        client.close()
