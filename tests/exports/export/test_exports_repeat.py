"""The same log size, format and parameters give the same bytes, whatever was recorded meanwhile."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from audit.log.append import Appender
from audit.models import Project
from exports.run import make_export
from tests.exports.sealed import verify
from tests.factories import MEI, make_event, make_project, time_event, worked_task

REQUESTS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("trail", {}, {}),
    ("trail", {"encoding": "ndjson", "payload": "true"}, {}),
    ("trail", {"encoding": "csv", "people": "pseudonyms"}, {"status": "accepted"}),
    ("trail", {"audit": "none"}, {"stage": "Label", "type": ["task.submitted", "task.assigned"]}),
    ("xes", {}, {}),
    ("xes", {"derived": "true"}, {"words": "lesion"}),
]


def bytes_of(
    project: Project, folder: Path, request: tuple[str, dict[str, Any], dict[str, Any]], size: int
) -> list[bytes]:
    slug, parameters, filters = request
    name = f"x.{'zip' if slug == 'trail' else 'xes'}"
    export = make_export(
        project, slug, parameters=parameters, filters=filters, as_of=size, output=folder / name, force=True
    )
    return [Path(file["path"]).read_bytes() for file in export.files]


@pytest.mark.parametrize("request_", REQUESTS)
def test_later_events_do_not_change_an_export_of_an_earlier_size(db, tmp_path, request_) -> None:
    project = make_project([*worked_task("T1"), *worked_task("T2", 300), *worked_task("T3", 600)])
    size = project.log.size
    before = bytes_of(project, tmp_path, request_, size)
    with Appender(project) as log:
        log.add(make_event("T1", "task.reopened", 900, MEI, stage="Second look"))
        log.add(time_event("T1", 901, 5_000, cycle=1, type_="time.revised"))
        log.add(make_event("T2", "task.updated", 902, payload={}, content=b'{"name":"Renamed"}', derived=True))
        log.add(make_event("T2", "task.skipped", 903))
    with Appender(project) as log:
        for event in worked_task("T4", 1200):
            log.add(event)
    assert bytes_of(project, tmp_path, request_, size) == before
    assert bytes_of(project, tmp_path, request_, size + 4) != before


def test_an_export_of_an_earlier_size_verifies_and_begins_a_later_one(db, tmp_path) -> None:
    project = make_project(worked_task("T1"))
    early = make_export(project, "trail", as_of=3, output=tmp_path / "early.zip")
    late = make_export(project, "trail", output=tmp_path / "late.zip")
    done = verify(Path(late.files[0]["path"]), "--earlier", early.files[0]["path"])
    assert done.returncode == 0, done.stdout
    assert "still begins with the 3 events" in done.stdout
