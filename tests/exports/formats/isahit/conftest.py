"""Recorded inputs of isahit lab's SDK as snapshots, and what the SDK made of them."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

from audit.sources.isahit import history_of
from audit.sources.isahit.project import project_of
from audit.sources.isahit.reading import IsahitReading
from exports.formats.base import LabelledTask, LabelRow, ProjectInfo
from exports.formats.isahit.family import TOLD
from tests.exports.formats.snapshots import Shot

GOLDEN = Path(__file__).parents[3] / "golden"
CASES = tuple(sorted(path.stem for path in (GOLDEN / "isahit_export").glob("*.json")))


def made_by_the_sdk(case: str, format_: str) -> Any:
    """What the SDK wrote, or its error."""
    return json.loads((GOLDEN / "isahit_export" / f"{case}.json").read_text())[format_]


def shot(case: str) -> Shot:
    """The recorded configuration and tasks of a case as a snapshot."""
    found = json.loads((GOLDEN / "isahit" / f"{case}.json").read_text())
    return shot_of(found["project_configuration"], found["tasks"])


def shot_of(configuration: Any, tasks: list[Any]) -> Shot:
    """A configuration and tasks, as they come from the record."""
    raw = json.dumps(configuration).encode()
    details = b'{"project":{"_id":"proj1","name":"Project"},"configuration":' + raw + b"}"
    shot = Shot(project=ProjectInfo("isahit", "proj1", "Project", "test.example/i/l", details))
    for number, task in enumerate(tasks, 1):
        events = [
            opening
            for event in history_of(json.dumps(task).encode(), project_of(raw)).events
            if (opening := event.opening()) is not None
        ]
        (told,) = [event.content for event in events if event.type == "task.updated"]
        rows = []
        for event in events:
            if event.type != "label.created" or event.content is None:
                continue
            label = IsahitReading().label_details(event.content)
            author = event.actor.external_id if event.actor else None
            rows.append(
                LabelRow(
                    label.external_id, 1, label.kind, author, label.created_at, None, label.step, False, False, number,
                    event.content,
                )
            )  # fmt: skip
            for ref in event.files:
                shot.kept[ref.name] = base64.b64decode(ref.where.partition(",")[2])
        said = tuple((event.source_type, event.content or b"") for event in events if event.type in TOLD)
        labels = tuple(rows)
        shot.assets.append(LabelledTask(task["_id"], number, task["name"], "", "", told, (), labels, said))
    return shot
