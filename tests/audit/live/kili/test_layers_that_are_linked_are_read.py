"""An image whose list of layers Kili only links to is known as a map where these lie on the earth."""

from __future__ import annotations

import json
from typing import Any

import pytest

from audit.live.run import sync
from audit.models import Event, Mode, Project, TaskVersion
from audit.sources import neutral
from exportsite.jobs import RunFailed
from tests.audit.live.kili.compare_kili import content_of, differences
from tests.fakes.kili import FakeKili

TILES = "https://tiles.example/1/{z}/{x}/{y}?X-Amz-Signature=abc"
ON_EARTH = [{"tileLayerUrl": TILES, "epsg": "EPSG4326", "useClassicCoordinates": False}]


@pytest.fixture
def linked(project: Project, fake: FakeKili) -> str:
    """The id of an asset whose `jsonContent` is an address."""
    asset = fake.projects[project.external_id].assets[2]
    asset["jsonContent"] = "{BASE}/files/layers.json?X-Amz-Signature=0123"
    return str(asset["id"])


def payload(project: Project, asset: str) -> bytes:
    """What the record has of the asset now."""
    version = TaskVersion.objects.select_related("event").get(
        task__project=project, task__external_id=asset, to_index=None
    )
    return content_of(version.event)


def test_an_image_that_lies_on_the_earth_is_a_map(project: Project, fake: FakeKili, linked: str) -> None:
    fake.files["layers.json"] = ON_EARTH
    sync(project, Mode.FULL)
    said = payload(project, linked)
    assert neutral("kili").media(said)[0].kind == "geo"
    assert b"Signature" not in said, "addresses are kept without what opens them"
    assert json.loads(said)["layers"][0]["epsg"] == "EPSG4326"
    before = Event.objects.filter(log__project=project, type="task.updated").count()
    fake.files["layers.json"] = [ON_EARTH[0] | {"tileLayerUrl": "https://other.example/"}]
    sync(project, Mode.FULL)
    assert Event.objects.filter(log__project=project, type="task.updated").count() == before
    fake.files["layers.json"] = [ON_EARTH[0] | {"useClassicCoordinates": True}]
    sync(project, Mode.FULL)
    assert neutral("kili").media(payload(project, linked))[0].kind == "image", "it is labelled as a picture by now"


@pytest.mark.parametrize("told", [{}, [], [{"epsg": "TiledImage", "useClassicCoordinates": False}], ["odd"]])
def test_any_other_image_stays_a_picture(project: Project, fake: FakeKili, linked: str, told: Any) -> None:
    fake.files["layers.json"] = told
    sync(project, Mode.FULL)
    assert neutral("kili").media(payload(project, linked))[0].kind == "image"


def test_layers_that_can_not_be_fetched_fail_the_run(project: Project, fake: FakeKili, linked: str) -> None:
    fake.files["layers.json"] = ON_EARTH
    fake.fail("^file$", status=403, times=1_000)
    with pytest.raises(RunFailed, match=f"the layers of asset {linked}"):
        sync(project, Mode.FULL)
    fake.faults.clear()
    sync(project, Mode.FULL)
    assert differences(project, fake) == []


def test_what_texts_and_videos_link_to_is_not_asked_for(project: Project, fake: FakeKili, linked: str) -> None:
    fake.projects[project.external_id].settings["inputType"] = "TEXT"
    sync(project, Mode.FULL)
    assert not [name for name, _ in fake.requests if name == "file"]
