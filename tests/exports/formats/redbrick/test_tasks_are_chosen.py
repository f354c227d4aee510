"""Ground truth, a stage, a task, a time, and consensus: which tasks are in tasks.json, and whose labels."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from exports.formats import FORMATS
from tests.exports.formats.redbrick.recorded import export, exported, shot, tasks_of

ALL = [task["taskId"] for task in exported("default")]
SHARED = "70000000-0000-4000-8000-000000000011"


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ({"only_ground_truth": True}, {"END"}),
        ({"stage_name": "Label"}, {"Label"}),
        ({"stage_name": "Nowhere"}, set()),
        ({"task_id": ALL[0]}, {"END"}),
    ],
)
def test_only_the_tasks_that_are_meant_are_there(asked: dict[str, str | bool], meant: set[str]) -> None:
    made = export(shot(ALL), **asked)
    assert {task["currentStageName"] for task in tasks_of(made)} == meant
    # What the parameters leave out counts as gone through.
    assert made.written == {"tasks": len(ALL), "labels": len(ALL)}
    if "task_id" in asked:
        assert [task["taskId"] for task in tasks_of(made)] == [ALL[0]]


@pytest.mark.parametrize("since", ["2025-03-06T00:00:00Z", "2025-03-06T00:00:00", "1741219200"])
def test_tasks_labelled_since_a_time(since: str) -> None:
    meant = [task["taskId"] for task in exported("default") if task["updatedAt"] >= "2025-03-06"]
    assert [task["taskId"] for task in tasks_of(export(shot(ALL), from_timestamp=since))] == meant
    assert 0 < len(meant) < len(ALL)


@pytest.mark.parametrize(
    ("asked", "parameter"),
    [
        ({"from_timestamp": "yesterday"}, "from_timestamp"),
        ({"from_timestamp": "1e300"}, "from_timestamp"),
        ({"from_timestamp": "nan"}, "from_timestamp"),
        ({"only_ground_truth": True, "stage_name": "Label"}, "stage_name"),
    ],
)
def test_what_makes_no_sense_is_refused(asked: dict[str, str | bool], parameter: str) -> None:
    format_ = FORMATS["redbrick"]
    values = {one.name: one.default_for(filtered=False) for one in format_.parameters} | asked
    assert [one.parameter for one in format_.refuses(shot([]).project, values)] == [parameter]


def test_without_consensus_the_common_label_is_the_tasks_own() -> None:
    told = tasks_of(export(shot([SHARED], "consensus_project"), no_consensus=True))[0]
    assert "consensus" not in told
    assert told["series"][0]["segmentations"] == "segmentations/CON-0001/CT.nii.gz"


def test_while_people_label_there_is_no_common_label() -> None:
    snapshot = shot([SHARED], "consensus_project")
    snapshot.assets[0] = replace(snapshot.assets[0], stage="Consensus_Label")
    made = export(snapshot)
    assert "superTruth" not in tasks_of(made)[0]
    assert len(tasks_of(made)[0]["consensusTasks"]) == 2


def test_a_task_that_is_not_there_has_a_line() -> None:
    made = export(shot(ALL), task_id="nobody")
    assert tasks_of(made) == []
    assert [(one["asset"], one["code"]) for one in made.errors] == [("nobody", "not_found")]
    assert export(shot(ALL), task_id=min(ALL)).errors == []
