from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from audit.sources.base import LabelDetails, PersonRef, SourceEvent
from audit.sources.redbrick.events import history_of
from audit.sources.redbrick.project import RedBrickProject, project_of
from audit.sources.redbrick.reading import RedBrickReading
from tests.audit.sources.redbrick.conftest import raw

UNA = {"userId": "u-1", "email": "one@example.org", "givenName": "Una"}
ROW = {
    "tdId": "d-1",
    "createdAt": "2026-03-01T09:00:00.5+00:00",
    "createdByEntity": UNA,
    "labelsData": '[{"classid": 0, "category": "Nodule", "labelid": "l-1", "volumeindex": 0}]',
    "labelsDataPath": None,
    "labelsStorage": {"storageId": "s-1"},
    "labelsMap": [{"seriesIndex": 0, "imageIndex": 0, "labelName": "masks/a.nii.gz"}],
}
SERIES = [{"name": "CT", "itemsIndices": [0]}, {"name": None, "itemsIndices": [1, 2]}]
DATAPOINT = {"name": "CASE-1", "items": ["a", "b", "c"], "seriesInfo": SERIES, "storageMethod": {"storageId": "s-2"}}

Read = Callable[..., list[SourceEvent]]


@pytest.fixture
def project() -> RedBrickProject:
    stages = [
        ("Label", "manual-labeling"),
        ("Check", "expert-review"),
        ("Guess", "model"),
        ("Output", "labelset-output"),
    ]
    settings = {"stages": [{"stageName": name, "brickName": brick} for name, brick in stages]}
    return project_of(raw(settings), [raw({"user": {**UNA, "familyName": "One"}})])


@pytest.fixture
def labels(project: RedBrickProject) -> Read:
    """The label events of a task with this latest row, and these events and further fields."""

    def run(row: Any = ROW, *events: Any, **fields: Any) -> list[SourceEvent]:
        task = {"taskId": "t-1", "currentStageName": "Label", "datapoint": DATAPOINT, **fields}
        history = history_of(raw({**task, "latestTaskData": row, "genericEvents": list(events)}), project)
        return [event for event in history.events if event.type == "label.updated"]

    return run


def left(stage: str, id_: str, at: str = "2026-03-01T09:00:01+00:00", **output: Any) -> dict[str, Any]:
    data = {"tdId": id_, "createdBy": "u-1"}
    output = {"currentStageName": stage, **output}
    return {"__typename": "TaskEvent", "eventId": f"e-{at}", "createdAt": at, "taskData": data, "outputEvent": output}


def test_the_latest_row_is_a_label_with_its_author_time_and_bytes(labels: Read) -> None:
    (event,) = labels()
    assert event.version is not None
    first = event.version.first
    assert first is not None
    assert (first.type, first.occurred_at, first.actor_kind) == ("label.created", ROW["createdAt"], "person")
    assert first.actor == PersonRef("u-1", "one@example.org", "Una One")
    assert event.version.thing == "label/d-1"
    assert json.loads(event.content or b"")["taskData"] == ROW
    assert {ref.name for ref in event.people} == {"Una", "Una One"}


def test_it_reads_back(labels: Read) -> None:
    (event,) = labels(ROW, left("Check", "d-1"))
    assert RedBrickReading().label_details(event.content or b"") == LabelDetails(
        "d-1", "REVIEW", created_at=event.instant, step="Check"
    )


@pytest.mark.parametrize("content", [b"{}", b'{"taskData":null}', b'{"taskData":{"tdId":""}}', b"[]", b"nonsense"])
def test_what_is_no_label_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match="task data"):
        RedBrickReading().label_details(content)


@pytest.mark.parametrize("row", [None, {}, {**ROW, "tdId": None}])
def test_a_task_without_label_data_has_no_label(labels: Read, row: Any) -> None:
    assert labels(row) == []


def test_it_stands_where_its_time_is(project: RedBrickProject) -> None:
    events = [left("Label", "d-1", "2026-03-01T08:00:00+00:00"), left("Check", "d-1", "2026-03-01T10:00:00+00:00")]
    history = history_of(raw({"taskId": "t-1", "latestTaskData": ROW, "genericEvents": events}), project)
    types = [event.type for event in history.events]
    assert types == ["task.submitted", "label.updated", "task.submitted", "task.updated"]


@pytest.mark.parametrize(
    ("events", "stage", "kind"),
    [
        ([], "Label", "DEFAULT"),  # Saved since the last event: where the task is.
        ([left("Label", "d-1")], "Label", "DEFAULT"),
        ([left("Label", "d-1"), left("Check", "d-1", "2026-03-02T09:00:00+00:00")], "Label", "DEFAULT"),
        ([left("Check", "d-1")], "Check", "REVIEW"),
        ([left("Guess", "d-1")], "Guess", "PREDICTION"),
        ([left("Gone_Stage", "d-1")], "Gone_Stage", "DEFAULT"),
        ([left("END", "d-1")], "END", "DEFAULT"),
        ([left("Label", "d-9", multiLabels=[{"user": UNA, "taskData": {"tdId": "d-1"}}])], "Label", "CONSENSUS"),
    ],
)
def test_the_event_that_names_it_first_says_at_which_stage_it_was_made(
    labels: Read, events: list[Any], stage: str, kind: str
) -> None:
    (event,) = labels(ROW, *events)
    told = json.loads(event.content or b"")
    assert (event.stage, told["stage"], told["kind"]) == (stage, stage, kind)


def test_the_stage_that_the_row_names_goes_first(labels: Read) -> None:
    event = left("Check", "d-1")
    event["taskData"]["stageName"] = "Label"
    assert labels(ROW, event)[0].stage == "Label"


def test_coming_to_a_stage_is_no_sign_of_being_made_there(labels: Read) -> None:
    came = {**left("Check", "d-1"), "outputEvent": None, "inputEvent": {"currentStageName": "Check"}}
    assert labels(ROW, came)[0].stage == "Label"


def test_what_nobody_made_at_a_stage_of_people_has_none(labels: Read) -> None:
    assert labels(ROW, currentStageName="END")[0].stage is None


def test_every_row_that_the_history_names_is_a_label(project: RedBrickProject) -> None:
    comment = {"__typename": "Comment", "commentId": "c-1", "taskData": {"tdId": "d-4"}, "createdAt": None}
    score = {
        "currentStageName": "Check",
        "overallConsensusScore": 0.5,
        "consensusInfo": [{"taskData": {"tdId": "d-5"}}],
    }
    came = {**left("Check", "d-2"), "outputEvent": None, "inputEvent": score}
    several = left("Label", "d-2", multiLabels=[{"taskData": {"tdId": "d-3"}}, {"taskData": None}])
    work = {"taskData": {"tdId": "d-6"}, "subTasks": [{"taskData": {"tdId": "d-7"}}, {"taskData": None}]}
    task = {"taskId": "t-1", "latestTaskData": ROW, "genericEvents": [several, comment, came]}
    history = history_of(raw({**task, "currentStageSubTask": work}), project)
    assert history.labels == {f"d-{number}" for number in range(1, 8)}


def test_a_history_that_names_none_asks_for_none(project: RedBrickProject) -> None:
    event = left("Label", "d-1")
    event["taskData"]["tdId"] = None
    assert history_of(raw({"taskId": "t-1", "genericEvents": [event]}), project).labels == frozenset()


NOT_NEWS = [
    {"createdByEntity": {**UNA, "givenName": "Una Maria", "email": "new@example.org"}},
    {"labelsData": '[{"labelid":"l-1","classid":0,"category":"Lung nodule","volumeindex":0,"stats":null}]'},
]
NEWS = [
    {"labelsData": "[]"},
    {"labelsData": '[{"classid": 1, "category": "Nodule", "labelid": "l-1", "volumeindex": 0}]'},
    {"labelsData": None, "labelsDataPath": "labels.json"},
    {"labelsMap": [{"seriesIndex": 0, "imageIndex": 0, "labelName": "masks/b.nii.gz"}]},
    {"createdAt": "2026-03-01T09:00:00.6+00:00"},
]


def state(events: list[SourceEvent]) -> str:
    assert events[0].version is not None
    return events[0].version.state


@pytest.mark.parametrize("change", NOT_NEWS)
def test_what_people_and_classes_are_called_now_makes_no_version(labels: Read, change: dict[str, Any]) -> None:
    assert state(labels({**ROW, **change})) == state(labels())


@pytest.mark.parametrize("change", NEWS)
def test_whatever_else_is_another_makes_a_version(labels: Read, change: dict[str, Any]) -> None:
    assert state(labels({**ROW, **change})) != state(labels())


def test_names_of_options_make_no_version_and_other_options_do(labels: Read) -> None:
    def chose(option: int | None, value: str) -> str:
        attribute = {"attrid": 0, "optionid": option, "name": "Texture", "value": value}
        return state(labels({**ROW, "labelsData": json.dumps([{"classid": 0, "attributes": [attribute]}])}))

    assert chose(1, "Solid") == chose(1, "Firm")
    assert chose(1, "Solid") != chose(2, "Solid")
    assert chose(None, "true") != chose(None, "false")


def test_label_data_that_is_no_json_is_kept_as_it_came(labels: Read) -> None:
    (event,) = labels({**ROW, "labelsData": "[{"})
    assert json.loads(event.content or b"")["taskData"]["labelsData"] == "[{"


def test_its_masks_are_files_that_name_task_and_series(labels: Read) -> None:
    maps = [
        {"seriesIndex": 0, "imageIndex": 0, "labelName": "masks/a.nii.gz"},
        None,
        {"seriesIndex": None, "imageIndex": 2, "labelName": "masks/b.nii.gz"},
        {"seriesIndex": 1, "imageIndex": 1, "labelName": None},
        {"seriesIndex": 7, "imageIndex": 0, "labelName": "masks/c.nii.gz"},
    ]
    (event,) = labels({**ROW, "labelsMap": maps})
    assert [(ref.name, ref.what, ref.media) for ref in event.files] == [
        ("masks/a.nii.gz", 'the mask of series "CT" of task "CASE-1"', False),
        ("masks/b.nii.gz", 'the mask of series "B" of task "CASE-1"', False),
        ("masks/c.nii.gz", 'the mask of series "8" of task "CASE-1"', False),
    ]
    assert json.loads(event.files[0].where) == ["s-1", "masks/a.nii.gz"]


def test_a_file_of_labels_is_one_and_redbricks_storage_where_none_is_named(labels: Read) -> None:
    row = {**ROW, "labelsData": None, "labelsDataPath": "all.json", "labelsStorage": None, "labelsMap": None}
    (ref,) = labels(row)[0].files
    assert ref.what == 'the labels of task "CASE-1"'
    assert json.loads(ref.where) == ["22222222-2222-2222-2222-222222222222", "all.json"]


def test_the_task_says_which_label_is_the_latest_and_what_people_look_at(project: RedBrickProject) -> None:
    items = ["s3/a.dcm", "https://files.example.org/b.png?X-Amz-Signature=secret", "s3/a.dcm"]
    datapoint = {**DATAPOINT, "items": items, "heatMaps": [{"item": "heat.nii"}]}
    raw_task = raw({"taskId": "t-1", "latestTaskData": ROW, "datapoint": datapoint})
    details = history_of(raw_task, project).events[-1]
    assert RedBrickReading().task_details(details.content or b"").latest == ("d-1",)
    assert b"secret" not in (details.content or b"")
    assert [ref.name for ref in details.files] == ["s3/a.dcm", "https://files.example.org/b.png", "heat.nii"]
    assert all(ref.media for ref in details.files)
    assert json.loads(details.files[1].where) == ["s-2", items[1]]


def test_a_new_latest_label_is_a_new_version_of_the_task(project: RedBrickProject) -> None:
    def keys(row: Any) -> tuple[str, ...]:
        return history_of(raw({"taskId": "t-1", "latestTaskData": row}), project).events[-1].key_fields

    assert keys(ROW) != keys({**ROW, "tdId": "d-2"})
    assert keys(ROW) == keys({**ROW, "labelsData": "[]"})
    assert keys(None) == keys({})
