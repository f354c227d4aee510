"""`parquet`, `csv` and `ocel` of one project: other people's readers find in them what the record says."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from audit import sources
from audit.models import ActiveTime, Event, LabelVersion, Project, Task
from audit.sources.base import LabelDetails, TaskDetails
from audit.sources.files.reading import FilesReading
from exports.run import make_export
from tests.factories import AMARA, START, make_event, make_project, time_event, worked_task


class WithLabels(FilesReading):
    """Reads the payloads of this file's labels."""

    names_latest = True

    def task_details(self, content: bytes) -> TaskDetails:
        found = json.loads(content)
        return TaskDetails(found.get("name"), tuple(found.get("latest", ())))

    def label_details(self, content: bytes) -> LabelDetails | None:
        found = json.loads(content)
        return LabelDetails(found["id"], "REVIEW", START, 1500, "Review")


@pytest.fixture
def project(db: None, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setitem(sources.READINGS, "file", WithLabels())
    label = json.dumps({"id": "L1", "by": AMARA.external_id}).encode()
    return make_project(
        [
            *worked_task("T1"),
            make_event("T1", "comment.added", 400, text="=1+1; ünïcode\n两行", occurred_at=None, instant=None),
            make_event("T1", "label.created", 500, content=label, key_fields=("L1",)),
            make_event("T1", "task.updated", 501, content=b'{"name":"Lungs","latest":["L1"]}', derived=True),
            *worked_task("T2", 900),
            time_event("T2", 950, 700_000),
        ]
    )


def members(project: Project, format_: str, tmp_path: Path, **parameters: str) -> dict[str, bytes]:
    path = tmp_path / f"{format_}.{'json' if format_ == 'ocel' else 'zip'}"
    make_export(project, format_, parameters=parameters, output=path, force=True)
    if format_ == "ocel":
        return {"log.json": path.read_bytes()}
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_parquet_has_typed_columns_and_every_row(project: Project, tmp_path: Path) -> None:
    found = members(project, "parquet", tmp_path)
    events = pq.read_table(io.BytesIO(found["events.parquet"]))
    assert events.num_rows == Event.objects.filter(task__isnull=False).count()
    assert str(events.schema.field("occurred_at").type) == "timestamp[us, tz=UTC]"
    assert str(events.schema.field("n").type) == "int64"
    comment = next(row for row in events.to_pylist() if row["type"] == "comment.added")
    assert comment["text"] == "=1+1; ünïcode\n两行"
    assert comment["occurred_at"] is None
    times = pq.read_table(io.BytesIO(found["active_time.parquet"]))
    assert sum(times.column("milliseconds").to_pylist()) == sum(
        ActiveTime.objects.filter(to_index=None).values_list("milliseconds", flat=True)
    )
    (label,) = pq.read_table(io.BytesIO(found["labels.parquet"])).to_pylist()
    assert (label["task"], label["label"], label["kind"], label["latest"]) == ("T1", "L1", "REVIEW", True)
    assert label["author"] == AMARA.email
    assert "payload" not in label


def test_payloads_come_when_they_are_asked_for(project: Project, tmp_path: Path) -> None:
    found = members(project, "parquet", tmp_path, payload="true")
    (label,) = pq.read_table(io.BytesIO(found["labels.parquet"])).to_pylist()
    assert json.loads(label["payload"]) == {"id": "L1", "by": AMARA.external_id}


def test_csv_is_read_back_and_no_cell_is_a_formula(project: Project, tmp_path: Path) -> None:
    found = members(project, "csv", tmp_path)
    rows = list(csv.DictReader(io.StringIO(found["events.csv"].decode(), newline="")))
    assert len(rows) == Event.objects.filter(task__isnull=False).count()
    assert next(row["text"] for row in rows if row["type"] == "comment.added") == "'=1+1; ünïcode\n两行"
    (label,) = csv.DictReader(io.StringIO(found["labels.csv"].decode(), newline=""))
    assert (label["label"], label["version"], label["milliseconds"]) == ("L1", "1", "1500")


def test_an_ocel_log_relates_events_to_tasks_and_people(project: Project, tmp_path: Path) -> None:
    log = json.loads(members(project, "ocel", tmp_path, derived="true")["log.json"])
    assert len(log["events"]) == Event.objects.filter(task__isnull=False).count()
    ids = {one["id"] for one in log["objects"]}
    assert len(ids) == len(log["objects"])
    assert {one["type"] for one in log["objects"]} == {"task", "person", "label"}
    assert sum(one["type"] == "task" for one in log["objects"]) == Task.objects.count()
    assert sum(one["type"] == "label" for one in log["objects"]) == LabelVersion.objects.count()
    types = {one["name"] for one in log["eventTypes"]}
    for one in [*log["objects"], *log["events"]]:
        assert {related["objectId"] for related in one["relationships"]} <= ids
    assert {event["type"] for event in log["events"]} <= types
    comment = next(event for event in log["events"] if event["type"] == "comment.added")
    told = {attribute["name"]: attribute["value"] for attribute in comment["attributes"]}
    assert told["time_recorded"] is False, "the time of receipt stands for one that was not recorded, and says so"


def test_pm4py_reads_an_ocel_log(project: Project, tmp_path: Path) -> None:
    pm4py = pytest.importorskip("pm4py")
    members(project, "ocel", tmp_path, derived="true")
    log = pm4py.read_ocel2_json(str(tmp_path / "ocel.json"))
    assert len(log.events) == Event.objects.filter(task__isnull=False).count()
    assert set(log.objects["ocel:type"]) == {"task", "person", "label"}


@pytest.mark.parametrize("format_", ["parquet", "csv", "ocel"])
def test_two_exports_are_equal(project: Project, tmp_path: Path, format_: str) -> None:
    first: Any = members(project, format_, tmp_path)
    assert members(project, format_, tmp_path) == first


@pytest.mark.parametrize("format_", ["parquet", "csv", "ocel"])
def test_pseudonyms_hide_people(project: Project, tmp_path: Path, format_: str) -> None:
    found = members(project, format_, tmp_path, people="pseudonyms")
    plain = b"".join(data for name, data in found.items() if name.endswith((".csv", ".json")))
    assert AMARA.email is not None
    assert AMARA.email.encode() not in plain


@pytest.mark.parametrize("format_", ["parquet", "csv", "ocel"])
def test_filters_leave_other_tasks_out(project: Project, tmp_path: Path, format_: str) -> None:
    path = tmp_path / f"{format_}.{'json' if format_ == 'ocel' else 'zip'}"
    export = make_export(project, format_, filters={"external_id": ["T2"]}, output=path)
    assert export.counts["written"]["tasks"] == 1
    assert export.counts["written"]["labels"] == 0
