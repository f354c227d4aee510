"""A key that may no longer read Kili's own record of events makes none of it gone; one that may again adds the rest."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from audit.live.run import sync
from audit.models import Event, Mode, Project
from tests.audit.live.kili.compare_kili import differences
from tests.fakes.kili import FakeKili
from tests.fakes.kili_story import JANE, OMAR, stamp, tell

LATER = 60.0 * 24 * 20


def counted(project: Project) -> Counter[str]:
    """How many events there are of each type, but for those about the record."""
    rows = Event.objects.filter(log__project=project).exclude(type="sync.completed").values_list("type", flat=True)
    return Counter(rows)


@pytest.mark.parametrize("closed", ["schema", "rights"])
def test_a_record_that_is_closed_is_not_gone(project: Project, fake: FakeKili, closed: str) -> None:
    sync(project, Mode.FULL)
    before = counted(project)
    fake.closed = closed
    run = sync(project, Mode.FULL)
    assert (run.added, run.result["diverged"]) == (0, 0), "nor is it concluded once more what it told"
    fake.closed = ""
    run = sync(project, Mode.FULL)
    assert (run.added, run.result["diverged"]) == (0, 0)
    assert counted(project) == before
    assert differences(project, fake) == []


def test_what_happens_meanwhile_is_concluded(project: Project, fake: FakeKili) -> None:
    sync(project, Mode.FULL)
    before = counted(project)
    told = fake.projects[project.external_id]
    fake.closed = "rights"
    told.label(told.assets[1], LATER, JANE, {"DAY": {"categories": [{"name": "NIGHT"}]}})
    tell(told, 8 * len(told.assets) + 1)
    sync(project, Mode.FULL)
    more = counted(project) - before
    assert (more["task.created"], more["task.submitted"], more["source.diverged"]) == (1, 2, 0)
    derived = [
        json.loads(bytes(event.envelope))["derived"]
        for event in Event.objects.filter(log__project=project, type="task.submitted").order_by("-pk")[:2]
    ]
    assert derived == [True, True]
    assert differences(project, fake) == []
    assert sync(project, Mode.FULL).added == 0


def test_a_record_that_opens_again_is_held_whole(project: Project, fake: FakeKili) -> None:
    sync(project, Mode.FULL)
    fake.closed = "rights"
    sync(project, Mode.FULL)
    told = fake.projects[project.external_id]
    told.event("asset.workflow.assigned", LATER, OMAR, assetId=told.assets[0]["id"])
    fake.closed = ""
    run = sync(project, Mode.FULL)
    assert run.result["diverged"] == 0
    assert differences(project, fake) == []
    assert counted(project)["source.diverged"] == 0
    assert sync(project, Mode.FULL).added == 0


def test_a_record_that_was_closed_at_first_adds_its_events(project: Project, fake: FakeKili) -> None:
    fake.closed = "schema"
    sync(project, Mode.FULL)
    fake.closed = ""
    run = sync(project, Mode.FULL)
    assert run.result["diverged"] == 0
    assert differences(project, fake) == []
    fake.closed = "schema"
    assert sync(project, Mode.FULL).added == 0


def test_what_really_vanishes_from_an_open_record_is_gone(project: Project, fake: FakeKili) -> None:
    sync(project, Mode.FULL)
    fake.closed = "rights"
    told = fake.projects[project.external_id]
    lost = next(event for event in told.events if event["event"] == "label.workflow.validated")
    told.events.remove(lost)
    assert sync(project, Mode.FULL).result["diverged"] == 0
    fake.closed = ""
    assert sync(project, Mode.FULL).result["diverged"] == 1


def test_a_label_that_vanishes_is_gone_all_the_same(project: Project, fake: FakeKili) -> None:
    sync(project, Mode.FULL)
    fake.closed = "rights"
    asset = fake.projects[project.external_id].assets[3]
    asset["labels"].pop()
    asset["updatedAt"] = stamp(LATER)
    assert sync(project, Mode.FULL).result["diverged"] == 1
    assert Event.objects.filter(log__project=project, type="label.deleted").count() == 1
