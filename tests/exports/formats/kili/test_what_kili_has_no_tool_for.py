"""Masks, graphs and shapes on pages of other platforms, in tools that Kili has."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from audit.annotations import (
    Annotation,
    Answer,
    Classification,
    Graph,
    Marker,
    Mask,
    Medium,
    Polygon,
    Polyline,
)
from audit.sources.kili.learned import Learned
from audit.sources.kili.neutral import KiliNeutral
from exports.formats.kili.kili import KiliFormat
from exports.formats.labels.runs import spans_from, spans_of
from tests.exports.formats.snapshots import Made, write
from tests.exports.formats.told import Project, box, polygon, registered

WIDTH, HEIGHT = 8, 6
CAR: dict[str, Any] = {"job": "JOB_0", "tool": "t", "classes": ("CAR",)}


@pytest.fixture
def project(monkeypatch: pytest.MonkeyPatch) -> Project:
    return next(iter(registered(monkeypatch)))


def again(project: Project, said: list[Annotation], medium: Medium | None = None) -> tuple[Made, Any, list[Annotation]]:
    """What was written, the jsonResponse, and what Kili's reader says of it."""
    medium = medium or Medium("image", "a.jpg", None, WIDTH, HEIGHT)
    project.add("a", said, media=[medium])
    made = write(KiliFormat(), project.shot(), single_file=True)
    (row,) = json.loads(made.files["data.json"])
    response = row["latestLabel"]["jsonResponse"]
    learned, told = Learned(), KiliNeutral()
    learned.add(response)
    ontology = told.ontology(json.dumps({"jsonInterface": learned.interface()}).encode())
    kind = "PDF" if medium.kind == "pdf" else "IMAGE"
    asset = {"resolution": row["resolution"], "pageResolutions": row["pageResolutions"]}
    task = json.dumps({"asset": asset, "inputType": kind}).encode()
    found = told.annotations(json.dumps({"label": {"jsonResponse": response}}).encode(), task, ontology)
    assert found.problems == ()
    return made, response, list(found.annotations)


def runs(flags: np.ndarray[Any, Any]) -> tuple[int, ...]:
    edges = np.flatnonzero(np.diff(flags.ravel(order="F").astype(np.int8), prepend=0)).tolist()
    return tuple(np.diff([0, *edges, flags.size]).tolist())


def test_a_mask_is_semantic_polygons_of_its_very_pixels(project: Project) -> None:
    flags = np.zeros((HEIGHT, WIDTH), bool)
    flags[1:5, 1:5] = True
    flags[2:4, 2:4] = False
    flags[0, 7] = True
    mask = Mask(width=WIDTH, height=HEIGHT, counts=runs(flags), object="m", **CAR)
    made, response, found = again(project, [mask])
    assert made.errors == []
    parts = response["JOB_0"]["annotations"]
    assert [(part["type"], part["mid"], len(part["boundingPoly"])) for part in parts] == [
        ("semantic", "m", 1), ("semantic", "m", 2),
    ]  # fmt: skip
    rings = [
        tuple(tuple((x * WIDTH, y * HEIGHT) for x, y in ring) for ring in (one.outline, *one.holes))
        for one in found
        if isinstance(one, Polygon)
    ]
    covered = spans_of([(outline, tuple(holes)) for outline, *holes in rings], WIDTH, HEIGHT)
    assert np.array_equal(covered, spans_from(mask.counts))


def test_a_mask_without_an_object_is_one_object(project: Project) -> None:
    mask = Mask(width=WIDTH, height=HEIGHT, counts=(1, 1, 20, 1, 25), **CAR)
    _, response, _ = again(project, [mask, box(0, 0, 1, 1)])
    first, second, other = (one["mid"] for one in response["JOB_0"]["annotations"])
    assert first == second != other


def test_a_mask_without_pixels_has_a_line(project: Project) -> None:
    made, response, _ = again(project, [Mask(width=WIDTH, height=HEIGHT, counts=(WIDTH * HEIGHT,), object="m", **CAR)])
    assert [(line["code"], line["annotation"]) for line in made.errors] == [("bad_geometry", "m")]
    assert response == {}


def test_a_graph_is_lines_along_its_edges_and_points(project: Project) -> None:
    points = ((0.0, 0.0), (0.5, 0.0), (0.5, 0.5), (0.0, 0.5), (1.0, 1.0))
    graph = Graph(points=points, edges=((0, 1), (1, 2), (0, 3)), object="g", **CAR)
    made, _, found = again(project, [graph])
    assert made.errors == []
    assert {one.object for one in found} == {"g"}
    assert [one.points for one in found if isinstance(one, Polyline)] == [points[:3], (points[0], points[3])]
    assert [one.point for one in found if isinstance(one, Marker)] == [points[4]]


def test_what_is_drawn_on_a_page_keeps_its_page(project: Project) -> None:
    pages = Medium("pdf", "a.pdf", pages=((200, 100), (400, 400)))
    said = [box(0.1, 0.1, 0.2, 0.2, page=2, object="b"), polygon((0, 0), (1, 0), (1, 1), page=1, object="p")]
    made, response, found = again(project, said, pages)
    assert made.errors == []
    assert [(one.object, one.page) for one in found] == [("b", 2), ("p", 1)]
    assert (found[0].x, found[0].width) == (pytest.approx(0.1), pytest.approx(0.2))  # type: ignore[attr-defined]
    (inner,) = response["JOB_0"]["annotations"][0]["annotations"]
    assert (inner["pageNumberArray"], inner["polys"]) == ([2], inner["boundingPoly"])
    assert [round(point["x"], 6) for point in inner["boundingPoly"][0]["vertices"]] == [40, 40, 120, 120]


def test_a_number_keeps_its_digits(project: Project) -> None:
    answer = Answer("COUNT", number=1234567.125)
    _, response, _ = again(project, [Classification(job="COUNT", tool="t", answer=answer)])
    assert response["COUNT"]["text"] == "1234567.125"
