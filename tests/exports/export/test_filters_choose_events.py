"""Filters of an export choose events; tasks without any are left out; what is asked wrongly is named."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from audit.models import Person
from audit.people import find_person
from exports.models import Export
from exports.options import pairs
from exports.run import make_export
from exportsite.problems import WrongRequest
from tests.exports.sealed import verify
from tests.factories import AMARA, MEI, TOMAS, make_event, make_project, worked_task


@pytest.fixture
def project(db):
    others = [
        make_event("T3", "activity.recorded", 900, source_type="Queued", stage="Intake"),
        make_event("T3", "comment.added", 1000, text="See the lesions near the hilum", stage="Intake"),
    ]
    return make_project([*worked_task("T1"), *worked_task("T2", 300), *others])


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"type": "task.submitted"}, {"T1": 1, "T2": 1}),
        ({"type": ["task.submitted", "task.created"]}, {"T1": 2, "T2": 2}),
        ({"source_type": "Queued"}, {"T3": 1}),
        ({"person": "mei@"}, {"T1": 2, "T2": 2}),
        ({"stage": "Review"}, {"T1": 2, "T2": 2}),
        ({"status": "accepted"}, {"T1": 8, "T2": 8}),
        ({"status": "accepted", "stage": "Review"}, {"T1": 2, "T2": 2}),
        ({"from": "2026-03-02T13:00:00Z", "to": "2026-03-02T13:10:00Z"}, {"T2": 2}),
        ({"words": "lesion"}, {"T1": 1, "T2": 1, "T3": 1}),
        ({"words": "lesions hil"}, {"T3": 1}),
        ({"external_id": "T2"}, {"T2": 8}),
        ({"external_id": ["T1", "T2", "nothing"]}, {"T1": 8, "T2": 8}),
        ({"external_id": "nothing"}, {}),
        ({"type": "task.skipped"}, {}),
        ({"task_stage": "Intake"}, {"T3": 2}),
        ({"task_stage": ["Intake", "Ground truth"]}, {"T1": 8, "T2": 8, "T3": 2}),
        ({"task_stage": "Ground truth", "type": "review.rejected"}, {"T1": 1, "T2": 1}),
        ({"task_words": "t1"}, {"T1": 8}),
        ({"task_words": "t"}, {"T1": 8, "T2": 8, "T3": 2}),
        ({"task_words": "esion"}, {}),
        ({"task_from": "2026-03-02T13:00:00Z"}, {"T2": 8, "T3": 2}),
        ({"task_to": "2026-03-02T13:00:00Z"}, {"T1": 8}),
    ],
)
def test_a_filter_leaves_what_it_says(project, exported, filters, found) -> None:
    if "person" in filters:
        filters = {"person": find_person(project, "mei@example.org").pseudonym}
    export, tasks = exported(project, filters=filters)
    assert {task["taskId"]: len(task["events"]) for task in tasks} == found
    assert export.counts["written"] == export.counts["expected"]
    assert export.counts["written"]["events"] == sum(found.values())
    done = verify(Path(export.files[0]["path"]))
    assert done.returncode == 0, done.stdout
    assert f"{sum(found.values())}, each with a proof" in done.stdout


def test_tasks_are_chosen_as_they_were_at_the_asked_size(db, exported) -> None:
    project = make_project(
        [
            make_event("T1", "task.assigned", 0, TOMAS, assignee=AMARA, stage="Label"),
            make_event("T2", "task.assigned", 1, TOMAS, assignee=MEI, stage="Label"),
            make_event("T1", "task.reassigned", 2, TOMAS, assignee=MEI, stage="Check"),
        ]
    )
    mei = find_person(project, "mei@example.org").pseudonym
    _, now = exported(project, filters={"task_person": mei})
    assert [task["taskId"] for task in now] == ["T1", "T2"]
    _, before = exported(project, filters={"task_person": mei}, as_of=2)
    assert [task["taskId"] for task in before] == ["T2"]
    _, there = exported(project, filters={"task_stage": "Label", "task_to": "2026-03-02T08:01:00Z"}, as_of=2)
    assert [task["taskId"] for task in there] == ["T1"]
    export, _ = exported(project, filters={"task_person": mei, "task_words": "T1 t"})
    assert export.resolved["filters"] == {"task_person": [mei], "task_words": ["t1", "t"]}
    assert export.resolved["parameters"]["audit"] == "selection"


@pytest.mark.parametrize("name", ["task_person", "task_from", "task_words", "task_status", "task_type"])
def test_a_wrong_filter_of_tasks_is_refused_by_its_name(project, tmp_path, name) -> None:
    with pytest.raises(WrongRequest) as refused:
        make_export(project, "trail", filters={name: "?"}, output=tmp_path / "trail.zip")
    assert [problem.field for problem in refused.value.problems] == [name]


def test_people_are_found_by_our_id_and_kept_by_pseudonym(project, exported) -> None:
    person = find_person(project, "mei@example.org")
    export, tasks = exported(project, filters={"person": [person.pk]})
    assert export.resolved["filters"] == {"person": [person.pseudonym]}
    assert {event["actor"] for task in tasks for event in task["events"]} == {person.pseudonym}


def test_the_request_is_kept_as_asked_and_as_understood(project, exported) -> None:
    export, _ = exported(project, filters={"to": "2026-03-02", "words": "Lesions  HIL"}, parameters={"payload": "true"})
    assert export.asked == {
        "parameters": {"payload": "true"},
        "filters": {"to": "2026-03-02", "words": "Lesions  HIL"},
        "as_of": None,
    }
    assert export.resolved["filters"] == {"to": "2026-03-03T00:00:00Z", "words": ["lesions", "hil"]}
    assert export.resolved["parameters"]["audit"] == "selection", "a part of the log comes with its proofs"
    assert export.resolved["as_of"] == 18


@pytest.mark.parametrize(
    ("options", "texts"),
    [
        ({"filters": {"stagee": "x"}}, ["stagee", "stage"]),
        ({"filters": {"type": "task.submited"}}, ["task.submited", "task.submitted"]),
        ({"filters": {"status": "acepted"}}, ["acepted", "accepted"]),
        ({"filters": {"person": "nobody"}}, ["nobody"]),
        ({"filters": {"from": "2026-03-02T10:00:00"}}, ["2026-03-02T10:00:00", "zone"]),
        ({"filters": {"from": "2026-03-03", "to": "2026-03-01"}}, ["to"]),
        ({"filters": {"order": "newest"}}, ["order"]),
        ({"filters": {"stage": {"a": 1}}}, ["stage"]),
        ({"filters": {"stage": [None]}}, ["stage"]),
        ({"parameters": {"encodng": "csv"}}, ["encodng", "encoding"]),
        ({"parameters": {"encoding": "cvs"}}, ["cvs", "csv"]),
        ({"parameters": {"encoding": ["csv", "json"]}}, ["encoding"]),
        ({"parameters": {"payload": "yes"}}, ["yes", "true"]),
        ({"as_of": 0}, ["1 to 18"]),
        ({"as_of": 19}, ["1 to 18", "19"]),
    ],
)
def test_what_is_asked_wrongly_is_named_before_anything_is_recorded(project, tmp_path, options, texts) -> None:
    with pytest.raises(WrongRequest) as caught:
        make_export(project, "trail", output=tmp_path / "t.zip", **options)
    for text in texts:
        assert text in str(caught.value)
    assert not Export.objects.exists()
    assert list(tmp_path.iterdir()) == []


def test_everything_wrong_is_named_at_once(project) -> None:
    with pytest.raises(WrongRequest) as caught:
        make_export(project, "trail", parameters={"x": "1"}, filters={"y": "2"}, as_of=99)
    assert [problem.field for problem in caught.value.problems] == ["y", "x", "as_of"]


def test_an_unknown_format_is_named_with_the_nearest(project) -> None:
    with pytest.raises(WrongRequest, match=r"trial.*trail"):
        make_export(project, "trial")


def test_a_project_without_events_is_refused(db) -> None:
    with pytest.raises(WrongRequest, match="load or sync it first"):
        make_export(make_project([]), "trail")


def test_the_people_of_another_project_are_unknown(project) -> None:
    other = make_project(worked_task("T1"))
    stranger = Person.objects.filter(project=other).first()
    with pytest.raises(WrongRequest, match="Nobody in this project"):
        make_export(project, "trail", filters={"person": str(stranger.pk)})


@pytest.mark.parametrize(
    ("words", "meaning"),
    [
        (["a=b"], {"a": "b"}),
        (["a=b", "a=c"], {"a": ["b", "c"]}),
        (['a=["b","c"]', "a=d"], {"a": ["b", "c", "d"]}),
        (['a="[b]"'], {"a": "[b]"}),
        (['a={"b":1}'], {"a": {"b": 1}}),
        (["a=b=c"], {"a": "b=c"}),
        (["a="], {"a": ""}),
        (["a=1"], {"a": "1"}),
    ],
)
def test_values_of_commands_are_json_only_when_they_look_so(words, meaning) -> None:
    assert pairs(words, "-f") == meaning


@pytest.mark.parametrize("word", ["a", "=b", "a=[", 'a="b', "a={}}", "a=" + "[" * 100_000])
def test_what_is_no_pair_is_refused(word) -> None:
    with pytest.raises(WrongRequest):
        pairs([word], "-f")


def test_one_archive_names_the_filters_it_was_made_with(project, exported) -> None:
    export, _ = exported(project, filters={"stage": "Review"})
    with zipfile.ZipFile(export.files[0]["path"]) as archive:
        assert b'"filters":{"stage":["Review"]}' in archive.read("manifest.json")
