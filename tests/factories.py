"""Projects with a trail, made the way the product makes them: through the log's append."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from audit.log.append import Appender
from audit.log.checkpoint import sign
from audit.log.create import create_project
from audit.models import Project, Source
from audit.sources.base import PersonRef, SourceEvent

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
_names = itertools.count(1)

AMARA = PersonRef("amara@example.org", email="amara@example.org", name="Amara Okafor")
MEI = PersonRef("mei@example.org", email="mei@example.org", name="Mei Tanaka")
TOMAS = PersonRef("tomas@example.org", email="tomas@example.org", name="Tomás Herrera")


def make_event(
    task: str | None = "T1",
    type_: str = "task.submitted",
    minute: float = 0,
    actor: PersonRef | None = AMARA,
    payload: dict[str, Any] | None = None,
    **more: Any,
) -> SourceEvent:
    """An event `minute` minutes after START, with a payload that names its actor."""
    instant = START + timedelta(minutes=minute)
    body = {"type": type_, "by": actor.external_id if actor else None, **(payload or {})}
    values: dict[str, Any] = {
        "source_type": type_.upper().replace(".", "_"),
        "occurred_at": instant.isoformat().replace("+00:00", "Z"),
        "instant": instant,
        "actor": actor,
        "actor_kind": "person" if actor else "unknown",
        "stage": "Label",
        "content": json.dumps(body, ensure_ascii=False).encode(),
    }
    return SourceEvent(task=task, type=type_, **{**values, **more})


def time_event(
    task: str, minute: float, milliseconds: int, actor: PersonRef | None = AMARA, **more: Any
) -> SourceEvent:
    """A derived `time.recorded` event."""
    content = {"milliseconds": milliseconds, "started_at": None, "ended_at": None, "rule": "duration"}
    type_ = more.pop("type_", "time.recorded")
    more.setdefault("content", json.dumps(content).encode())
    return make_event(task, type_, minute, actor, derived=True, **more)


def make_project(events: Iterable[SourceEvent] = (), *, name: str | None = None, signed: bool = True) -> Project:
    """A file project that holds `events`, with a checkpoint over them."""
    name = name or f"Project {next(_names)}"
    source = Source.objects.create(kind="file", name=name)
    project = create_project(source, name, name)
    with Appender(project) as log:
        for event in events:
            log.add(event)
    if signed:
        sign(project.log)
    return Project.objects.get(pk=project.pk)


def worked_task(task: str = "T1", start: float = 0) -> list[SourceEvent]:
    """A task that was created, assigned, labelled, rejected, reworked and accepted, with comments and active time."""
    return [
        make_event(task, "task.created", start, TOMAS),
        make_event(task, "task.assigned", start + 5, TOMAS, assignee=AMARA),
        make_event(task, "task.submitted", start + 40, AMARA, to_stage="Review", cycle=1),
        time_event(task, start + 40, 1_800_000, AMARA, cycle=1),
        make_event(
            task, "review.rejected", start + 90, MEI, stage="Review", to_stage="Label", text="Lesion 2 is missing."
        ),
        make_event(task, "rework.submitted", start + 130, AMARA, to_stage="Review", cycle=2),
        time_event(task, start + 130, 600_000, AMARA, cycle=2),
        make_event(task, "review.accepted", start + 150, MEI, stage="Review", to_stage="Ground truth"),
    ]
