"""Projects as Kili's real SDK exported them: what they held, as our record has it, and the files that it wrote."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from audit.sources.kili.assets import asset_of, history_of
from audit.sources.kili.labels import label_of
from audit.sources.kili.project import project_of, settings_event
from audit.sources.kili.reading import KiliReading
from exports.formats.base import LabelledTask, LabelRow, ProjectInfo
from tests.exports.formats.snapshots import Shot

GOLDEN = Path(__file__).parents[2] / "golden" / "kili"
DATED = "2026-11-21T23:54:03.000000Z"
READING = KiliReading()


@cache
def case(name: str) -> dict[str, Any]:
    """What the SDK was given."""
    found: dict[str, Any] = json.loads((GOLDEN / f"{name}.json").read_text())
    return found


def vendors(name: str, variant: str) -> dict[str, bytes]:
    """The files that the SDK wrote, by their paths."""
    folder = GOLDEN / "exports" / name / variant
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def info_of(project: dict[str, Any]) -> ProjectInfo:
    """A project as a snapshot has it."""
    details = settings_event(json.dumps(project).encode()).content
    return ProjectInfo("kili", project["id"], project["title"], "test.example/i/l", details, DATED)


def shot_of(name: str) -> Shot:
    """The snapshot of a recorded project."""
    found = case(name)
    settings = project_of(json.dumps(found["project"]).encode())
    assets, names = [], {}
    for number, asset in enumerate(found["assets"], start=1):
        labels = [{**label, "jsonResponse": json.dumps(label["jsonResponse"])} for label in asset["labels"]]
        wire = {key: value for key, value in asset.items() if not key.startswith("latest")} | {"labels": labels}
        raw = asset_of(json.dumps(wire).encode())
        history = history_of(raw, [label_of(one) for one in raw.labels], [], None, settings)
        rows = []
        for event in history.events:
            if event.type != "label.updated" or event.content is None:
                continue
            told = READING.label_details(event.content)
            assert told is not None
            author = event.actor.external_id if event.actor else None
            if event.actor and event.actor.email:
                names[event.actor.external_id] = event.actor.email
            rows.append(
                LabelRow(
                    told.external_id,
                    1,
                    told.kind,
                    author,
                    told.created_at,
                    told.milliseconds,
                    told.step,
                    told.skipped,
                    told.sent_back,
                    number,
                    event.content,
                )
            )
        details = history.events[-1].content
        assert details is not None
        latest = asset.get("latestLabel") or {}
        ids = (latest["id"],) if latest.get("id") else ()
        assets.append(
            LabelledTask(asset["id"], number, asset["externalId"], "Label", "done", details, ids, tuple(rows))
        )
    return Shot(project=info_of(found["project"]), assets=assets, names=names)
