"""Assets of Kili on the earth: what is drawn in longitude and latitude is never taken for fractions of a picture."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from exports.formats import FORMATS
from exports.formats.kili.geojson import GeoJsonFormat
from exports.formats.kili.kili import KiliFormat
from tests.exports.formats import kili_cases
from tests.exports.formats.snapshots import Shot, write

GEOTIFF = [{"epsg": "EPSG4326", "useClassicCoordinates": False}]


def changed(monkeypatch: pytest.MonkeyPatch, name: str, project: dict[str, Any], asset: dict[str, Any]) -> Shot:
    """A recorded project whose settings and first asset are these."""
    found = copy.deepcopy(kili_cases.case(name))
    found["project"] |= project
    found["assets"][0] |= asset
    monkeypatch.setattr(kili_cases, "case", lambda name: found)
    return kili_cases.shot_of(name)


@pytest.mark.parametrize("slug", ["coco", "yolo_v5", "pascal_voc"])
def test_an_image_on_the_earth_is_left_out_by_name(slug: str, monkeypatch: pytest.MonkeyPatch) -> None:
    shot = changed(monkeypatch, "01_bbox_single_job", {}, {"jsonContent": GEOTIFF})
    made = write(FORMATS[slug], shot)
    lines = [(one["asset"], one["label"], one["code"]) for one in made.errors]
    assert lines == [("asset-0001", None, "no_media"), ("asset-0001", "label-0001", "no_media")]
    assert "longitude and latitude" in made.errors[0]["text"]
    assert made.written["tasks"] == len(shot.assets) - 1


def test_geojson_has_it_and_names_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    shot = changed(monkeypatch, "01_bbox_single_job", {}, {"jsonContent": GEOTIFF})
    made = write(GeoJsonFormat(), shot)
    assert [path for path in made.files if path.endswith(".geojson")] == ["labels/car_1.geojson"]
    assert {one["code"] for one in made.errors} == {"no_place"}


def test_a_map_that_is_labelled_in_pixels_has_pixels_of_its_first_layer(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = {"geospatialSettings": {"labelingCRSCode": "PIXEL"}}
    shot = changed(monkeypatch, "11_geospatial", settings, {})
    row = json.loads(write(KiliFormat(), shot).files["labels/tile_1.json"])
    (ring,) = row["latestLabel"]["jsonResponse"]["BOX"]["annotations"][0]["boundingPoly"]
    for fraction, pixel in zip(ring["normalizedVertices"], ring["vertices"], strict=True):
        assert (pixel["x"], pixel["y"]) == pytest.approx((fraction["x"] * 1000, fraction["y"] * 800))
