"""Labelbox's filters choose data rows; what can't be understood, or is of Labelbox alone, is refused by name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from exports.archive.build import BadItem
from exports.formats.base import OneOf
from exports.formats.labelbox.labelbox import LabelboxFormat
from tests.exports.formats.loaded import loaded
from tests.exports.formats.snapshots import Shot, write
from tests.exports.formats.told import registered
from tests.fakes.labelbox_story import PROJECT, golden

ROWS = golden("image")
IDS = [row["data_row"]["id"] for row in ROWS]
FORMAT = LabelboxFormat()
DEFAULTS = {parameter.name: parameter.default_for(filtered=False) for parameter in FORMAT.parameters}


@pytest.fixture
def shot(tmp_path: Path) -> Shot:
    """Five data rows: done, with two labels, skipped, in rework, not labelled."""
    return loaded("labelbox", tmp_path / "came.ndjson", b"".join(json.dumps(row).encode() + b"\n" for row in ROWS))


def chosen(shot: Shot, **asked: Any) -> list[int]:
    """Which of the five are written; all of them were gone through."""
    made = write(FORMAT, shot, **asked)
    assert made.written["tasks"] == 5
    found = [json.loads(line)["data_row"]["id"] for line in made.files["data_rows.ndjson"].splitlines()]
    return [IDS.index(id_) for id_ in found]


def details(name: str) -> list[Any]:
    return [row["projects"][PROJECT]["project_details"].get(name) for row in ROWS]


def test_data_rows_are_chosen_by_id_key_batch_and_state(shot) -> None:
    assert chosen(shot) == [0, 1, 2, 3, 4]
    assert chosen(shot, data_row_ids=(IDS[3], IDS[1])) == [1, 3]
    keys = tuple(row["data_row"]["global_key"] for row in ROWS[:2])
    assert chosen(shot, global_keys=keys) == [0, 1]
    assert chosen(shot, global_keys=keys, data_row_ids=(IDS[1], IDS[2])) == [1]
    states = details("workflow_status")
    for asked, state in (("Done", "DONE"), ("InRework", "IN_REWORK"), ("ToLabel", "TO_LABEL")):
        assert chosen(shot, workflow_status=(asked,)) == [at for at, one in enumerate(states) if one == state] != []
    batch = details("batch_id")[0]
    assert chosen(shot, batch_ids=(batch,)) == [at for at, one in enumerate(details("batch_id")) if one == batch]
    assert chosen(shot, batch_ids=("another",)) == []


def test_times_are_instants_and_both_ends_are_in(shot) -> None:
    times = [row["data_row"]["details"]["last_activity_at"] for row in ROWS]
    newest = max(times)
    having = [at for at, one in enumerate(times) if one == newest]
    assert chosen(shot, last_activity_at=f"{newest},") == having
    assert chosen(shot, last_activity_at=f",{min(times)}") == [at for at, one in enumerate(times) if one == min(times)]
    assert chosen(shot, last_activity_at="2026-03-04T15:31:00+0530,2026-03-04 10:01:00") == [
        at for at, one in enumerate(times) if one == "2026-03-04T10:01:00.000+00:00"
    ]
    created = [[label["label_details"]["created_at"] for label in row["projects"][PROJECT]["labels"]] for row in ROWS]
    expected = [at for at, of in enumerate(created) if any(one >= "2026-03-03T12" for one in of)]
    assert chosen(shot, label_created_at="2026-03-03T12:00:00+00:00,2027-01-01") == expected
    assert 4 not in chosen(shot, label_created_at="2000-01-01,")


def test_what_is_named_and_not_there_has_a_line(shot) -> None:
    made = write(
        FORMAT, shot, data_row_ids=(IDS[0], "gone"), global_keys=("nobody's", ROWS[0]["data_row"]["global_key"])
    )
    assert [(error["asset"], error["code"]) for error in made.errors] == [
        ("gone", "not_found"),
        ("nobody's", "not_found"),
    ]
    with pytest.raises(BadItem, match="gone"):
        write(FORMAT, shot, strict=True, data_row_ids=("gone",))


def test_of_several_projects_it_is_enough_that_one_has_what_is_named(shot) -> None:
    class Aside:
        def __init__(self) -> None:
            self.noted: list[str | None] = []

        def warn(self, error: Any) -> None:
            self.noted.append(error.asset)

    first, second = Aside(), Aside()
    empty = Shot(project=shot.project)

    class Files:
        data = b""

        def file(self, path: str) -> Any:
            return self

        def __enter__(self) -> Any:
            return self

        def __exit__(self, *_: object) -> None: ...

        def write(self, data: bytes) -> None:
            self.data += data

    files = Files()
    values = {**DEFAULTS, "data_row_ids": (IDS[0], "gone")}
    projects: list[Any] = [OneOf(first, empty), OneOf(second, shot)]  # type: ignore[arg-type]
    together = FORMAT.merge(files, projects, values, lambda done: None)
    assert together.all == {"data_rows": 1}
    assert json.loads(files.data)["data_row"]["id"] == IDS[0]
    assert (first.noted, second.noted) == (["gone"], [])


def test_only_the_model_runs_that_are_named_come(tmp_path) -> None:
    (came,) = golden("model_run_image")
    shot = loaded("labelbox", tmp_path / "came.ndjson", json.dumps(came).encode())
    ((model, found),) = came["experiments"].items()
    (run,) = found["runs"]
    row = json.loads(write(FORMAT, shot, model_run_ids=(run,)).files["data_rows.ndjson"])
    assert row["experiments"][model]["runs"][run].keys() == {"name", "labels"}
    row = json.loads(write(FORMAT, shot, model_run_ids=("another",), predictions=True).files["data_rows.ndjson"])
    assert row["experiments"] == {}


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("last_activity_at", "2026-03-01", "no comma"),
        ("last_activity_at", ",", "neither"),
        ("last_activity_at", "2024/01/01,", "Invalid isoformat"),
        ("label_created_at", "2026-03-02,2026-03-01", "after the end"),
    ],
)
def test_times_that_are_none_are_refused(shot, name, value, why) -> None:
    (unfit,) = FORMAT.refuses(shot.project, {**DEFAULTS, name: value})
    assert (unfit.parameter, why in unfit.text) == (name, True)


@pytest.mark.parametrize("name", ["global_keys", "batch_ids", "workflow_status", "last_activity_at", "model_run_ids"])
def test_what_only_labelbox_says_is_refused_elsewhere(monkeypatch, name) -> None:
    project = next(iter(registered(monkeypatch)))
    value = "2026-03-01," if name == "last_activity_at" else ("Done",)
    (unfit,) = FORMAT.refuses(project.shot().project, {**DEFAULTS, name: value})
    assert unfit.parameter == name
    assert "only Labelbox" in unfit.text


def test_ids_and_times_of_labels_choose_data_rows_of_any_platform(monkeypatch) -> None:
    project = next(iter(registered(monkeypatch)))
    for name in "ab":
        project.add(name, [])
    found = write(FORMAT, project.shot(), data_row_ids=("T2",), label_created_at="2026-03-01,2026-03-02")
    assert [json.loads(line)["data_row"]["id"] for line in found.files["data_rows.ndjson"].splitlines()] == ["T2"]
    assert list(FORMAT.refuses(project.shot().project, {**DEFAULTS, "data_row_ids": ("T2",)})) == []
