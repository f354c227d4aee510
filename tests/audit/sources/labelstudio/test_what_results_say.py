from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

from audit.annotations import (
    Annotation,
    Answer,
    Box,
    Choice,
    Classification,
    Ellipse,
    Graph,
    Labelled,
    Marker,
    Mask,
    Polygon,
    Polyline,
    Range,
    Ranking,
    Relation,
    TextSpan,
    Transcription,
)

Says = Callable[..., Labelled]
SIZE = {"original_width": 200, "original_height": 100}


def result(type_: str, id_: str = "r1", **value: Any) -> dict[str, Any]:
    """A result on the image, of the size above."""
    return {"id": id_, "type": type_, "from_name": "tag", "to_name": "image", "value": value, **SIZE}


def one(labelled: Labelled) -> Annotation:
    assert labelled.problems == ()
    (found,) = labelled.annotations
    return found


def test_a_rectangle_is_a_box_in_fractions(says: Says) -> None:
    found = one(says(result("rectanglelabels", x=10, y=20, width=30, height=40, rotation=0, rectanglelabels=["Car"])))
    assert isinstance(found, Box)
    assert (found.x, found.y, found.width, found.height, found.angle) == (0.1, 0.2, 0.3, 0.4, 0)
    assert (found.job, found.classes, found.id, found.object) == ("tag", ("Car",), "r1", "r1")


def test_a_turned_rectangle_turns_about_its_centre(says: Says) -> None:
    # By 90 degrees about its upper left corner (100, 50) px: 40 x 20 px then reach from x 80 to 100, y 50 to 90.
    found = one(says(result("rectangle", x=50, y=50, width=20, height=20, rotation=90)))
    assert isinstance(found, Box)
    assert math.isclose(found.x + found.width / 2, 90 / 200)
    assert math.isclose(found.y + found.height / 2, 70 / 100)
    assert found.classes == ()


def test_a_turned_rectangle_without_the_size_of_its_picture_is_a_problem(says: Says) -> None:
    turned = result("rectangle", x=50, y=50, width=20, height=20, rotation=90)
    for name in SIZE:
        del turned[name]
    (problem,) = says(turned).problems
    assert problem.code == "no_size"


def test_outlines_points_and_ellipses(says: Says) -> None:
    outline = one(says(result("polygonlabels", points=[[0, 0], [100, 0], [50, 100]], closed=True, polygonlabels=["A"])))
    assert isinstance(outline, Polygon)
    assert outline.outline == ((0, 0), (1, 0), (0.5, 1))
    point = one(says(result("keypointlabels", x=25, y=75, width=0.5, keypointlabels=["Eye"])))
    assert isinstance(point, Marker)
    assert point.point == (0.25, 0.75)
    ellipse = one(says(result("ellipselabels", x=50, y=50, radiusX=10, radiusY=20, rotation=30, ellipselabels=["A"])))
    assert isinstance(ellipse, Ellipse)
    assert (ellipse.center, ellipse.radius_x, ellipse.radius_y, ellipse.angle) == ((0.5, 0.5), 0.1, 0.2, 30)


def test_vectors_are_lines_outlines_or_graphs(says: Says) -> None:
    line = [{"id": "a", "x": 0, "y": 0}, {"id": "b", "x": 100, "y": 0, "prevPointId": "a"}]
    assert isinstance(one(says(result("vector", vertices=line, closed=False))), Polyline)
    closed = [*line, {"id": "c", "x": 0, "y": 100, "prevPointId": "b"}]
    assert isinstance(one(says(result("vector", vertices=closed, closed=True))), Polygon)
    branched = [*line, {"id": "c", "x": 0, "y": 100, "prevPointId": "a"}]
    graph = one(says(result("vector", vertices=branched)))
    assert isinstance(graph, Graph)
    assert graph.edges == ((0, 1), (0, 2))
    assert says(result("vector", vertices=[{**line[0], "isBezier": True}])).problems[0].code == "bad_geometry"


def rle(pixels: list[int]) -> list[int]:
    """The picture's alpha as a brush writes it: all values one by one, 8 bits each, in blocks of up to 2."""
    values = [value for pixel in pixels for value in (0, 0, 0, pixel)]
    bits = f"{len(values):032b}" + "00111" + "0000" * 4  # Words of 8 bits, lengths of 1 bit.
    for at in range(0, len(values), 2):
        bits += "0" + "00" + "1" + f"{values[at]:08b}{values[at + 1]:08b}"
    bits += "0" * (-len(bits) % 8)
    return [int(bits[at : at + 8], 2) for at in range(0, len(bits), 8)]


def brush(data: list[int], width: int = 3, height: int = 2) -> dict[str, Any]:
    found = result("brushlabels", format="rle", rle=data, brushlabels=["A"])
    return {**found, "original_width": width, "original_height": height}


def test_a_brush_is_a_mask_in_columns(says: Says) -> None:
    mask = one(says(brush(rle([0, 255, 255, 0, 255, 0]))))
    assert isinstance(mask, Mask)
    # Columns: 0 0, 255 255, 255 0.
    assert (mask.width, mask.height, mask.counts) == (3, 2, (2, 3, 1))


def test_a_run_of_a_brush_fills_whole_pixels(says: Says) -> None:
    bits = f"{24:032b}" + "00111" + "0100" * 4 + "1" + "00" + f"{23:05b}" + "11111111"
    bits += "0" * (-len(bits) % 8)
    mask = one(says(brush([int(bits[at : at + 8], 2) for at in range(0, len(bits), 8)])))
    assert isinstance(mask, Mask)
    assert mask.counts == (0, 6)


@pytest.mark.parametrize("data", [[], [0] * 8, [256], rle([255] * 6)[:-3], rle([255] * 5)])
def test_a_brush_that_is_none_is_a_problem(says: Says, data: list[int]) -> None:
    assert says(brush(data)).problems[0].code == "bad_geometry"


def test_a_region_has_its_labels_and_what_was_asked_about_it(says: Says) -> None:
    place = {"x": 1, "y": 1, "width": 2, "height": 2, "rotation": 0}
    found = one(
        says(
            result("rectangle", **place) | {"from_name": "bbox", "score": 0.5, "meta": {"text": ["blurred"]}},
            result("labels", **place, labels=["Word", "Title"]),
            result("textarea", **place, text=["one", "two"]) | {"from_name": "read"},
            result("choices", **place, choices=["bold"]) | {"from_name": "style"},
        )
    )
    assert isinstance(found, Box)
    assert (found.job, found.tool, found.classes, found.confidence) == ("tag", "rectangle", ("Word",), 0.5)
    assert found.answers == (
        Answer("tag", (Choice("Word"), Choice("Title"))),
        Answer("read", text="one\ntwo"),
        Answer("style", (Choice("bold"),)),
        Answer("meta", text="blurred"),
    )


def test_what_is_said_of_the_whole(says: Says) -> None:
    found = says(
        result("choices", "a", choices=["Yes"]),
        result("taxonomy", "b", taxonomy=[["Animal", "Dog"], ["Animal"]]) | {"from_name": "tree"},
        result("rating", "c", rating=4) | {"from_name": "stars"},
        result("number", "d", number=2.5) | {"from_name": "count"},
        result("textarea", "e", text=["said"]) | {"from_name": "why"},
        result("datetime", "f", datetime="2026-01-01") | {"from_name": "when"},
    )
    assert found.problems == ()
    answers = [one.answer for one in found.annotations if isinstance(one, Classification)]
    assert answers == [
        Answer("tag", (Choice("Yes"),)),
        Answer("tree", (Choice("Animal/Dog"), Choice("Animal"))),
        Answer("stars", number=4),
        Answer("count", number=2.5),
    ]
    assert [one.text for one in found.annotations if isinstance(one, Transcription)] == ["said", "2026-01-01"]


def test_rankings_and_pairs(says: Says) -> None:
    def order(**value: Any) -> tuple[tuple[str, ...], ...]:
        found = one(says(result("ranker" if "ranker" in value else "pairwise", **value)))
        assert isinstance(found, Ranking)
        return found.order

    assert order(selected="right") == (("right",), ("left",))
    assert order(selected="tie") == (("left", "right"),)
    assert order(ranker={"good": ["a", "b"], "bad": ["c"]}) == (("a", "b"), ("c",))


def test_relations_have_a_direction(says: Says) -> None:
    relation = {"type": "relation", "from_id": "a", "to_id": "b", "direction": "left", "labels": ["is of"]}
    found = one(says(relation))
    assert isinstance(found, Relation)
    assert (found.sources, found.targets, found.directed, found.classes) == (("b",), ("a",), True, ("is of",))
    assert says({**relation, "to_id": None}).problems[0].code == "no_geometry"


def test_words_of_a_text_count_code_points(says: Says) -> None:
    text = "🔥 fire age"
    words = {"id": "w", "type": "labels", "from_name": "ner", "to_name": "text"}
    plain = one(says(words | {"value": {"start": 2, "end": 6, "text": "fire", "labels": ["X"]}}, data={"text": text}))
    units = one(says(words | {"value": {"start": 3, "end": 7, "text": "fire", "labels": ["X"]}}, data={"text": text}))
    for found in (plain, units):
        assert isinstance(found, TextSpan)
        assert (found.start, found.end, found.quote, found.classes) == (2, 6, "fire", ("X",))


def test_words_of_pages_and_conversations(says: Says) -> None:
    html = {"id": "w", "type": "hypertextlabels", "from_name": "ner", "to_name": "html"}
    path = {"start": "/p[1]/text()[1]", "end": "/p[1]/text()[1]", "startOffset": 0, "endOffset": 4}
    value = {**path, "globalOffsets": {"start": 5, "end": 9}, "text": "fire", "hypertextlabels": ["X"]}
    found = one(says(html | {"value": value}, data={"html": "<p>..."}))
    assert isinstance(found, TextSpan)
    assert (found.start, found.end) == (5, 9)
    del value["globalOffsets"]
    assert says(html | {"value": value}, data={"html": "<p>..."}).problems[0].code == "bad_geometry"
    told = {"start": "2", "end": "2", "startOffset": 1, "endOffset": 4, "text": "ire", "paragraphlabels": ["X"]}
    line = one(says({**html, "type": "paragraphlabels", "value": told}, data={"dialogue": [{"text": "fire"}]}))
    assert isinstance(line, TextSpan)
    assert (line.message, line.start, line.end) == ("2", 1, 4)
    assert says({**html, "type": "paragraphlabels", "value": {**told, "end": "3"}}).problems[0].code == "bad_geometry"


def test_stretches_of_recordings_and_videos(says: Says) -> None:
    audio = {"id": "s", "type": "labels", "from_name": "who", "to_name": "audio"}
    said = one(
        says(
            audio | {"value": {"start": 0.5, "end": 2, "channel": 0, "labels": ["A"]}},
            data={"audio": "https://h/a.wav"},
        )
    )
    assert isinstance(said, Range)
    assert (said.start, said.end, said.unit) == (0.5, 2, "seconds")
    line = {**audio, "type": "timelinelabels", "to_name": "video"}
    found = one(
        says(
            line | {"value": {"ranges": [{"start": 3, "end": 7}], "timelinelabels": ["A"]}},
            data={"video": "https://h/a.mp4"},
        )
    )
    assert isinstance(found, Range)
    assert (found.start, found.end, found.unit) == (2, 6, "frames")
    series = {
        **audio,
        "type": "timeserieslabels",
        "value": {"start": "2026-01-01", "end": "x", "timeserieslabels": ["A"]},
    }
    assert says(series).problems[0].code == "bad_geometry"


def test_boxes_of_a_video_are_one_object_in_frames(says: Says) -> None:
    box = {"x": 10, "y": 20, "width": 30, "height": 40, "rotation": 0, "time": 0.04}
    value = {
        "framesCount": 90,
        "labels": ["Car"],
        "sequence": [{**box, "frame": 1, "enabled": True}, {**box, "frame": 5, "enabled": False}],
    }
    video = {"id": "v", "type": "videorectangle", "from_name": "box", "to_name": "video", "value": value}
    first, last = says(video, data={"video": "https://h/a.mp4"}).annotations
    assert (first.frame, first.ends, first.object, first.classes) == (0, False, "v", ("Car",))
    assert (last.frame, last.ends) == (4, True)


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ({"x": "1", "y": 1, "width": 1, "height": 1}, "bad_number"),
        ({"points": [[1, 2]]}, "bad_geometry"),
        ({"points": [[1, 2], [1], 7]}, "bad_number"),
        ({"imageDataURL": "data:image/png;base64,AA=="}, "unknown_tool"),
        ({"something": "new"}, "unknown_tool"),
        ({"choices": "Yes", "text": 7}, "unreadable"),
    ],
)
def test_what_cannot_be_said_is_a_problem_and_keeps_the_rest(says: Says, value: dict[str, Any], code: str) -> None:
    found = says(result("rectangle", "bad", **value), result("choices", "good", choices=["Yes"]) | {"from_name": "c"})
    assert [problem.code for problem in found.problems] == [code]
    assert [annotation.id for annotation in found.annotations] == ["good"]
