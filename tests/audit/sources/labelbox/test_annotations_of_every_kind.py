"""Each kind of annotation that Labelbox exports, in neutral words: golden data rows of all kinds of media."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from audit.annotations import (
    Box,
    Classification,
    Labelled,
    Marker,
    Mask,
    PageSpan,
    Polygon,
    Polyline,
    Range,
    Ranking,
    Relation,
    TextSpan,
    Transcription,
)
from tests.audit.sources.labelbox.conftest import ROWS
from tests.fakes.labelbox_story import golden

Say = Callable[..., Labelled]


@pytest.mark.parametrize("medium", ROWS)
def test_golden_labels_have_no_problems(say: Say, medium: str) -> None:
    said = say(ROWS[medium])
    assert said.problems == ()
    assert said.annotations


def test_an_image_has_boxes_polygons_lines_points_and_masks(say: Say) -> None:
    box, polygon, line, point, mask, *_ = say(ROWS["image"]).annotations
    assert isinstance(box, Box)
    assert isinstance(polygon, Polygon)
    assert isinstance(line, Polyline)
    assert isinstance(point, Marker)
    assert isinstance(mask, Mask)
    assert (box.x, box.y, box.width, box.height) == (58 / 2560, 48 / 1707, 12 / 2560, 65 / 1707)
    assert (box.job, box.tool, box.classes) == ("objects", "rectangle", ("cliv0zi70u00ycl908zns8mev",))
    assert box.answers[0].choices[0].key == "clasbkktbavnhmi9siqlvm9g9", "the question within the box"
    assert len(polygon.outline) == 3, "without its closing point"
    assert line.points[1] == (150.692 / 2560, 160.154 / 1707)
    assert point.point == (10.5 / 2560, 20.25 / 1707)
    assert (mask.file, mask.value) == ("masks/MASK_ID/index/1", (123, 103, 152))
    assert (mask.width, mask.height) == (2560, 1707)


def test_questions_are_nested_and_relations_have_a_direction(say: Say) -> None:
    said = say(ROWS["image"]).annotations
    radio, checklist = [one for one in said if isinstance(one, Classification)]
    assert radio.answer.choices[0].answers[0].choices[0].key == "clhw6gqdpelxk69qs8bfgazkt"
    assert (radio.multiple, checklist.multiple, len(checklist.answer.choices)) == (False, True, 2)
    (written,) = [one for one in said if isinstance(one, Transcription)]
    assert written.text == 'free form text – naïve {brace} "quote" 日本語'
    to, beside = [one for one in said if isinstance(one, Relation)]
    assert (to.directed, beside.directed) == (True, False)
    assert (to.sources, to.targets) == (("clubcj630krtttonmw70ongyc",), ("clyj83r22jyouqkewy59y0h7c",))


def test_frames_of_a_video_count_from_nought_and_say_which_were_set(say: Say) -> None:
    said = say(ROWS["video"]).annotations
    boxes = [(one.frame, one.key_frame, one.object) for one in said if isinstance(one, Box)]
    id_ = "cl6635v8o6fsqylylj0ux9voq"
    assert boxes == [(12, True, id_), (13, False, id_), (14, True, id_), (17, False, id_), (18, True, id_)]
    (mask,) = [one for one in said if isinstance(one, Mask)]
    assert (mask.frame, mask.file) == (13, "masks/MASK_ID/index/14")
    weather, tags = [one for one in said if isinstance(one, Classification)]
    assert (weather.frame, tags.frame) == (None, 14)


def test_ends_of_entities_are_exclusive(say: Say) -> None:
    first = say(ROWS["text"]).annotations[0]
    assert isinstance(first, TextSpan)
    assert (first.start, first.end, first.quote) == (112, 129, "research suggests")
    said = say(ROWS["conversational"]).annotations
    assert isinstance(said[0], TextSpan)
    assert (said[0].message, said[0].start, said[0].end) == ("0", 0, 9)
    assert [one.object for one in said if isinstance(one, Classification)][:2] == ["0", "1"], "messages"


def test_a_page_has_boxes_in_its_own_size_and_words(say: Say) -> None:
    box, words, *_ = say(ROWS["pdf"]).annotations
    assert isinstance(box, Box)
    assert isinstance(words, PageSpan)
    assert (box.page, box.x, box.height) == (1, 58 / 612, 65 / 792)
    assert (words.page, words.quote, words.boxes) == (1, "Metal-insulator (MI) transitions", ())


def test_degrees_are_fractions_of_a_map_of_the_earth(say: Say) -> None:
    box, polygon, line, point, *_ = say(ROWS["geospatial"]).annotations
    assert isinstance(box, Box)
    assert isinstance(polygon, Polygon)
    assert isinstance(line, Polyline)
    assert isinstance(point, Marker)
    assert box.x * 360 - 180 == pytest.approx(-74.01)
    assert 90 - (box.y + box.height) * 180 == pytest.approx(40.7)
    assert len(polygon.holes) == 1
    assert 90 - point.point[1] * 180 == pytest.approx(40.75)
    assert len(line.points) == 2


def test_a_sound_has_ranges_in_seconds_with_their_answers(say: Say) -> None:
    ranges = [one for one in say(ROWS["audio"]).annotations if isinstance(one, Range)]
    assert [(one.start, one.end, one.unit) for one in ranges] == [(1.5, 4.0, "seconds"), (6.0, 7.25, "seconds")]
    assert {one.answers[0].choices[0].key for one in ranges} == {"clschema00000000000000021"}


def test_views_of_a_volume_are_media_of_their_own(say: Say) -> None:
    said = say(ROWS["dicom"]).annotations
    line = next(one for one in said if isinstance(one, Polyline))
    assert (line.medium, line.frame, line.points[0]) == (0, 0, (10 / 512, 20 / 256))
    mask = next(one for one in said if isinstance(one, Mask))
    assert (mask.medium, mask.frame, mask.value) == (0, 2, (1, 2, 3))


def test_messages_are_chosen_and_ranked(say: Say) -> None:
    orders = [one.order for one in say(ROWS["llm"]).annotations if isinstance(one, Ranking)]
    assert orders == [(("m-2",),), (("m-2", "m-3"),), (("m-2",), ("m-3",))]


def test_a_prediction_says_how_sure_the_model_was(say: Say) -> None:
    row = golden("model_run_image")[0]
    box = say(row, place=1).annotations[0]
    assert isinstance(box, Box)
    assert box.confidence == 0.91
