"""A data row's line of an export, with what is told beside it, as a task with its history."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from itertools import chain

import msgspec
import orjson
from msgspec.structs import replace

from audit.sources.base import SourceError, SourceEvent, TaskHistory, Untold, Version
from audit.sources.labelbox.details import Model, Parts, ProjectPart, details_event
from audit.sources.labelbox.issues import KINDS as ISSUES
from audit.sources.labelbox.issues import issue_events
from audit.sources.labelbox.labels import label_event, people_of, review_events, time_events
from audit.sources.labelbox.project import LabelboxProject
from audit.sources.labelbox.told import Beside
from audit.sources.labelbox.versions import KINDS as VERSIONS
from audit.sources.labelbox.versions import version_event
from audit.sources.values import Item, canonical, item, mended, part, text, when

MOVES = ("Move", "Approve", "Reject")
"""Actions of a workflow history; each moves the data row from one task queue to another."""

_LAST = datetime.max.replace(tzinfo=UTC)


def row_id(line: bytes) -> str:
    """The data row's id. Raises SourceError for what is no data row."""
    try:
        found = text(part(item(line), "data_row"), "id")
    except (ValueError, RecursionError) as error:
        raise _no_row(str(error)) from None
    if found is None:
        raise _no_row("it has no data_row with an id")
    return found


def history_of(line: bytes, beside: Beside, runs: bytes | None, project: LabelboxProject) -> TaskHistory:
    """The data row with all its events; `runs` is what another export tells of its model runs ("experiments").

    Raises SourceError for what is no data row.
    """
    task = row_id(line)
    try:
        line = mended(line)
        fields = msgspec.json.decode(line, type=Parts)
        projects = msgspec.json.decode(fields.pop("projects", b"null"), type=dict[str, ProjectPart] | None)
        experiments = fields.pop("experiments", b"null")
        models = msgspec.json.decode(mended(runs) if runs else experiments, type=dict[str, Model] | None) or {}
        embeddings = msgspec.json.decode(fields.pop("embeddings", b"null"), type=list[msgspec.Raw] | None) or []
        ours = (projects or {}).get(project.id, ProjectPart())
        labels = [bytes(raw) for raw in ours.labels or ()]
        events = [
            *_created(task, fields, project),
            *_labels(task, labels, models, project),
            *(version_event(task, raw, project) for raw in beside.versions or ()),
            *_moves(task, ours, project),
            *chain.from_iterable(issue_events(task, raw, project) for raw in beside.issues or ()),
            *time_events(task, [item(raw) for raw in labels], project),
            *_embeddings(task, embeddings),
            *_slices(task, beside.slices),
        ]
        events.append(details_event(task, fields, ours, models, project))
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise _no_row(f"data row {task}: {error}") from None
    events = list(_once(events))
    events.sort(key=_time)  # Stable: what has one time stays in this order.
    ids = {event.version.thing.removeprefix("label/") for event in events if _is_label(event) and event.version}
    return TaskHistory(task, tuple(events), frozenset(ids), _untold(beside, project))


def _untold(beside: Beside, project: LabelboxProject) -> Untold | None:
    """What this key may not see; None where that is nothing. A label of a model run has the run's id before a slash."""
    kinds = frozenset(VERSIONS if beside.versions is None else ()) | frozenset(ISSUES if beside.issues is None else ())
    if not kinds and project.with_models is not None:
        return None
    closed = project.with_models is None
    return Untold(event=lambda source_type, _: source_type in kinds, label=lambda id_: closed and "/" in id_)


def _created(task: str, fields: Parts, project: LabelboxProject) -> Iterator[SourceEvent]:
    """That the data row was made, which its details say."""
    details = part(item(bytes(fields.get("data_row", b"{}"))), "details")
    occurred_at, instant = when(details, "created_at")
    if occurred_at is None:
        return
    author = project.by_email(text(details, "created_by"))
    said = {name: details.get(name) for name in ("dataset_id", "dataset_name", "created_at", "created_by")}
    yield SourceEvent(
        task=task,
        type="task.created",
        source_type="DATA_ROW_CREATED",
        occurred_at=occurred_at,
        instant=instant,
        source_key="data_row/created",
        actor=author,
        actor_kind="person" if author else "unknown",
        derived=True,
        content=orjson.dumps(said),
        people=people_of(author),
    )


def _labels(
    task: str, labels: list[bytes], models: Mapping[str, Model], project: LabelboxProject
) -> Iterator[SourceEvent]:
    """Labels of the project, then labels and predictions of model runs, with their model and run around them."""
    for raw in labels:
        label = item(raw)
        yield label_event(task, raw, _label_id(task, label), project)
        yield from review_events(task, label, project)
    for model_id, model in models.items():
        for run_id, run in (model.runs or {}).items():
            about = {"model_id": model_id, "model_name": model.name, "run_id": run_id, "run_name": run.name}
            for kind, found in (("MODEL_RUN", run.labels), ("PREDICTION", run.predictions)):
                for one in found or ():
                    content = msgspec.json.encode({"kind": kind, **about, "label": one})
                    yield label_event(task, content, f"{run_id}/{_label_id(task, item(bytes(one)))}", project)


def _label_id(task: str, label: Item) -> str:
    if (id_ := text(label, "id")) is None:
        raise ValueError("one of its labels has no id")
    return id_


def _moves(task: str, ours: ProjectPart, project: LabelboxProject) -> Iterator[SourceEvent]:
    """The data row's way through the task queues. An entry has no id: when, what and whereto make it the same."""
    raw = (ours.project_details or {}).get("workflow_history")
    seen: dict[str, int] = {}
    for entry in msgspec.json.decode(raw or b"[]", type=list[msgspec.Raw] | None) or ():
        found = item(bytes(entry))
        action = text(found, "action") or "WORKFLOW"
        occurred_at, instant = when(found, "created_at")
        key = f"workflow/{text(found, 'created_at')}/{action}/{text(found, 'next_task_id')}"
        ordinal = seen[key] = seen.get(key, -1) + 1
        who = project.by_email(text(found, "created_by"))
        yield SourceEvent(
            task=task,
            type="task.moved" if action in MOVES else "activity.recorded",
            source_type=action,
            occurred_at=occurred_at,
            instant=instant,
            source_key=f"{key}/{ordinal}",
            actor=who,
            actor_kind="person" if who else "unknown",
            stage=text(found, "previous_task_name"),
            to_stage=text(found, "next_task_name"),
            content=bytes(entry),
            people=people_of(who),
        )


def _embeddings(task: str, embeddings: list[msgspec.Raw]) -> Iterator[SourceEvent]:
    """Each embedding by itself: it is larger than all the rest, and hardly ever another."""
    for raw in embeddings:
        found = item(bytes(raw))
        told = SourceEvent(
            task=task,
            type="activity.recorded",
            source_type="EMBEDDING",
            occurred_at=None,
            instant=None,
            derived=True,
            content=bytes(raw),
        )
        version = Version(f"embedding/{text(found, 'id')}", sha256(canonical(found)).hexdigest(), first=told)
        yield replace(told, version=version)


def _slices(task: str, found: Sequence[bytes] | None) -> Iterator[SourceEvent]:
    """Which slices find the data row, where that was asked for. That none does is only news after one did."""
    if found is None:
        return
    slices = sorted(map(item, found), key=lambda one: str(one["id"]))
    told = SourceEvent(
        task=task,
        type="activity.recorded",
        source_type="SLICES",
        occurred_at=None,
        instant=None,
        derived=True,
        content=orjson.dumps({"slices": slices}),
    )
    ids = " ".join(str(one["id"]) for one in slices)
    yield replace(told, version=Version("slices", ids, first=told if slices else None))


def _once(events: Iterable[SourceEvent]) -> Iterator[SourceEvent]:
    """Without events that were told twice, which happens where a list grows while its pages are read."""
    seen: set[str] = set()
    for event in events:
        if event.source_key is None or event.source_key not in seen:
            yield event
        if event.source_key is not None:
            seen.add(event.source_key)


def _is_label(event: SourceEvent) -> bool:
    return event.type == "label.updated"


def _time(event: SourceEvent) -> datetime:
    first = event.opening() or event
    return first.instant or _LAST


def _no_row(why: str) -> SourceError:
    return SourceError("answer", f"Labelbox sent something that is no data row: {why}")
