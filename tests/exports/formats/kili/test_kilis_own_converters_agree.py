"""Kili's own converters (kili-formats), fed with our Kili JSON, say what our Pascal VOC and GeoJSON say.

COCO and YOLO are compared in test_labels_of_other_platforms_become_kilis.py.
"""

from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree as ET

from kili_formats import convert_from_kili_to_geojson_format, convert_from_kili_to_voc_format

from audit.annotations import Marker, Medium
from exports.formats.kili.geojson import GeoJsonFormat
from exports.formats.kili.kili import KiliFormat
from exports.formats.kili.pascal_voc import PascalVocFormat
from tests.exports.formats.snapshots import write
from tests.exports.formats.told import Project, box, polygon


def responses(project: Project) -> list[Any]:
    """The jsonResponse of each asset as our Kili JSON has it."""
    rows = json.loads(write(KiliFormat(), project.shot(), single_file=True).files["data.json"])
    return [row["latestLabel"]["jsonResponse"] for row in rows]


def bounds(xml: bytes | str) -> list[tuple[str | None, ...]]:
    """Class and corners of each object."""
    corners = ("xmin", "ymin", "xmax", "ymax")
    return [
        (one.findtext("name"), *(one.findtext(f"bndbox/{name}") for name in corners))
        for one in ET.fromstring(xml).iterfind("object")
    ]


def test_pascal_voc_has_the_same_boxes(project: Project) -> None:
    project.add("a.jpg", [box(0.1, 0.2, 0.4, 0.6), box(0.25, 0.1, 0.5, 0.5, "BUS")])
    project.add("b.jpg", [box(0, 0, 1, 1)])
    ours = write(PascalVocFormat(), project.shot()).files
    for name, response in zip("ab", responses(project), strict=True):
        parameters = {"filename": f"{name}.jpg", "folder": "", "path": ""}
        theirs = convert_from_kili_to_voc_format(response, 100, 50, parameters, ["JOB_0"])
        assert bounds(ours[f"labels/{name}.xml"]) == bounds(theirs) != []


def test_geojson_has_the_same_shapes(project: Project) -> None:
    tree = Marker(job="JOB_0", tool="marker", classes=("BUS",), point=(3.5, 45.25), object="m", id="m")
    field = polygon((3, 45), (4, 45), (4, 46), object="p", id="p")
    project.add("a.tif", [tree, field], media=[Medium("geo", "a.tif", "https://x.example/a.tif")])
    made = write(GeoJsonFormat(), project.shot())
    assert made.errors == []
    (ours,) = [json.loads(data)["features"] for name, data in made.files.items() if name.endswith(".geojson")]
    (response,) = responses(project)
    theirs = convert_from_kili_to_geojson_format(response)["features"]
    assert [one["geometry"]["type"] for one in ours] == [one["geometry"]["type"] for one in theirs]
    for one, other in zip(ours, theirs, strict=True):
        assert points(one["geometry"]["coordinates"]) == points(other["geometry"]["coordinates"])


def points(found: Any) -> set[tuple[float, ...]]:
    """The places, whichever comes first: RFC 7946 says which way round an outline goes."""
    if not isinstance(found[0], list):
        return {tuple(found)}
    return set().union(*map(points, found))
