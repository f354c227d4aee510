"""Texts, pages, frames, classes: what else labels of Kili say."""

from __future__ import annotations

from typing import Any

from audit.annotations import COMPARISON, Box, Classification, PageSpan, Ranking, Relation, TextSpan, Transcription
from audit.sources.kili.learned import Learned
from audit.sources.kili.media import medium_of
from tests.audit.sources.kili.conftest import NEUTRAL, Said, golden, history, ontology

NER: dict[str, Any] = {
    "NER": {"mlTask": "NAMED_ENTITIES_RECOGNITION", "content": {"categories": {"PER": {"name": "P"}}, "input": "radio"}}
}


def entity(**of: Any) -> dict[str, Any]:
    return {"NER": {"annotations": [{"categories": [{"name": "PER"}], "mid": "m", **of}]}}


def test_words_of_a_text_have_their_places(said: Said) -> None:
    found = said("09_text_ner_relations", "doc_1")
    assert found.problems == ()
    spans = [one for one in found.annotations if isinstance(one, TextSpan)]
    assert [(one.start, one.end, one.quote, one.message) for one in spans] == [
        (0, 11, "Marie Curie", None),
        (22, 30, "Sorbonne", None),
    ]
    (relation,) = [one for one in found.annotations if isinstance(one, Relation)]
    assert (relation.sources, relation.targets) == ((spans[0].object,), (spans[1].object,))
    assert [one.text for one in found.annotations if isinstance(one, Transcription)] == ["résumé"]


def test_words_in_a_part_of_a_text_name_it(says: Said) -> None:
    (span,) = says(NER, entity(beginId="p/[3]", endId="p/[3]", beginOffset=2, endOffset=4)).annotations
    assert isinstance(span, TextSpan)
    assert span.message == "p/[3]"


def test_words_over_two_parts_or_without_a_place_are_problems(says: Said) -> None:
    over = says(NER, entity(beginId="p/[3]", endId="p/[4]", beginOffset=2, endOffset=4))
    assert [problem.code for problem in over.problems] == ["bad_geometry"]
    assert [problem.code for problem in says(NER, entity(beginOffset=5, endOffset=2)).problems] == ["bad_geometry"]
    assert [problem.code for problem in says(NER, entity()).problems] == ["bad_geometry"]


def test_pages_hold_words_and_boxes_and_classes(said: Said) -> None:
    found = said("10_pdf", "invoice_1")
    assert found.problems == ()
    span, box, page, whole = found.annotations
    assert isinstance(span, PageSpan)
    assert (span.page, span.quote, len(span.boxes)) == (1, "$ 120", 1)
    assert isinstance(box, Box)
    assert (box.page, box.classes) == (2, ("LOGO",))
    assert isinstance(page, Classification)
    assert (page.page, page.answer.choices[0].key) == (1, "COVER")
    assert isinstance(whole, Classification)
    assert whole.page is None


def test_frames_say_which_are_key_frames(said: Said) -> None:
    found = said("08_video_frames", "clip_1")
    assert found.problems == ()
    boxes = [one for one in found.annotations if isinstance(one, Box) and one.classes == ("OBJECT_A",)]
    assert [(one.frame, one.key_frame) for one in boxes] == [(0, True), (1, False), (2, False), (5, True)]
    assert len({one.object for one in boxes}) == 1
    assert {one.frame for one in found.annotations if isinstance(one, Classification)} == {0, 1, 2, 5}


def test_what_is_said_of_a_whole_video_has_no_frame(says: Said) -> None:
    jobs = {"C": {"mlTask": "CLASSIFICATION", "content": {"categories": {"A": {}}, "input": "radio"}}}
    (one,) = says(jobs, {"0": {}, "assetLevel": {"C": {"categories": [{"name": "A"}]}}}).annotations
    assert one.frame is None


def test_a_job_that_is_called_like_a_number_is_no_frame(says: Said) -> None:
    jobs = {"0": {"mlTask": "TRANSCRIPTION", "content": {"input": "textField"}}}
    (one,) = says(jobs, {"0": {"text": "x"}}).annotations
    assert (one.job, one.frame) == ("0", None)


def test_classes_hold_what_was_asked_because_of_them(said: Said) -> None:
    found = said("02_all_image_tools", "full").annotations
    (day,) = [one for one in found if isinstance(one, Classification)]
    (choice,) = day.answer.choices
    (weather,) = choice.answers
    assert [(one.key, one.confidence) for one in weather.choices] == [("RAIN", 1.0), ("SUN", 0.8)]


def test_numbers_are_numbers(says: Said) -> None:
    jobs = {"N": {"mlTask": "TRANSCRIPTION", "content": {"input": "number"}}}
    (one,) = says(jobs, {"N": {"text": "12.5"}}).annotations
    assert isinstance(one, Classification)
    assert one.answer.number == 12.5
    assert [problem.code for problem in says(jobs, {"N": {"text": "many"}}).problems] == ["bad_number"]


def test_a_ranking_is_in_its_order(says: Said) -> None:
    jobs = {"R": {"mlTask": "RANKING", "content": {"categories": {}}}}
    orders = [{"rank": 2, "elements": ["B"]}, {"rank": 1, "elements": ["A", "C"]}]
    (one,) = says(jobs, {"R": {"orders": orders}}).annotations
    assert isinstance(one, Ranking)
    assert one.order == (("A", "C"), ("B",))


BETTER: dict[str, Any] = {
    "PICK": {"mlTask": "COMPARISON", "content": {"input": "radio", "options": {
        "IS_BETTER": {"children": [], "name": "Is better", "id": "o1"},
        "TIE": {"children": [], "name": "Tie", "mutual": True, "id": "o2"},
    }}}
}  # fmt: skip


def test_a_comparison_ranks_two_things(says: Said) -> None:
    def compared(code: str) -> Ranking:
        (one,) = says(BETTER, {"PICK": {"choice": {"code": code, "firstId": "b", "secondId": "a"}}}).annotations
        assert isinstance(one, Ranking)
        assert (one.job, one.tool) == ("PICK", COMPARISON)
        return one

    assert (compared("Is better").order, compared("Is better").classes) == ((("b",), ("a",)), ("IS_BETTER",))
    assert (compared("Tie").order, compared("TIE").classes) == ((("b", "a"),), ("TIE",))


def test_a_comparison_of_one_thing_or_of_an_unknown_kind_is_named(says: Said) -> None:
    for choice, code in (
        ({"code": "Tie", "firstId": "a"}, "no_geometry"),
        ({"code": "Is worse", "firstId": "a", "secondId": "b"}, "unknown_class"),
        ({"firstId": "a", "secondId": "b"}, "unknown_class"),
    ):
        found = says(BETTER, {"PICK": {"choice": choice}})
        assert ([problem.code for problem in found.problems], found.annotations) == ([code], ())


def test_a_comparison_is_learned_from_an_export(says: Said) -> None:
    learned = Learned()
    ties = {"PICK": {"choice": {"code": "Tie", "firstId": "a", "secondId": "b"}}}
    better = {"PICK": {"choice": {"code": "Is better", "firstId": "a", "secondId": "b"}}}
    for one in (ties, better):
        learned.add(one)
    jobs = learned.interface()["jobs"]
    orders = [
        one.order for label in (ties, better) for one in says(jobs, label).annotations if isinstance(one, Ranking)
    ]
    assert orders == [(("a", "b"),), (("a",), ("b",))]


def test_an_ontology_tells_jobs_in_their_order() -> None:
    found = ontology(golden("02_all_image_tools")["project"])
    kinds = {job.key: job.kind for job in found.jobs}
    assert list(kinds)[:2] == ["JOB_BOX", "JOB_POLY"]
    assert (kinds["JOB_POSE"], kinds["CLASSIF"], kinds["PLATE"], kinds["REL"]) == (
        "objects",
        "classification",
        "transcription",
        "relations",
    )
    pose = found.job("JOB_POSE")
    assert pose is not None
    assert pose.classes[0].points == ("LEFT_EYE", "RIGHT_EYE", "NOSE")
    weather = found.job("WEATHER")
    assert weather is not None
    assert (weather.multiple, weather.nested) == (True, True)


def test_an_asset_has_one_file_with_its_pages() -> None:
    found = golden("10_pdf")
    task = history(found["project"], found["assets"][0]).events[-1].content
    assert task is not None
    (medium,) = NEUTRAL.media(task)
    assert (medium.kind, medium.name, medium.pages) == ("pdf", "invoice_1", ((595.0, 842.0), (842.0, 595.0)))


def test_a_text_that_is_told_itself_is_the_mediums() -> None:
    asset = {"content": "Ada lives here.", "externalId": "t"}
    found = medium_of({"inputType": "TEXT", "asset": asset})
    assert (found.text, found.url) == ("Ada lives here.", None)
    assert medium_of({"inputType": "TEXT", "asset": {**asset, "content": "https://e.org/t.txt"}}).text is None
    assert medium_of({"inputType": "IMAGE", "asset": asset}).text is None
