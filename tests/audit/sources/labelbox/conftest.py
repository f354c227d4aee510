"""Golden data rows of Labelbox as they come to the neutral reader: through the events that they yield."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from audit.annotations import Labelled
from audit.ontology import Ontology
from audit.sources.base import SourceEvent, TaskHistory
from audit.sources.labelbox import LabelboxClient, LabelboxSource, export
from audit.sources.labelbox.neutral import LabelboxNeutral
from audit.sources.labelbox.project import LabelboxProject, project_of
from audit.sources.labelbox.rows import history_of
from audit.sources.labelbox.told import Beside
from audit.sources.web import Conditions
from tests.fakes.labelbox import FakeLabelbox
from tests.fakes.labelbox_story import KEY, PEOPLE, PROJECT, TEMPLATES, World, golden, ontology_of, user

ROWS = {row["media_attributes"]["asset_type"]: row for name in reversed(TEMPLATES) for row in reversed(golden(name))}
"""A row of each kind of medium; of images the first, which has all tools."""


def raw(value: Any) -> bytes:
    """A payload."""
    return json.dumps(value, ensure_ascii=False).encode()


@pytest.fixture(scope="session")
def ontology() -> Ontology:
    """One in which all golden labels can be said."""
    normalized = ontology_of([row for name in TEMPLATES for row in golden(name)])
    return LabelboxNeutral().ontology(raw({"ontology": {"normalized": normalized}}))


@pytest.fixture
def known() -> LabelboxProject:
    """The golden rows' project, with its people."""
    return project_of(PROJECT, [raw(user(id_)) for id_ in PEOPLE], with_models=True)


@pytest.fixture
def tell(known: LabelboxProject) -> Callable[..., TaskHistory]:
    """The history of a data row, with what is told beside it."""

    def run(row: Any, versions: Any = (), issues: Any = (), runs: Any = None) -> TaskHistory:
        beside = Beside(tuple(map(raw, versions)), tuple(map(raw, issues)))
        return history_of(raw(row), beside, None if runs is None else raw(runs), known)

    return run


@pytest.fixture
def say(tell: Callable[..., TaskHistory], ontology: Ontology) -> Callable[..., Labelled]:
    """What the row's label says, neutrally. `place` counts the row's labels."""

    def run(row: Any, place: int = 0, runs: Any = None) -> Labelled:
        history = tell(row, runs=runs)
        labels = [event for event in history.events if event.type == "label.updated"]
        (task,) = (event for event in history.events if event.type == "task.updated")
        assert labels[place].content is not None
        assert task.content is not None
        return LabelboxNeutral().annotations(labels[place].content, task.content, ontology)

    return run


def of(history: TaskHistory, *types: str) -> list[SourceEvent]:
    """The events of these types, as an empty log keeps them."""
    kept = (event.opening() for event in history.events)
    return [event for event in kept if event is not None and event.type in types]


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeLabelbox]:
    """A small platform, answering; waiting takes no time."""
    monkeypatch.setattr(export, "FIRST_POLL", 0.0)
    with FakeLabelbox(World(3)) as server:
        yield server


@pytest.fixture
def slept() -> list[float]:
    """The seconds that a client waited, without anybody waiting."""
    return []


@pytest.fixture
def source(fake: FakeLabelbox, slept: list[float]) -> Iterator[LabelboxSource]:
    """Its project, as a sync reads it."""
    how = Conditions(allow_hosts=["127.0.0.1"], sleep=slept.append)
    found = LabelboxSource(LabelboxClient(fake.url, KEY, PROJECT, how))
    yield found
    found.close()
