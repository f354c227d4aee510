"""What the owner of a key may no longer see at Labelbox is not taken for gone; what really goes meanwhile is."""

from __future__ import annotations

from typing import Any

import pytest

from audit.live.run import sync
from audit.models import Event, LabelVersion, Mode, Project
from tests.audit.live.labelbox.compare import differences
from tests.fakes.labelbox import FakeLabelbox
from tests.fakes.labelbox_story import World

ALWAYS = 1_000
FORBIDDEN: dict[str, Any] = {"errors": [{"message": "no", "extensions": {"code": "AUTHORIZATION_ERROR"}}]}


@pytest.fixture
def rows() -> int:
    return 6


@pytest.mark.parametrize("operation", ["GetLabelVersions", "GetProjectIssues", "GetModels"])
def test_what_is_forbidden_later_stays_and_goes_on_when_it_is_allowed_again(
    project: Project, fake: FakeLabelbox, world: World, operation: str
) -> None:
    sync(project, Mode.FULL)
    newest = Event.objects.filter(log__project=project).latest("id").pk
    fake.fail(operation, times=ALWAYS, **FORBIDDEN)
    run = sync(project, Mode.FULL)
    assert fake.faults[0].times < ALWAYS, "it was asked for"
    assert (run.state, run.result["deleted"], run.result["diverged"]) == ("succeeded", 0, 0)
    assert differences(project, world) == []
    fake.faults.clear()
    sync(project, Mode.FULL)
    after = Event.objects.filter(log__project=project, id__gt=newest).exclude(type="sync.completed")
    # What a data row says of model runs stands in its details, which are two other versions then.
    assert set(after.values_list("type", flat=True)) == ({"task.updated"} if operation == "GetModels" else set())
    assert differences(project, world) == []


@pytest.mark.parametrize("operation", ["GetLabelVersions", "GetProjectIssues", "GetModels", "GetCatalogSavedQueries"])
def test_what_is_forbidden_at_first_comes_when_it_is_allowed(
    project: Project, fake: FakeLabelbox, world: World, operation: str
) -> None:
    fake.fail(operation, times=ALWAYS, **FORBIDDEN)
    assert sync(project, Mode.FULL).state == "succeeded"
    fake.faults.clear()
    assert sync(project, Mode.FULL).added > 0
    assert differences(project, world) == []
    assert sync(project, Mode.FULL).added == 0


def test_a_label_of_the_project_is_gone_all_the_same(project: Project, fake: FakeLabelbox, world: World) -> None:
    sync(project, Mode.FULL)
    fake.fail("GetModels", times=ALWAYS, **FORBIDDEN)
    row = next(id_ for id_ in world.rows if world.labels(world.rows[id_]))
    before = LabelVersion.objects.filter(project=project, to_index=None).count()
    world.labels(world.rows[row]).pop()
    assert sync(project, Mode.FULL).result["diverged"] > 0
    assert Event.objects.filter(log__project=project, type="label.deleted").count() == 1
    assert LabelVersion.objects.filter(project=project, to_index=None).count() == before - 1


def test_a_version_that_vanishes_is_gone_while_only_issues_are_forbidden(
    project: Project, fake: FakeLabelbox, world: World
) -> None:
    sync(project, Mode.FULL)
    fake.fail("GetProjectIssues", times=ALWAYS, **FORBIDDEN)
    world.versions.pop()
    assert sync(project, Mode.FULL).result["diverged"] == 1
