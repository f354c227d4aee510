"""What RedBrick's API once answered, synced into the record; and a client that asks for it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from audit.live import run
from audit.log.create import create_project
from audit.models import Mode, Project, Source
from audit.sources.base import LiveSource, ProjectDetails, SourceEvent, TaskHistory, TaskPage
from audit.sources.redbrick.activetime import time_event
from audit.sources.redbrick.events import history_of
from audit.sources.redbrick.project import member_events, project_of, settings_event
from tests.audit.live.conftest import fake

__all__ = ["fake"]

GOLDEN = Path(__file__).parents[2] / "golden" / "redbrick" / "sdk.json"
Get = Callable[..., Any]


def raw(value: Any) -> bytes:
    return json.dumps(value).encode()


class Recorded(LiveSource):
    """A live source that tells what was once recorded of one project."""

    cannot_tell: tuple[str, ...] = ()

    def __init__(self, golden: dict[str, Any], name: str) -> None:
        self.settings = raw(golden[name])
        self.members = [raw(member) for member in golden["members"]]
        self.platform = project_of(self.settings, self.members)
        consensus = name == "consensus_project"
        self.recorded = {id_: task for id_, task in golden["tasks"].items() if (id_[-2:] in ("11", "12")) == consensus}
        self.times = [
            (call["variables"][0]["stageName"], row)
            for call in golden["calls"]
            if call["operation"] == "taskActiveTimeSDK" and not call["variables"][0].get("taskId") and not consensus
            for row in call["rows"]
        ]

    def check(self) -> ProjectDetails:
        return ProjectDetails()

    def project_events(self) -> Iterator[SourceEvent]:
        yield settings_event(self.settings)
        yield from member_events(self.members)

    def count(self) -> int:
        return len(self.recorded)

    def task_pages(self, since: datetime | None = None) -> Iterator[TaskPage]:
        yield TaskPage(tuple(history_of(raw(task), self.platform) for task in self.recorded.values()))

    def task(self, external_id: str) -> TaskHistory | None:
        return None

    def time_pages(self) -> Iterator[tuple[SourceEvent, ...]]:
        yield tuple(time_event(raw(row), stage, self.platform) for stage, row in self.times)

    def close(self) -> None:
        """Nothing is open."""


@pytest.fixture(scope="session")
def golden() -> dict[str, Any]:
    """Answers and what redbrick-sdk 2.35.4 made of them."""
    found: dict[str, Any] = json.loads(GOLDEN.read_bytes())
    return found


@pytest.fixture
def synced(db: None, golden: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> dict[str, Project]:
    """The two recorded projects in the record, by their names in the recording."""
    org = golden["project"]["orgId"]
    source = Source.objects.create(kind="redbrick", name="recorded", base_url="https://recorded.test", account=org)
    found = {}
    for name in ("project", "consensus_project"):
        project = create_project(source, golden[name]["projectId"], golden[name]["name"])
        monkeypatch.setattr(run, "open_project", lambda project, sleep, name=name: Recorded(golden, name))
        assert run.sync(project, Mode.FULL).state == "succeeded"
        found[name] = project
    return found


@pytest.fixture
def get(client: Client) -> Get:
    """GET an address of the API; the answer's JSON, whose status has to be the one that is expected."""

    def ask(path: str, status: int = 200, **query: object) -> Any:
        answer = client.get(f"/api/v1/{path}", query)
        assert answer.status_code == status, answer.content
        return answer.json()

    return ask
