"""What assets of Kili are labelled in: longitude and latitude, or pixels of a map's first layer."""

from __future__ import annotations

import json
from typing import Any

import pytest

from audit.annotations import Medium
from audit.sources.kili.assets import asset_of, history_of
from audit.sources.kili.neutral import KiliNeutral
from audit.sources.kili.project import project_of
from audit.sources.kili.queries import OF_MAPS, listing

NEUTRAL = KiliNeutral()
LAYERS = [{"name": "first", "width": 1000, "height": 800, "epsg": 4326}, {"name": "second", "width": 9, "height": 9}]
GEOTIFF = [{"tileLayerUrl": "https://h.example/t", "epsg": "EPSG4326", "useClassicCoordinates": False}]


def settings(input_type: str, space: str | None = None) -> bytes:
    """A project."""
    about = {"geospatialSettings": {"labelingCRSCode": space} if space else None}
    return json.dumps({"id": "p", "inputType": input_type, "jsonInterface": {"jobs": {}}} | about).encode()


def medium(project: bytes, **asset: Any) -> Medium:
    """The medium of an asset, as the record has it."""
    raw = json.dumps({"id": "a", "externalId": "a.tif", "content": "https://h.example/a.tif", **asset}).encode()
    content = history_of(asset_of(raw), [], [], None, project_of(project)).events[-1].content
    assert content is not None
    (found,) = NEUTRAL.media(content)
    return found


def test_a_map_has_no_size_for_it_is_labelled_in_longitude_and_latitude() -> None:
    found = medium(settings("GEOSPATIAL", "EPSG4326"), geospatialExportMetadata=LAYERS)
    assert (found.kind, found.width, found.height) == ("geo", None, None)


def test_a_map_that_is_labelled_in_pixels_is_a_picture_of_its_first_layers_size() -> None:
    project = settings("GEOSPATIAL", "PIXEL")
    found = medium(project, geospatialExportMetadata=LAYERS, resolution=None)
    assert (found.kind, found.width, found.height) == ("image", 1000, 800)
    assert NEUTRAL.kinds(project) == {"image"}
    assert NEUTRAL.kinds(settings("GEOSPATIAL")) == {"geo"}


@pytest.mark.parametrize("written", [GEOTIFF, json.dumps(GEOTIFF)], ids=["a list", "a text"])
def test_an_image_that_lies_on_the_earth_is_a_map(written: object) -> None:
    found = medium(settings("IMAGE"), jsonContent=written, resolution={"width": 40, "height": 30})
    assert (found.kind, found.width, found.height) == ("geo", None, None)


@pytest.mark.parametrize(
    "content",
    [
        "",
        None,
        "https://h.example/layers.json",
        "[broken",
        [],
        [GEOTIFF[0] | {"useClassicCoordinates": True}],
        [GEOTIFF[0] | {"epsg": "TiledImage"}],
        [{"useClassicCoordinates": False}],
    ],
    ids=repr,
)
def test_any_other_image_is_a_picture(content: object) -> None:
    found = medium(settings("IMAGE"), jsonContent=content, resolution={"width": 40, "height": 30})
    assert (found.kind, found.width, found.height) == ("image", 40, 30)


def test_layers_are_asked_of_projects_of_maps_alone() -> None:
    schema = {"Asset": frozenset({"id", "geospatialExportMetadata"})}
    assert "geospatialExportMetadata" in listing("assets", schema)
    assert "geospatialExportMetadata" not in listing("assets", schema, without=OF_MAPS)
