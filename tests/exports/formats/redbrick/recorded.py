"""Snapshots of what RedBrick AI's API told of invented projects, and what its SDK exported of the same."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from audit.sources import reading
from audit.sources.base import SourceEvent
from audit.sources.redbrick.events import read_task
from audit.sources.redbrick.labels import label_event
from audit.sources.redbrick.project import project_of
from exports.formats import FORMATS
from exports.formats.base import LabelledTask, LabelRow, ProjectInfo, Value
from tests.exports.formats.snapshots import Made, Shot, write

GOLDEN = Path(__file__).parents[3] / "golden" / "redbrick"
READING = reading("redbrick")
ROOT = "P-1"


@cache
def answers() -> dict[str, Any]:
    """Answers of the API."""
    found: dict[str, Any] = json.loads((GOLDEN / "sdk.json").read_bytes())
    return found


@cache
def labels() -> dict[str, Any]:
    """Rows of label data, their files, and what the SDK exported."""
    found: dict[str, Any] = json.loads((GOLDEN / "labels.json").read_bytes())
    return found


def exported(name: str) -> list[dict[str, Any]]:
    """tasks.json of the SDK."""
    found: list[dict[str, Any]] = labels()["exported"][name]["tasks.json"]
    return found


def shot(tasks: Iterable[str], kind: str = "project") -> Shot:
    """A snapshot of these tasks with their labels and masks."""
    told = project_of(raw(answers()[kind]), [raw(one) for one in answers()["members"]])
    assets = []
    for number, id_ in enumerate(tasks, 1):
        rows = labels()["tasks"][id_]
        history, names = read_task(raw({**answers()["tasks"][id_], "latestTaskData": rows["latest"]}), told)
        made = [event for event in history.events if event.version and event.version.thing.startswith("label/")]
        made += [event for row in rows["consensus"] if (event := label_event(raw(row), names, told))]
        assets.append(asset(id_, number, history.events[-1], made))
    details = raw({**answers()[kind], "taxonomy": labels()["taxonomy"]})
    project = ProjectInfo("redbrick", ROOT, "Chest CT", "test.example/i/l", details, "2026-03-02T09:00:00.000000Z")
    kept = {name: base64.b64decode(data) for name, data in labels()["files"].items()}
    return Shot(project=project, assets=assets, kept=kept)


def asset(id_: str, number: int, task: SourceEvent, made: Iterable[SourceEvent]) -> LabelledTask:
    """A task as the record has it after these events."""
    assert task.content is not None
    rows = [row(event, index) for index, event in enumerate(made)]
    rows.sort(key=lambda one: (one.created_at is not None, one.created_at))
    told = READING.task_details(task.content)
    stage = json.loads(task.content).get("currentStageName") or ""
    return LabelledTask(id_, number, told.name or id_, stage, "done", task.content, told.latest, tuple(rows))


def row(event: SourceEvent, index: int) -> LabelRow:
    """A label as the record has it."""
    assert event.content is not None
    told = READING.label_details(event.content)
    assert told is not None
    author = event.actor.external_id if event.actor else None
    return LabelRow(
        told.external_id, 1, told.kind, author, told.created_at, None, told.step, False, False, index, event.content
    )


def export(snapshot: Shot, *, strict: bool = False, **asked: Value) -> Made:
    """The snapshot as RedBrick AI's SDK would export it."""
    return write(FORMATS["redbrick"], snapshot, strict=strict, **asked)


def tasks_of(made: Made) -> list[dict[str, Any]]:
    """tasks.json."""
    found: list[dict[str, Any]] = json.loads(made.files[f"{ROOT}/tasks.json"])
    return found


def without(found: Shot, file: str) -> Shot:
    """The snapshot without a kept file."""
    return replace(found, kept={name: data for name, data in found.kept.items() if name != file})


def raw(value: Any) -> bytes:
    """A payload."""
    return json.dumps(value).encode()
