"""Classes and questions whose keys are numbers and ids are called by their titles, each once."""

from __future__ import annotations

from audit.annotations import Answer, Box, Choice, Classification, Labelled
from audit.ontology import Job, LabelClass, Ontology
from audit.sources import neutral
from exports.formats.labels.titles import Titled

MARGIN = Job("0/0", "Margin", "classification", classes=(LabelClass("0", "Sharp"), LabelClass("1", "")), nested=True)
OTHER = Job("2/0", "Margin", "classification", classes=(LabelClass("0", "Sharp"),), nested=True)
QUALITY = Job("study/0", "Quality", "classification", classes=(LabelClass("0", "Good"), LabelClass("1", "Good")))
BOXES = Job(
    "BBOX",
    "Boxes",
    "objects",
    ("BBOX",),
    (LabelClass("0", "Lesion", jobs=("0/0",)), LabelClass("2", "Cyst", parent="0", jobs=("2/0",))),
)
TITLED = Titled.of(Ontology((BOXES, MARGIN, OTHER, QUALITY)))


def test_what_can_be_said_has_titles_and_those_of_several_their_key_behind_them() -> None:
    boxes, margin, other, quality = TITLED.jobs
    assert (boxes.key, [one.key for one in boxes.classes]) == ("BBOX", ["Lesion", "Cyst"])
    assert [one.jobs for one in boxes.classes] == [("Margin (0/0)",), ("Margin (2/0)",)]
    assert boxes.classes[1].parent == "Lesion"
    assert [one.id for one in boxes.classes] == ["0", "2"]
    assert [job.key for job in (margin, other, quality)] == ["Margin (0/0)", "Margin (2/0)", "Quality"]
    assert [one.key for one in margin.classes] == ["Sharp", "(1)"]
    assert [one.key for one in quality.classes] == ["Good (0)", "Good (1)"]


def test_what_is_said_has_them_too_and_what_is_unknown_stays() -> None:
    sharp = Answer("0/0", (Choice("0", (Answer("study/0", (Choice("1"),)),)), Choice("9")))
    box = Box(job="BBOX", tool="BBOX", classes=("2", "7"), answers=(sharp,), x=0, y=0, width=1, height=1)
    whole = Classification(job="study/0", tool="SELECT", answer=Answer("study/0", (Choice("0"),)))
    first, second = TITLED.said(Labelled((box, whole))).annotations
    inner = Answer("Quality", (Choice("Good (1)"),))
    assert (first.job, first.classes) == ("BBOX", ("Cyst", "7"))
    assert first.answers == (Answer("Margin (0/0)", (Choice("Sharp", (inner,)), Choice("9"))),)
    assert isinstance(second, Classification)
    assert (second.job, second.answer) == ("Quality", Answer("Quality", (Choice("Good (0)"),)))


def test_keys_of_some_platforms_are_words_as_they_are() -> None:
    ids = {kind for kind in ("kili", "labelstudio", "coco", "redbrick", "labelbox", "diffgram", "redbrick-file")
           if neutral(kind).keys_are_ids}  # fmt: skip
    assert ids == {"redbrick", "labelbox", "diffgram", "redbrick-file"}
