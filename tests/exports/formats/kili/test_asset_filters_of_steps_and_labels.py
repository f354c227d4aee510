"""`asset_filter_kwargs` of steps, of who works on an asset, and of its labels: one label has to match all of them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec import structs

from exports.formats.base import LabelledTask, LabelRow, ProjectInfo
from exports.formats.kili.category_search import DEEPEST, counts_of, parsed
from exports.formats.kili.filters import KNOWN, unfit_filters, wanted_by
from exports.formats.kili.kili import KiliFormat
from exports.options import resolve_parameters

STEPS = [{"id": "s1", "name": "Review"}, {"id": "s2", "name": "Label"}]
PROJECT = ProjectInfo("kili", "p", "P", "o", json.dumps({"steps": STEPS}).encode())
JANE = {"id": "u1", "email": "jane@example.org", "name": "Jane van Doe", "firstnameLength": 4}
JOHN = {"id": "u2", "email": "john@example.org", "name": "John Roe", "firstnameLength": 4}
BOX = {"categories": [{"name": "CAR"}], "mid": "m1"}


def label(id_: str, kind: str, author: dict[str, Any], day: int, response: Any = None) -> LabelRow:
    said = {"id": id_, "labelType": kind, "author": author, "jsonResponse": response or {}}
    made = datetime(2026, 3, day, 23, 30, tzinfo=UTC)
    content = json.dumps({"label": said}).encode()
    return LabelRow(id_, 1, kind, f"pseudonym{author['id']}", made, None, "", False, False, day, content)


def task(**asset: Any) -> LabelledTask:
    told = {
        "asset": {
            "currentStep": {"name": "Review", "status": "DONE", "stepGroupName": "North"},
            "updatedAt": "2024-03-04T10:00:00.000Z",
            "jsonMetadata": {"site": "north", "age": 7},
            **asset,
        },
        "labels": [{"id": "l2", "consensusMark": 0.5, "honeypotMark": 0.25}],
    }
    answers = {"BOXES": {"annotations": [BOX, {**BOX, "mid": "m2"}]}, "KIND": {"categories": [{"name": "DAY"}]}}
    labels = (label("l1", "DEFAULT", JANE, 1, answers), label("l2", "REVIEW", JOHN, 2))
    details = json.dumps(told).encode()
    known = frozenset({"pseudonym3", "ann@example.org"})
    return LabelledTask("a1", 1, "car_1", "Review", "done", details, (), labels, assignee=known)


def holds(*filters: str, of: LabelledTask | None = None) -> bool:
    values = {"asset_filter_kwargs": filters}
    assert list(unfit_filters(PROJECT, values)) == []
    return wanted_by(PROJECT, values)(of or task())


@pytest.mark.parametrize(
    ("wanted", "refused"),
    [
        ("asset_id=a1", "asset_id=a2"),
        ("asset_id_not_in=a2", "asset_id_not_in=a1"),
        ("step_name_not_in=Label", "step_name_not_in=Review"),
        ("step_id_in=s1", "step_id_in=s2"),
        ("step_id_not_in=s2", "step_id_not_in=s1"),
        ("step_status_not_in=TO_DO", "step_status_not_in=DONE"),
        ("group_name_in=North", "group_name_in=South"),
        ("group_name_not_in=South", "group_name_not_in=North"),
        ("step_name_and_status_in=Review:DONE", "step_name_and_status_in=Review:TO_DO"),
        ('step_name_and_status_in=["Review","DONE"]', 'step_name_and_status_in=["Label","DONE"]'),
        ("step_name_and_status_not_in=Label:DONE", "step_name_and_status_not_in=Review:DONE"),
        ("step_id_and_status_in=s1:DONE", "step_id_and_status_in=s2:DONE"),
        ("step_id_and_status_not_in=s2:DONE", "step_id_and_status_not_in=s1:DONE"),
        ("updated_at_gte=2024-03-04", "updated_at_gte=2024-03-05"),
        ("updated_at_lte=2024-03-04", "updated_at_lte=2024-03-03"),
        ('metadata_where={"site":["south","north"]}', 'metadata_where={"site":["south"]}'),
        ('metadata_where={"age":[2,10],"site":"north"}', 'metadata_where={"age":[8,10]}'),
        ("assignee_in=ann@example.org", "assignee_in=jane@example.org"),
        ("assignee_not_in=jane@example.org", "assignee_not_in=pseudonym3"),
        ("label_author_in=Jane", "label_author_in=Joan"),
        ("label_author_in=van Doe", "label_author_in=Doe"),
        ("label_author_in=Jane van Doe", "label_author_in=JANE VAN DOE"),
        ("label_labeler_in=u1", "label_labeler_in=u2"),
        ("label_labeler_not_in=john@example.org", "label_labeler_not_in=jane@example.org"),
        ("label_reviewer_in=john@example.org", "label_reviewer_in=jane@example.org"),
        ("label_reviewer_not_in=u1", "label_reviewer_not_in=u2"),
        ("label_reviewer_in=pseudonymu2", "label_reviewer_in=pseudonymu1"),
        ("label_created_at=2026-03-02", "label_created_at=2026-03-03"),
        ("label_created_at_gte=2026-03-02", "label_created_at_gte=2026-03-03"),
        ("label_created_at_lte=2026-03-01", "label_created_at_lte=2026-02-28"),
        ("label_consensus_mark_gte=0.5", "label_consensus_mark_gte=0.6"),
        ("label_consensus_mark_lte=0.5", "label_consensus_mark_lte=0.4"),
        ("label_honeypot_mark_gte=0.25", "label_honeypot_mark_gte=0.3"),
        ("label_honeypot_mark_lte=0.25", "label_honeypot_mark_lte=0.2"),
        ("label_category_search=BOXES.CAR.count == 2", "label_category_search=BOXES.CAR.count > 2"),
    ],
)
def test_a_filter_holds_or_does_not(wanted: str, refused: str) -> None:
    assert holds(wanted)
    assert not holds(refused)


def test_every_filter_of_kilis_has_a_test_and_not_one_more() -> None:
    marks = {f"{kind}_mark_{end}" for kind in ("consensus", "honeypot", "inference") for end in ("gte", "lte")}
    assert {
        *("asset_id", "asset_id_in", "asset_id_not_in", "external_id_in", "external_id_strictly_in", "metadata_where"),
        *("created_at_gte", "created_at_lte", "updated_at_gte", "updated_at_lte", "status_in", "skipped"),
        *("issue_type", "issue_status", "assignee_in", "assignee_not_in", "label_author_in", "label_type_in"),
        *("label_created_at", "label_created_at_gte", "label_created_at_lte", "label_consensus_mark_gte"),
        *("label_consensus_mark_lte", "label_honeypot_mark_gte", "label_honeypot_mark_lte", "label_labeler_in"),
        *("label_labeler_not_in", "label_reviewer_in", "label_reviewer_not_in", "label_category_search"),
        *(f"{what}_{end}" for what in ("step_name", "step_id", "step_status", "step_name_and_status",
                                       "step_id_and_status", "group_name") for end in ("in", "not_in")),
        *marks,
    } == {*KNOWN}  # fmt: skip


def test_one_label_has_to_match_all_that_is_asked_of_labels() -> None:
    assert holds("label_author_in=Jane", "label_created_at=2026-03-01")
    assert not holds("label_author_in=Jane", "label_created_at=2026-03-02")
    assert not holds("label_type_in=REVIEW", "label_category_search=BOXES.CAR.count > 0")


def test_nobody_is_not_among_others() -> None:
    alone = structs.replace(task(), labels=task().labels[:1], assignee=frozenset())
    assert not holds("label_reviewer_not_in=u9", of=alone)
    assert not holds("assignee_not_in=u9", of=alone)


def test_several_steps_of_one_name_are_all_the_steps_of_the_asset() -> None:
    steps = [*STEPS, {"id": "s9", "name": "Review"}]
    project = replace(PROJECT, details=json.dumps({"steps": steps}).encode())
    for id_, found in (("s1", True), ("s9", True), ("s2", False)):
        assert wanted_by(project, {"asset_filter_kwargs": (f"step_id_in={id_}",)})(task()) is found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("J.A.count > 1", True),
        ("J.A.count>=3", False),
        ("J.B.count == 0 AND J.A.count > 0", True),
        ("J.A.count > 9 OR K.C.count > 0 AND J.A.count > 9", False),
        ("(J.A.count > 9 OR K.C.count > 0) AND J.A.count <= 2", True),
        ("*.C.count == 1", None),
        ("J.*.count == 2", None),
        ("K*.C*.count < 2", True),
        ("J.A.count > 1.5e0", True),
        ("((J.A.count > 1))", True),
        ("J.A.count", None),
        ("J.A.count = 1", None),
        ("J.A.count > 1 XOR J.A.count > 2", None),
        ("(J.A.count > 1", None),
        ("J.A.count > 1)", None),
        ("", None),
        ("J.A.total > 1", None),
        ("(" * (DEEPEST + 2) + "J.A.count > 1", None),
        ("J.A.count > 1 " * 1000, None),
    ],
)
def test_a_search_by_category_is_understood_or_refused(query: str, found: bool | None) -> None:
    counts = {("J", "A"): 2, ("K", "C"): 1}
    if found is None:
        with pytest.raises(ValueError, match="Invalid category search query"):
            parsed(query)
    else:
        assert parsed(query)(counts) is found


def test_categories_are_counted_by_object_also_of_children_and_frames() -> None:
    nested = {**BOX, "children": {"SIZE": {"categories": [{"name": "BIG"}]}}}
    frames = {"0": {"BOXES": {"annotations": [nested]}}, "1": {"BOXES": {"annotations": [nested]}}}
    assert counts_of(frames)["BOXES", "CAR"] == 1
    plain = counts_of({"BOXES": {"annotations": [nested, {**nested, "mid": "m2"}]}, "KIND": {"categories": None}})
    assert (plain["BOXES", "CAR"], plain["SIZE", "BIG"]) == (2, 2)
    assert counts_of([1]) == {} == counts_of({"J": [1], "K": {"annotations": [None, 3]}})


@pytest.mark.parametrize(
    ("filters", "text"),
    [
        (("label_category_search=J.A.count",), "Invalid category search query: 'J.A.count', at character 1"),
        (("step_name_in=a", "step_id_in=b"), "Filters step_id_in and step_name_in both given"),
        (("step_name_not_in=a", "step_id_not_in=b"), "Filters step_id_not_in and step_name_not_in both given"),
        (("step_status_in=done",), "'done': it is one of TO_DO"),
        (("status_in=LABELLED",), "LABELED?"),
        (("issue_type=BUG",), "ISSUE, QUESTION"),
        (("label_type_in=DRAFT",), "AUTOSAVE"),
        (("step_name_and_status_in=Review",), "STEP:STATUS"),
        (("step_name_and_status_in=Review:FINISHED",), "PARTIALLY_DONE"),
        (("step_id_and_status_in=[1",), "STEP:STATUS"),
        (("label_created_at=2026-13-01",), "YYYY-MM-DD"),
        (("label_consensus_mark_gte=nan",), "it takes one number"),
        (("consensus_mark_gte=0.1", "consensus_mark_gte=0.2"), "takes one value; 2 are given"),
        (("skipped=true", "skipped=false"), "takes one value"),
        (('metadata_where={"a":',), "name:value, or an object"),
        (("label_labeler_in=",), "it takes a text"),
    ],
)
def test_a_value_without_a_meaning_is_refused_by_name(filters: tuple[str, ...], text: str) -> None:
    (unfit,) = unfit_filters(PROJECT, {"asset_filter_kwargs": filters})
    assert unfit.parameter == "asset_filter_kwargs"
    assert text in unfit.text


def test_objects_and_pairs_may_come_as_in_kilis_sdk() -> None:
    asked = {"metadata_where": {"site": "north"}, "step_name_and_status_in": [["Review", "DONE"]], "skipped": False}
    values = resolve_parameters(KiliFormat(), {"asset_filter_kwargs": asked}, filtered=False)
    found = values["asset_filter_kwargs"]
    assert isinstance(found, tuple)
    assert holds(*found)
