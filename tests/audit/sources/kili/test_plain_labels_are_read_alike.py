"""Labels of boxes and polygons are read by a shorter way, which says the same."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from audit.annotations import Box, Labelled, Medium, Polygon
from audit.ontology import Job, LabelClass, Ontology
from audit.sources.kili.plain import plainly
from audit.sources.kili.said import Said
from exports.formats.labels.sound import sound

CLASSES = (LabelClass("CAR", "Car"), LabelClass("BUS", "Bus"))
ONTOLOGY = Ontology(
    (
        Job("BOX", "Boxes", "objects", ("rectangle",), CLASSES),
        Job("POLY", "Polygons", "objects", ("polygon",), CLASSES),
        Job("KIND", "Kind", "classification", ("radio",), CLASSES),
    )
)
MEDIUM = Medium("image", "a.jpg", None, 1920, 1080)
BOX = [{"x": 0.1, "y": 0.4}, {"x": 0.1, "y": 0.2}, {"x": 0.5, "y": 0.2}, {"x": 0.5, "y": 0.4}]
RING = [{"x": 0.1, "y": 0.4}, {"x": 0.3, "y": 1}, {"x": -0.5, "y": 0.2}]


def _payload(says: object) -> bytes:
    return json.dumps({"label": {"id": "l", "jsonResponse": says}}).encode()


def _closely(payload: bytes) -> Labelled:
    return Said(ONTOLOGY, MEDIUM).read(json.loads(payload)["label"]["jsonResponse"])


def _one(vertices: object = BOX, tool: object = "rectangle", **more: Any) -> dict[str, Any]:
    poly = [{"normalizedVertices": vertices}]
    return {"type": tool, "categories": [{"name": "CAR"}], "mid": "m", "boundingPoly": poly, "children": {}, **more}


def _says(*found: object, job: str = "BOX") -> dict[str, Any]:
    return {job: {"annotations": list(found)}}


@pytest.mark.parametrize(
    "says",
    [
        {},
        _says(),
        _says(_one()),
        _says(_one(mid="")),
        _says(_one(mid=None, isKeyFrame=False)),
        _says(_one(categories=[{"name": "BUS", "confidence": 70, "children": {}}])),
        _says(_one(RING, "polygon"), _one(RING, "semantic"), job="POLY"),
        _says(_one(boundingPoly=[{"normalizedVertices": RING}, {"normalizedVertices": BOX}], tool="polygon")),
        {"ANNOTATION_JOB_COUNTER": {"BOX": {"CAR": 1}}, "ROTATION_JOB": {"rotation": 0}, **_says(_one())},
        {"ANNOTATION_NAMES_JOB": {"m": "Car 1"}, "ROTATION_JOB": {}, **_says(_one())},
        _says(_one(score=3, jobName="x")) | _says(_one(RING, "polygon"), job="POLY"),
    ],
)
def test_plain_labels_say_the_same(says) -> None:
    payload = _payload(says)
    plain = plainly(payload, ONTOLOGY)
    assert plain is not None
    assert plain.annotations == _closely(payload).annotations
    assert plain.problems == _closely(payload).problems == ()


TURNED = [{"x": 0.1, "y": 0.4}, {"x": 0.2, "y": 0.2}, {"x": 0.5, "y": 0.3}, {"x": 0.4, "y": 0.5}]


@pytest.mark.parametrize(
    "says",
    [
        None,
        [],
        {"ROTATION_JOB": {"rotation": 90}, **_says(_one())},
        {"ROTATION_JOB": {"rotation": False}, **_says(_one())},
        {"0": _says(_one())},
        {"BOX": {}},
        {"KIND": {"categories": [{"name": "CAR"}]}, **_says(_one())},
        _says(_one(), job="KIND"),
        _says(_one(), job="NOBODY"),
        _says(None),
        _says(_one(), _one(TURNED)),
        _says(_one(BOX[::-1])),
        _says(_one(RING)),
        _says(_one(RING[:2], "polygon")),
        _says(_one([], "polygon")),
        _says(_one(boundingPoly=[])),
        _says(_one(boundingPoly=[[{"normalizedVertices": RING}]], tool="polygon")),
        _says(_one([{"x": True, "y": 1}, *RING], "polygon")),
        _says(_one([{"x": "1", "y": 1}, *RING], "polygon")),
        _says(_one([{"x": None, "y": 1}, *RING], "polygon")),
        _says(_one([{"x": float("nan"), "y": 1}, *RING], "polygon")),
        _says(_one([{"x": float("inf"), "y": 1}, *RING], "polygon")),
        _says(_one([{"x": 1e308, "y": 1}, *RING], "polygon")),
        _says(_one([{"x": x, "y": y} for x, y in ((1e16, 2), (1e16, 1), (1e16 + 2, 1), (1e16 + 2, 2))])),
        _says(_one(tool="marker", point={"x": 0, "y": 0})),
        _says(_one(tool="")),
        _says(_one(tool=None)),
        _says(_one(mid=7)),
        _says(_one(isKeyFrame=None)),
        _says(_one(annotations=[])),
        _says(_one(children={"KIND": {"categories": [{"name": "CAR"}]}})),
        _says(_one(categories=[])),
        _says(_one(categories=[{"name": "CAR"}, {"name": "BUS"}])),
        _says(_one(categories=[{"name": "TRAM"}])),
        _says(_one(categories=[{"name": "CAR", "children": {"KIND": {"categories": [{"name": "CAR"}]}}}])),
        _says(_one(categories=None)),
    ],
)
def test_anything_else_takes_a_closer_look(says) -> None:
    assert plainly(_payload(says), ONTOLOGY) is None


def test_what_is_no_json_and_numbers_beyond_floats_take_a_closer_look() -> None:
    assert plainly(b"{", ONTOLOGY) is None
    assert plainly(b'"\xff"', ONTOLOGY) is None
    huge = _payload(_says(_one(RING, "polygon"))).replace(b"-0.5", b"1e999")
    assert plainly(huge, ONTOLOGY) is None


_NUMBER = st.one_of(st.floats(-2, 2), st.integers(-2, 2), st.sampled_from([None, "0.5", True]))
_VERTEX = st.fixed_dictionaries({"x": st.floats(-1, 2), "y": st.one_of(st.floats(-1, 2), _NUMBER)})
_BOX = st.tuples(*[st.floats(0, 1)] * 4).map(
    lambda p: [{"x": p[0], "y": p[3]}, {"x": p[0], "y": p[1]}, {"x": p[2], "y": p[1]}, {"x": p[2], "y": p[3]}]
)
_ANNOTATION = st.builds(
    _one,
    st.one_of(_BOX, st.lists(_VERTEX, max_size=6)),
    st.sampled_from(["rectangle", "polygon", "semantic", "polyline", None]),
    mid=st.sampled_from(["m", "", None, 5]),
    isKeyFrame=st.sampled_from([True, False, None]),
    categories=st.lists(
        st.sampled_from([{"name": "CAR"}, {"name": "CAR", "confidence": 50}, {"name": "X"}]), max_size=2
    ),
)


@given(st.lists(_ANNOTATION, max_size=4), st.lists(_ANNOTATION, max_size=3))
def test_whatever_it_says_is_what_a_closer_look_says(boxes, polygons) -> None:
    payload = _payload(_says(*boxes) | _says(*polygons, job="POLY"))
    plain = plainly(payload, ONTOLOGY)
    if plain is not None:
        assert plain.annotations == _closely(payload).annotations
        assert plain.problems == _closely(payload).problems
        assert all(isinstance(one, Box | Polygon) for one in plain.annotations)


_ANY = st.one_of(st.floats(allow_nan=False, allow_infinity=False), st.floats(-1, 2))


@given(
    st.lists(st.tuples(*[_ANY] * 4).map(sorted), max_size=3),
    st.lists(st.lists(st.fixed_dictionaries({"x": _ANY, "y": _ANY}), max_size=4), max_size=2),
)
def test_nothing_that_it_calls_sound_has_to_be_left_out(boxes, rings) -> None:
    corners = [_one([{"x": a, "y": d}, {"x": a, "y": c}, {"x": b, "y": c}, {"x": b, "y": d}]) for a, b, c, d in boxes]
    outlines = [_one(ring, "polygon") for ring in rings]
    plain = plainly(_payload(_says(*corners) | _says(*outlines, job="POLY")), ONTOLOGY)
    if plain is not None:
        unchecked = replace(plain, sound=False)
        assert plain.sound
        assert sound(unchecked, lambda: (MEDIUM,)) == unchecked
