"""A trail holds events of which nobody recorded a time: it loads again as it is."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from audit.models import Event, Project
from audit.sources.files import FileOptions
from audit.sources.files.errors import BadFile
from audit.sync import load_file
from exports.run import make_export
from tests.factories import make_event, make_project, worked_task


def trail_of(project: Project, folder: Path, encoding: str) -> Path:
    path = folder / "trail.zip"
    make_export(project, "trail", parameters={"encoding": encoding}, output=path)
    with zipfile.ZipFile(path) as archive:
        return Path(archive.extract(f"trail.{encoding}", folder))


@pytest.mark.parametrize("encoding", ["json", "ndjson"])
def test_they_have_none_there_either(db: None, tmp_path: Path, encoding: str) -> None:
    none = {"occurred_at": None, "instant": None}
    unsaid = [make_event("T1", "task.moved", source_key=f"k{number}", **none) for number in range(2)]
    before = make_project([*worked_task("T1"), *unsaid])
    file = trail_of(before, tmp_path, encoding)
    first = load_file(str(file), "again", FileOptions())
    moved = [bytes(event.envelope) for event in Event.objects.filter(log=first.project.log, type="task.moved")]
    assert [b'"occurred_at":null' in envelope for envelope in moved] == [True, True]
    assert load_file(str(file), "again", FileOptions()).added == 0


def test_a_report_of_redbrick_still_wants_one(db: None, tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    event = {"eventType": "TASK_MOVED", "createdAt": None, "stage": "Label"}
    file.write_text(json.dumps([{"taskId": "T1", "taskName": "A", "events": [event]}]))
    with pytest.raises(BadFile, match="createdAt is missing"):
        load_file(str(file), "again", FileOptions())
