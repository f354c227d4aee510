"""GeoJSON as geojson, shapely and RFC 7946 want it."""

from __future__ import annotations

import json

import geojson
import pytest
from shapely.geometry import shape
from shapely.validation import explain_validity

from audit.annotations import Answer, Choice, Classification, Ellipse, Marker, Medium, Polyline, Transcription
from audit.ontology import Job, LabelClass, Ontology
from exports.formats.kili.geojson import GeoJsonFormat
from tests.exports.formats.snapshots import write
from tests.exports.formats.told import box, job, polygon

CAR = {"job": "JOB_0", "tool": "marker", "classes": ("CAR",)}
SQUARE = ((2.0, 48.0), (2.4, 48.0), (2.4, 48.4), (2.0, 48.4))
HOLE = ((2.1, 48.1), (2.2, 48.1), (2.2, 48.2))


@pytest.fixture
def features(project):
    def made(*said):
        project.add("tile", said, media=[Medium("geo", "tile")])
        found = write(GeoJsonFormat(), project.shot())
        read = json.loads(found.files["labels/tile.geojson"])
        loaded = geojson.loads(found.files["labels/tile.geojson"])
        assert loaded.is_valid, loaded.errors()
        for feature in read["features"]:
            if feature["geometry"]:
                geometry = shape(feature["geometry"])
                assert explain_validity(geometry) == "Valid Geometry"
                for one in getattr(geometry, "geoms", [geometry]):
                    if one.geom_type == "Polygon":
                        assert one.exterior.is_ccw
                        assert not any(hole.is_ccw for hole in one.interiors)
        return read["features"], found.errors

    return made


@pytest.mark.parametrize("outline", [SQUARE, SQUARE[::-1]])
@pytest.mark.parametrize("hole", [HOLE, HOLE[::-1]])
def test_rings_are_closed_and_wound_as_the_rfc_says(features, outline, hole) -> None:
    found, errors = features(polygon(*outline, holes=(hole,)))
    rings = found[0]["geometry"]["coordinates"]
    assert len(rings) == 2
    assert all(ring[0] == ring[-1] for ring in rings)
    assert errors == []


def test_every_kind_has_its_geometry(features) -> None:
    found, errors = features(
        box(2, 48, 0.1, 0.1),
        box(2, 48, 0.1, 0.1, angle=30),
        Marker(point=(2.3, 48.85), **CAR),
        Polyline(points=((2.1, 48.1), (2.2, 48.2)), **CAR),
        Ellipse(center=(2, 48), radius_x=0.1, radius_y=0.2, **CAR),
    )
    assert [one["geometry"]["type"] for one in found] == ["Polygon", "Polygon", "Point", "LineString", "Polygon"]
    assert errors == []


def test_parts_are_a_multipolygon_unless_they_meet(features, project) -> None:
    far = ((3.0, 48.0), (3.1, 48.0), (3.1, 48.1))
    inside = ((2.1, 48.1), (2.2, 48.1), (2.2, 48.2))
    found, _ = features(polygon(*SQUARE, object="a"), polygon(*far, object="a"))
    assert found[0]["geometry"]["type"] == "MultiPolygon"
    assert found[0]["id"] == "a"
    project.assets.clear()
    found, _ = features(polygon(*SQUARE, object="a"), polygon(*inside, object="a"))
    assert found[0]["geometry"]["type"] == "GeometryCollection"


@pytest.mark.parametrize(
    ("one", "code"),
    [
        (polygon((0, 0), (1, 1), (1, 0), (0, 1)), "bad_geometry"),
        (polygon((0, 0), (1, 1)), "bad_geometry"),
        (polygon((0, 0), (1, 1), (2, 2)), "bad_geometry"),
        (polygon(*SQUARE, holes=(((5, 5), (6, 5), (6, 6)),)), "bad_geometry"),
        (polygon((0, 0), (200, 0), (200, 10)), "outside"),
        (Marker(point=(float("nan"), 1), **CAR), "bad_number"),
        (Polyline(points=((1, 1),), **CAR), "bad_geometry"),
    ],
)
def test_what_is_no_valid_geometry_is_left_out_by_name(features, one, code) -> None:
    found, errors = features(one, box(2, 48, 0.1, 0.1))
    assert len(found) == 1
    assert [error["code"] for error in errors] == [code]


def test_answers_stand_under_dotted_names(features, project) -> None:
    crop = Job("CROP", "Crop type", "classification", (), (LabelClass("W", "Wheat"),), multiple=True, nested=True)
    zone = Job("ZONE", "Zone", "classification", (), (LabelClass("U", "Urban"),))
    project.told.jobs = Ontology((job(), crop, zone, Job("TXT", "Notes", "transcription")))
    found, _ = features(
        box(2, 48, 0.1, 0.1, answers=(Answer("CROP", (Choice("W"),)),)),
        Classification(job="ZONE", tool="radio", answer=Answer("ZONE", (Choice("U"),))),
        Transcription(job="TXT", tool="", text="north"),
    )
    assert found[0]["properties"]["Job_0.Car.Crop type"] == ["Wheat"]
    assert found[0]["properties"]["kili"]["children"] == {"CROP": {"categories": [{"name": "W"}]}}
    assert found[1] == {
        "type": "Feature",
        "geometry": None,
        "properties": {"class": "Urban", "Zone": "Urban", "kili": {"categories": [{"name": "U"}], "job": "ZONE"}},
    }
    assert found[2]["properties"] == {"kili": {"text": "north", "job": "TXT"}}


def test_a_picture_that_lies_nowhere_is_left_out_by_name(project) -> None:
    project.add("a.jpg", [box(0, 0, 1, 1)])
    made = write(GeoJsonFormat(), project.shot())
    assert made.written == {"tasks": 0, "labels": 0}
    assert [(one["code"], one["label"]) for one in made.errors] == [("no_place", None), ("no_place", "L1.0")]


def test_fractions_of_a_map_become_degrees(project) -> None:
    earth = Medium("geo", "tile", None, 360, 180)
    paris = Marker(point=((2.35 + 180) / 360, (90 - 48.85) / 180), **CAR)
    square = polygon(*(((x + 180) / 360, (90 - y) / 180) for x, y in SQUARE))
    project.add("tile", [paris, square, box(0.5, 0.25, 0.01, 0.01)], media=[earth])
    found = json.loads(write(GeoJsonFormat(), project.shot()).files["labels/tile.geojson"])["features"]
    assert found[0]["geometry"] == {"type": "Point", "coordinates": [2.35, 48.85]}
    outline = shape(found[1]["geometry"])
    assert outline.exterior.is_ccw
    assert outline.bounds == pytest.approx((2.0, 48.0, 2.4, 48.4))
    assert shape(found[2]["geometry"]).bounds == pytest.approx((0.0, 43.2, 3.6, 45.0))
