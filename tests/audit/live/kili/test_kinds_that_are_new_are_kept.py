"""An event of a kind that nobody knew is kept under its own name: of its asset, or of the project."""

from __future__ import annotations

import json

import pytest

from audit.live.run import sync
from audit.models import Event, Mode, Project
from audit.sources.kili import live
from tests.audit.live.kili.compare_kili import content_of, differences
from tests.fakes.kili import FakeKili
from tests.fakes.kili_story import JANE, OMAR, Json, Told

LATER = "2100-01-01T00:00:00.000Z"


def kept(project: Project, name: str) -> list[Event]:
    """The events of this name, in the order of the record."""
    return list(Event.objects.filter(log__project=project, source_type=name).order_by("id"))


def tell(told: Told, name: str, **payload: object) -> Json:
    """Note an event that an incremental pass is to find."""
    event = told.event(name, 0, JANE, **payload)
    event["createdAt"] = LATER
    return event


@pytest.mark.parametrize("mode", [Mode.FULL, Mode.INCREMENTAL])
def test_an_event_about_nothing_known_is_of_the_project(project: Project, fake: FakeKili, mode: Mode) -> None:
    sync(project, Mode.FULL)
    told = fake.projects[project.external_id]
    tell(told, "robot.danced", steps=[1, {"who": OMAR["id"]}])
    assert sync(project, mode).added == 2, "the event, and the end of the pass"
    (event,) = kept(project, "robot.danced")
    envelope = json.loads(bytes(event.envelope))
    assert (event.type, event.task, envelope["derived"]) == ("activity.recorded", None, False)
    assert OMAR["id"].encode() not in content_of(event)
    assert differences(project, fake) == []
    assert sync(project, Mode.FULL).added == 0


@pytest.mark.parametrize("mode", [Mode.FULL, Mode.INCREMENTAL])
def test_an_event_about_an_asset_is_of_its_task(project: Project, fake: FakeKili, mode: Mode) -> None:
    sync(project, Mode.FULL)
    told = fake.projects[project.external_id]
    tell(told, "asset.was.praised", assetId=told.assets[1]["id"])
    sync(project, mode)
    (event,) = kept(project, "asset.was.praised")
    assert event.task is not None
    assert (event.type, event.task.external_id) == ("activity.recorded", told.assets[1]["id"])
    assert json.loads(bytes(event.envelope))["derived"] is False
    assert sync(project, Mode.FULL).added == 0


def test_many_of_them_come_in_several_parts(project: Project, fake: FakeKili, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "AT_ONCE", 3)
    told = fake.projects[project.external_id]
    for number in range(10):
        told.event("robot.danced", number)
    sync(project, Mode.FULL)
    assert len(kept(project, "robot.danced")) == 10
    assert sync(project, Mode.FULL).added == 0
    assert differences(project, fake) == []
