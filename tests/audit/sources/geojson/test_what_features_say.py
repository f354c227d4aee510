"""GeoJSON's features as neutral annotations: longitude and latitude, and what can't be drawn, by name."""

from __future__ import annotations

import json
from typing import Any

import pytest

from audit.annotations import Answer, Box, Choice, Classification, Labelled, Marker, Polygon, Polyline, Transcription
from audit.sources.geojson.learned import Learned
from audit.sources.geojson.neutral import GeoJsonNeutral

NEUTRAL = GeoJsonNeutral()
RING = [[2, 48], [3, 48], [3, 49], [2, 48]]
HOLE = [[2.5, 48.2], [2.6, 48.2], [2.6, 48.3], [2.5, 48.2]]


def feature(geometry: Any, id_: Any = None, **properties: Any) -> dict[str, Any]:
    found = {"type": "Feature", "geometry": geometry, "properties": properties}
    return found if id_ is None else found | {"id": id_}


def form(kind: str, coordinates: Any) -> dict[str, Any]:
    return {"type": kind, "coordinates": coordinates}


def said(*features: Any) -> Labelled:
    learned = Learned()
    for one in features:
        learned.add(one)
    ontology = NEUTRAL.ontology(json.dumps({"jobs": learned.told()}).encode())
    label = {"label": "features", "geojson": {"type": "FeatureCollection", "features": features}}
    return NEUTRAL.annotations(json.dumps(label).encode(), b'{"name":"m"}', ontology)


def test_each_form_is_a_shape_in_degrees() -> None:
    found = said(
        feature(form("Point", [2, 48, 120]), name="Oak"),
        feature(form("LineString", [[2, 48], [3, 48.5]]), label="Road"),
        feature(form("Polygon", [RING, HOLE]), id_=7, **{"class": "Field", "name": "no class", "area": 3}),
    )
    assert found.problems == ()
    point, line, area = found.annotations
    assert isinstance(point, Marker)
    assert (point.point, point.classes, point.tool) == ((2, 48), ("Oak",), "marker")
    assert isinstance(line, Polyline)
    assert (line.points, line.classes) == (((2, 48), (3, 48.5)), ("Road",))
    assert isinstance(area, Polygon)
    assert area.outline == ((2, 48), (3, 48), (3, 49))
    assert area.holes == (((2.5, 48.2), (2.6, 48.2), (2.6, 48.3)),)
    assert (area.classes, area.object) == (("Field",), "7")


@pytest.mark.parametrize(
    "geometry",
    [
        form("MultiPoint", [[2, 48], [3, 48]]),
        form("MultiLineString", [[[2, 48], [3, 48]], [[4, 48], [5, 48]]]),
        form("MultiPolygon", [[RING], [RING, HOLE]]),
        {"type": "GeometryCollection", "geometries": [form("Point", [2, 48]), form("Polygon", [RING])]},
    ],
)
@pytest.mark.parametrize("id_", [None, "a"])
def test_parts_of_one_geometry_are_parts_of_one_object(geometry: Any, id_: str | None) -> None:
    other = feature(geometry, **{"class": "X"})
    found = said(feature(geometry, id_, **{"class": "X"}), other)
    assert found.problems == ()
    objects = [one.object for one in found.annotations]
    assert objects == [id_ or "feature 1"] * 2 + ["feature 2"] * 2


def test_a_feature_without_a_class_is_drawn_without_one() -> None:
    (one,) = said(feature(form("Point", [2, 48]), area=3)).annotations
    assert one.classes == ()


def kili(job: str, **more: Any) -> dict[str, Any]:
    return {"children": {}, "categories": [{"name": "C", "confidence": 80}], "type": "polygon", "job": job, **more}


def test_a_box_that_was_turned_is_one_again() -> None:
    """By 30 degrees about 2, 48; of a degree by half a degree."""
    corners = [[1.441987298, 47.966506351], [1.691987298, 47.533493649], [2.558012702, 48.033493649]]
    corners += [[2.308012702, 48.466506351], corners[0]]
    (one,) = said(feature(form("Polygon", [corners]), kili=kili("J", type="rectangle"))).annotations
    assert isinstance(one, Box)
    assert (one.x, one.y, one.width, one.height) == pytest.approx((1.5, 47.75, 1, 0.5), abs=1e-6)
    assert one.angle == pytest.approx(30, abs=1e-6)
    assert one.confidence == 0.8


def test_what_was_asked_because_of_a_class_is_told_with_its_titles_and_numbers() -> None:
    children = {
        "CROP": {"categories": [{"name": "W", "children": {"AGE": {"text": "3"}}}, {"name": "B"}]},
        "NOTE": {"text": "7"},
    }
    words = {
        "class": "Field",
        "Plots": "Field",
        "Plots.Field.Crop type": ["Wheat", "Barley"],
        "Plots.Field.Crop type.Wheat.Age": 3,
        "Plots.Field.Note": "7",
    }
    one = feature(form("Point", [2, 48]), "a", **words, kili=kili("PLOT", children=children, type="marker"))
    (found,) = said(one).annotations
    age = Answer("AGE", number=3)
    assert found.answers == (Answer("CROP", (Choice("W", (age,)), Choice("B"))), Answer("NOTE", text="7"))
    learned = Learned()
    learned.add(one)
    jobs = {job["key"]: job for job in learned.told()}
    assert {key: job["title"] for key, job in jobs.items()} == {
        "PLOT": "Plots", "CROP": "Crop type", "AGE": "Age", "NOTE": "Note",
    }  # fmt: skip
    assert (jobs["CROP"]["multiple"], jobs["CROP"]["nested"], jobs["PLOT"]["nested"]) == (True, True, False)
    assert [(one["key"], one["title"]) for one in jobs["CROP"]["classes"]] == [("W", "Wheat"), ("B", "Barley")]


def test_answers_without_a_geometry_are_of_the_whole_map() -> None:
    chosen = feature(None, **{"class": "Urban", "Zone": "Urban", "kili": {"categories": [{"name": "U"}], "job": "Z"}})
    written = feature(None, kili={"text": "north", "job": "T"})
    counted = feature(None, **{"How many": 4, "kili": {"text": "4", "job": "N"}})
    first, second, third = said(chosen, written, counted).annotations
    assert isinstance(first, Classification)
    assert first.answer == Answer("Z", (Choice("U"),))
    assert isinstance(second, Transcription)
    assert second.text == "north"
    assert isinstance(third, Classification)
    assert third.answer == Answer("N", number=4)


@pytest.mark.parametrize(
    ("geometry", "code", "words"),
    [
        (form("Point", [181, 0]), "bad_geometry", "not on the earth"),
        (form("Point", [0, -90.1]), "bad_geometry", "not on the earth"),
        (form("Point", ["2", 48]), "bad_number", "no pair of numbers"),
        (form("Point", [True, 48]), "bad_number", "no pair of numbers"),
        (form("Point", [2]), "bad_number", "no pair of numbers"),
        (form("Point", [None, 10**400]), "bad_number", "no pair of numbers"),
        (form("Polygon", [[[2, 48], [3, 48], [3, 49], [2, 49]]]), "bad_geometry", "not closed"),
        (form("Polygon", [[[2, 48], [3, 48], [2, 48]]]), "bad_geometry", "at least 4"),
        (form("Polygon", []), "no_geometry", "without an outline"),
        (form("LineString", [[2, 48]]), "bad_geometry", "at least 2"),
        (form("MultiPoint", []), "no_geometry", "without coordinates"),
        (form("Circle", [2, 48]), "no_geometry", "no form"),
        ({"type": "GeometryCollection", "geometries": [{"type": "GeometryCollection"}]}, "bad_geometry", "part"),
        (None, "no_geometry", "nothing is drawn"),
    ],
)
def test_what_can_not_be_drawn_is_a_problem_and_costs_only_itself(geometry: Any, code: str, words: str) -> None:
    found = said(feature(geometry, "bad", **{"class": "X"}), feature(form("Point", [2, 48]), **{"class": "X"}), 7)
    assert len(found.annotations) == 1
    bad, none = found.problems
    assert (bad.code, bad.job, bad.id) == (code, "objects", "bad")
    assert words in bad.text
    assert none.code == "unreadable"


def test_a_class_that_the_project_does_not_have_any_more_is_a_problem() -> None:
    label = {"label": "features", "geojson": feature(form("Point", [2, 48]), **{"class": "Gone"})}
    ontology = NEUTRAL.ontology(b'{"jobs":[{"key":"objects","kind":"objects","classes":[]}]}')
    (problem,) = NEUTRAL.annotations(json.dumps(label).encode(), b"{}", ontology).problems
    assert problem.code == "unknown_class"
    assert NEUTRAL.annotations(json.dumps(label).encode(), b"{}", NEUTRAL.ontology(b"{}")).problems[0].code == (
        "unknown_job"
    )
