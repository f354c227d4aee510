"""Labels that do not fit: nothing of them is guessed, and nothing dropped silently. And those of older taxonomies."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from audit.annotations import Answer, Box, Choice, Classification, Labelled, Marker, Transcription, VolumeMask
from audit.log.labels import gone
from audit.ontology import Ontology
from audit.sources import neutral
from audit.sources.redbrick.neutral import RedBrickNeutral
from tests.audit.sources.redbrick.conftest import raw

NEUTRAL = RedBrickNeutral()


def attribute(id_: int, name: str, kind: str, *options: str) -> dict[str, Any]:
    told = [{"optionId": at, "name": option} for at, option in enumerate(options)]
    return {"attrId": id_, "name": name, "attrType": kind, "options": told}


OBJECTS = [
    {"classId": 0, "category": "Nodule", "labelType": "SEGMENTATION", "color": "#ff0000", "parents": ["Lung"]},
    {
        "classId": 7,
        "category": "Box",
        "labelType": "BBOX",
        "attributes": [
            attribute(0, "Sure", "BOOL"),
            attribute(1, "Kind", "SELECT", "solid", "part"),
            attribute(2, "Seen in", "MULTISELECT", "a", "b", "c"),
            attribute(3, "Note", "TEXT"),
            attribute(4, "Score", "NUMBER"),
        ],
    },
    {"classId": 2, "category": "Tip", "labelType": "POINT"},
    {"classId": 3, "category": "Ring", "labelType": "POLYGON"},
]
NOW = {"isNew": True, "objectTypes": OBJECTS, "studyClassify": [attribute(0, "Remark", "TEXT")]}
BOX = {"classid": 7, "labelid": "l-1", "bbox2d": {"xnorm": 0.1, "ynorm": 0.2, "wnorm": 0.3, "hnorm": 0.4}}
ITEMS = {"items": ["a.nii", "b.nii"], "seriesInfo": [{"name": "CT", "itemsIndices": [0]}, {"itemsIndices": [1]}]}

Say = Callable[..., Labelled]


@pytest.fixture
def ontology() -> Ontology:
    return NEUTRAL.ontology(raw({"taxonomy": NOW}))


@pytest.fixture
def say(ontology: Ontology) -> Say:
    """What a label with these entries says."""

    def run(*entries: Any, ontology: Ontology = ontology, masks: Any = None, **row: Any) -> Labelled:
        data = {"tdId": "d-1", "labelsData": json.dumps(entries), "labelsMap": masks, **row}
        return NEUTRAL.annotations(raw({"taskData": data}), raw({"datapoint": ITEMS}), ontology)

    return run


def test_it_is_how_labels_of_redbrick_are_understood() -> None:
    assert isinstance(neutral("redbrick"), RedBrickNeutral)


def test_classes_stand_by_kind_of_label_in_the_taxonomys_order(ontology: Ontology) -> None:
    drawn = [job for job in ontology.jobs if job.kind == "objects"]
    assert [(job.key, [known.key for known in job.classes]) for job in drawn] == [
        ("SEGMENTATION", ["0"]),
        ("BBOX", ["7"]),
        ("POINT", ["2"]),
        ("POLYGON", ["3"]),
    ]
    nodule = drawn[0].classes[0]
    assert (nodule.title, nodule.color, nodule.folders) == ("Nodule", "#ff0000", ("Lung",))
    assert drawn[1].classes[0].jobs == ("7/0", "7/1", "7/2", "7/3", "7/4")
    assert [(job.kind, job.multiple, job.nested) for job in map(ontology.job, drawn[1].classes[0].jobs) if job] == [
        ("classification", False, True),
        ("classification", False, True),
        ("classification", True, True),
        ("transcription", False, True),
        ("other", False, True),
    ]


@pytest.mark.parametrize("settings", [{}, {"taxonomy": None}, {"taxonomy": []}])
def test_settings_without_a_taxonomy_are_refused(settings: Any) -> None:
    with pytest.raises(ValueError, match="taxonomy"):
        NEUTRAL.ontology(raw(settings))


def test_attributes_are_answers_by_number_or_by_name(say: Say) -> None:
    attributes = [
        {"attrid": 0, "value": "true"},
        {"attrid": 1, "optionid": 1, "value": "called otherwise by now"},
        {"attrid": 2, "optionid": [0, 2]},
        {"attrid": 3, "value": "שלום 🙂"},
        {"name": "Score", "value": "2.5"},
        {"attrid": 1, "optionid": None, "value": None},
    ]
    found = say({**BOX, "attributes": attributes})
    assert found.problems == ()
    assert found.annotations[0].answers == (
        Answer("7/0", (Choice("true"),)),
        Answer("7/1", (Choice("1"),)),
        Answer("7/2", (Choice("0"), Choice("2"))),
        Answer("7/3", text="שלום 🙂"),
        Answer("7/4", number=2.5),
    )


@pytest.mark.parametrize(
    ("said", "code", "words"),
    [
        ({"attrid": 9, "name": "Colour"}, "unknown_job", 'no attribute "Colour"'),
        ({"attrid": 9}, "unknown_job", "with the number 9"),
        ({"attrid": 1, "optionid": 5}, "unknown_class", "\"Kind\" has no option '5'"),
        ({"attrid": 2, "optionid": [0, 9]}, "unknown_class", "\"Seen in\" has no option '9'"),
        ({"attrid": 4, "value": "many"}, "bad_number", "'many', which is no number"),
        ({"attrid": 0, "value": "perhaps"}, "unknown_class", "\"Sure\" has no option 'perhaps'"),
    ],
)
def test_an_attribute_that_fits_nothing_is_a_problem_and_the_box_stays(
    say: Say, said: dict[str, Any], code: str, words: str
) -> None:
    found = say({**BOX, "attributes": [said]})
    assert [type(one) for one in found.annotations] == [Box]
    assert [(one.code, one.id) for one in found.problems] == [(code, "l-1")]
    assert words in found.problems[0].text


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        ({**BOX, "classid": 99}, "unknown_class"),
        ({**BOX, "classid": None}, "no_class"),
        ({**BOX, "classid": None, "category": "Bax"}, "unknown_class"),
        ({"classid": 7, "labelid": "l-1"}, "no_geometry"),
        ({"classid": 7, "labelid": "l-1", "pixel": {"rle": [1, 2]}}, "no_geometry"),
        ({**BOX, "bbox2d": {"xnorm": 0.1, "ynorm": 0.2, "wnorm": "wide", "hnorm": 0.4}}, "bad_geometry"),
        ({**BOX, "bbox2d": {"xnorm": 0.1}}, "bad_geometry"),
        ({"classid": 2, "labelid": "l-1", "point": {"xnorm": True, "ynorm": 0.1}}, "bad_geometry"),
        ({"classid": 2, "labelid": "l-1", "point": [0.1, 0.2]}, "bad_geometry"),
        ({"classid": 2, "labelid": "l-1", "point3d": {"computedpointworld": [1, 2, 3]}}, "bad_geometry"),
        ({"classid": 3, "labelid": "l-1", "polygon": [{"xnorm": 0, "ynorm": 0}] * 2}, "bad_geometry"),
        ({"classid": 3, "labelid": "l-1", "polyline": [{"xnorm": 0, "ynorm": 0}]}, "bad_geometry"),
        ({"classid": 3, "labelid": "l-1", "length3d": {"point1": [0, 0], "point2": [1, 1, 1]}}, "bad_geometry"),
        ({"classid": 3, "labelid": "l-1", "angle3d": {"point1": [0, 0, 0], "computedangledeg": 9}}, "bad_geometry"),
        ({"classid": 3, "labelid": "l-1", "cuboid": {"point1": [0, 0, 0]}}, "bad_geometry"),
        ({"classid": 3, "labelid": "l-1", "ellipse": {"xcenternorm": 0.5}}, "bad_geometry"),
        ({"classid": 0, "labelid": "l-1", "dicom": {"instanceid": "one"}}, "bad_geometry"),
        ({"classid": 0, "labelid": "l-1", "dicom": {"instanceid": 1}}, "no_file"),
        ({"classid": 0, "labelid": "l-1", "dicom": {"instanceid": 1}, "volumeindex": 1}, "no_file"),
        ({"classid": 0, "labelid": "l-1", "dicom": {"instanceid": None}}, "no_geometry"),
    ],
)
def test_what_can_not_be_drawn_is_a_problem_of_its_own(say: Say, entry: dict[str, Any], code: str) -> None:
    found = say(entry, {**BOX, "labelid": "l-2"})
    assert [one.id for one in found.annotations] == ["l-2"]
    assert [(one.code, one.id) for one in found.problems] == [(code, "l-1")]


@pytest.mark.parametrize("written", ["[{", "null", "7", '{"a": 1}', "[1]", '"text"'])
def test_label_data_that_is_no_list_is_one_problem(say: Say, written: str) -> None:
    found = say(labelsData=written)
    assert [one.code for one in found.problems] == ["unreadable"]


def test_a_file_of_labels_that_was_not_kept_is_a_problem(say: Say) -> None:
    found = say(labelsData=None, labelsDataPath="labels/all.json")
    assert [(one.code, "labels/all.json" in one.text) for one in found.problems] == [("no_file", True)]


@pytest.mark.parametrize("content", [gone("d-1"), raw({"taskData": {"tdId": "d-1", "labelsData": None}})])
def test_a_label_without_data_says_nothing(ontology: Ontology, content: bytes) -> None:
    assert NEUTRAL.annotations(content, b"{}", ontology) == Labelled(())


def test_a_mask_of_no_series_is_in_each_that_has_a_file(say: Say) -> None:
    masks = [{"seriesIndex": at, "labelName": f"{at}.nii.gz"} for at in (0, 1)]
    found = say({"classid": 0, "dicom": {"instanceid": 4, "groupids": [9]}, "volumeindex": None}, masks=masks)
    assert [
        (one.file, one.value, one.group, one.medium) for one in found.annotations if isinstance(one, VolumeMask)
    ] == [
        ("0.nii.gz", 4, (9,), 0),
        ("1.nii.gz", 4, (9,), 1),
    ]


def test_frames_of_a_track_are_one_object(say: Say) -> None:
    frames = [
        {**BOX, "labelid": f"l-{at}", "trackid": "t-1", "frameindex": at, "keyframe": at == 0, "end": at == 2}
        for at in range(3)
    ]
    found = say(*frames).annotations
    assert [(one.object, one.frame, one.key_frame, one.ends) for one in found] == [
        ("t-1", 0, True, False),
        ("t-1", 1, False, False),
        ("t-1", 2, False, True),
    ]


def test_an_item_of_a_series_is_a_frame(ontology: Ontology) -> None:
    data = {"tdId": "d-1", "labelsData": json.dumps([{**BOX, "globalitemsindex": 5, "volumeindex": 1}])}
    datapoint = {"items": list("abcdef"), "seriesInfo": [{"itemsIndices": [0, 1]}, {"itemsIndices": [2, 3, 4, 5]}]}
    found = NEUTRAL.annotations(raw({"taskData": data}), raw({"datapoint": datapoint}), ontology)
    assert (found.annotations[0].medium, found.annotations[0].frame) == (1, 3)


def test_what_is_written_of_the_study_is_of_the_task(say: Say) -> None:
    found = say({"studyclassify": True, "labelid": "l-1", "attributes": [{"attrid": 0, "value": "good\x00"}]})
    (said,) = found.annotations
    assert isinstance(said, Transcription)
    assert (said.text, said.of_task, said.job) == ("good\x00", True, "study/0")


# Older taxonomies: classes are a tree, attributes have names and lists of what they may be.

LEAF = {"name": "cyst", "classId": 2, "children": []}
TREE = [{"name": "object", "children": [{"name": "liver", "classId": 1, "children": [LEAF]}, {"name": "spleen"}]}]
OF_TASK = [{"name": "task", "children": [{"name": "normal"}, {"name": "odd"}]}]
OLDER = {
    "isNew": False,
    "categories": TREE,
    "attributes": [{"name": "margin", "attrType": "", "whitelist": ["sharp", "blurred"]}, {"name": "note"}],
    "taskCategories": OF_TASK,
    "taskAttributes": [{"name": "sure", "attrType": "BOOL"}],
    "colorMap": [{"color": "#00ff00", "trail": ["object", "liver", "cyst"], "taskcategory": False}],
}


@pytest.fixture
def older() -> Ontology:
    return NEUTRAL.ontology(raw({"taxonomy": OLDER}))


def test_an_older_taxonomys_classes_are_a_tree(older: Ontology) -> None:
    drawn, chosen = older.job("objects"), older.job("task")
    assert drawn
    assert chosen
    assert [(known.key, known.parent, known.color) for known in drawn.classes] == [
        ("liver", None, None),
        ("liver::cyst", "liver", "#00ff00"),
        ("spleen", None, None),
    ]
    assert drawn.classes[0].jobs == ("objects/margin", "objects/note")
    assert [known.key for known in chosen.classes] == ["normal", "odd"]


def test_a_label_of_an_older_taxonomy_has_its_path_of_classes(say: Say, older: Ontology) -> None:
    entry = {
        "category": [["object", "liver", "cyst"], ["object", "spleen"]],
        "attributes": [{"name": "margin", "value": "sharp"}, {"name": "note", "value": "big"}],
        "point": {"xnorm": 0.5, "ynorm": 0.25},
    }
    (found,) = say(entry, ontology=older).annotations
    assert isinstance(found, Marker)
    assert found.classes == ("liver", "liver::cyst")
    assert found.answers == (
        Answer("objects", (Choice("spleen"),)),
        Answer("objects/margin", (Choice("sharp"),)),
        Answer("objects/note", text="big"),
    )


def test_what_an_older_taxonomy_says_of_tasks_and_series_is_chosen(say: Say, older: Ontology) -> None:
    sure = [{"name": "sure", "value": True}]
    of_task = {"tasklevelclassify": True, "category": [["task", "normal"], ["task", "odd"]], "attributes": sure}
    of_series = {"multiclassify": True, "category": [["task", "odd"]], "volumeindex": 1}
    found = say(of_task, of_series, {"multiclassify": True, "attributes": sure}, ontology=older).annotations
    answered = (Answer("task/sure", (Choice("true"),)),)
    assert [(one.answer, one.of_task, one.medium) for one in found if isinstance(one, Classification)] == [
        (Answer("task", (Choice("normal", answered), Choice("odd", answered))), True, 0),
        (Answer("task", (Choice("odd"),)), False, 1),
        (answered[0], False, 0),
    ]


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        ({"category": [["object", "kidney"]], "point": {"xnorm": 0, "ynorm": 0}}, "unknown_class"),
        ({"category": [], "point": {"xnorm": 0, "ynorm": 0}}, "no_class"),
        ({"category": [["task", "strange"]], "multiclassify": True}, "unknown_class"),
    ],
)
def test_an_older_taxonomys_unknown_class_is_a_problem(
    say: Say, older: Ontology, entry: dict[str, Any], code: str
) -> None:
    found = say(entry, ontology=older)
    assert (found.annotations, [one.code for one in found.problems]) == ((), [code])
