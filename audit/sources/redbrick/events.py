"""From a task's raw payload to events: what the platform recorded, not what its SDK makes of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256

import msgspec

from audit.sources.base import FileRef, PersonRef, SourceError, SourceEvent, TaskHistory
from audit.sources.redbrick import walk as names
from audit.sources.redbrick.comments import comment_events
from audit.sources.redbrick.labels import Told, label_event, place
from audit.sources.redbrick.payload import actor_kind, cycle, facts, people_of, user_id
from audit.sources.redbrick.project import GROUND_TRUTH, LABEL, RedBrickProject
from audit.sources.redbrick.series import media_paths, series_of, storage_of
from audit.sources.redbrick.walk import Step, Walk
from audit.sources.values import Item, canonical, item, part, text, unsigned, unsigned_url, when

TYPES = {
    names.CREATED: "task.created",
    names.SUBMITTED: "task.submitted",
    names.ACCEPTED: "review.accepted",
    names.CORRECTED: "review.corrected",
    names.REJECTED: "review.rejected",
    names.MOVED: "task.moved",
    names.GROUND_TRUTH_EDITED: "groundtruth.edited",
    names.ASSIGNED: "task.assigned",
    names.REASSIGNED: "task.reassigned",
    names.UNASSIGNED: "task.unassigned",
    names.SKIPPED: "task.skipped",
    names.SAVED: "task.saved",
    names.CONSENSUS_EDITED: "consensus.edited",
    names.CONSENSUS_COMPUTED: "consensus.computed",
}
OTHER = "activity.recorded"

# States into which only the person who has the task brings it; RedBrick does not always say who did.
_BY_ASSIGNEE = frozenset({"SKIPPED", "IN_PROGRESS", "COMPLETED", "STAGED", "PROBLEM"})
_LAST = datetime.max.replace(tzinfo=UTC)


class _Task(msgspec.Struct):
    taskId: str  # noqa: N815 - these are the wire's names
    currentStageName: msgspec.Raw = msgspec.Raw(b"null")  # noqa: N815
    datapoint: msgspec.Raw = msgspec.Raw(b"null")
    priority: msgspec.Raw = msgspec.Raw(b"null")
    latestTaskData: msgspec.Raw = msgspec.Raw(b"null")  # noqa: N815
    currentStageSubTask: msgspec.Raw = msgspec.Raw(b"null")  # noqa: N815
    genericEvents: list[msgspec.Raw] | None = None  # noqa: N815


def history_of(task: bytes, project: RedBrickProject) -> TaskHistory:
    """The task with all its events; raises SourceError for what is no task."""
    return read_task(task, project)[0]


def read_task(task: bytes, project: RedBrickProject) -> tuple[TaskHistory, Told]:
    """The task with all its events and its newest label, and what they tell of all its labels. Raises SourceError."""
    try:
        found = msgspec.json.decode(task, type=_Task)
        latest = item(bytes(found.latestTaskData))
        details, told = _details(found, text(latest, "tdId"), project)
        events: list[SourceEvent] = []
        walk = Walk(project.internal)
        for raw in found.genericEvents or ():
            events += _events(found.taskId, bytes(raw), walk, project, told)
        told.standing(item(bytes(found.currentStageSubTask)))
        label = label_event(bytes(found.latestTaskData), told, project)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise SourceError("answer", f"RedBrick AI sent something that is no task: {error}") from None
    if label is not None:
        events.append(label)
    events.sort(key=_time)  # Stable: what has one time stays in the server's order.
    there = {id_ for id_ in (*told.made, text(latest, "tdId")) if id_ is not None}
    return TaskHistory(found.taskId, (*events, details), frozenset(there)), told


def events_of(task: bytes, project: RedBrickProject) -> Iterator[SourceEvent]:
    """The task's events, oldest first, then what has no time: states of comments, and the task's own details."""
    yield from history_of(task, project).events


def _time(event: SourceEvent) -> datetime:
    opening = event.opening() or event
    return opening.instant or _LAST


def _events(task: str, raw: bytes, walk: Walk, project: RedBrickProject, told: Told) -> list[SourceEvent]:
    event = item(raw)
    step = walk.step(event)
    told.event(event, step)
    if step.name == names.COMMENT:
        return list(comment_events(task, raw, event, step.stage, project))
    people = _people(event, project)
    if event.get("__typename") == "TaskEvent":
        return [_task_event(task, raw, event, step, people, project)]
    return [_change(task, raw, event, step, people, project)]


def _task_event(
    task: str, raw: bytes, event: Item, step: Step, people: tuple[PersonRef, ...], project: RedBrickProject
) -> SourceEvent:
    output = part(event, "outputEvent")
    # RedBrick's own stages count rounds of their own, which say nothing of the work.
    round_ = None if step.name == names.LEFT else cycle(output.get("cycleCount"))
    type_ = TYPES.get(step.name, OTHER)
    if step.name == names.SUBMITTED and (round_ or 1) > 1 and project.bricks.get(step.stage or "") in (LABEL, None):
        type_ = "rework.submitted"
    to_stage = step.to_stage
    if step.name == names.LEFT and to_stage is None and project.output(step.stage or ""):
        to_stage = GROUND_TRUTH
    who = doer(event, step)
    occurred_at, instant = when(event, "createdAt")
    key = text(event, "eventId")
    return SourceEvent(
        task=task,
        type=type_,
        source_type=step.name,
        occurred_at=occurred_at,
        instant=instant,
        source_key=key,
        actor=_ref(who, project),
        actor_kind="system" if step.name in (names.ENTERED, names.LEFT) and who is None else actor_kind(who),
        stage=step.stage,
        to_stage=to_stage,
        cycle=round_,
        content=raw,
        people=people,
        key_fields=() if key else (sha256(canonical(facts(event))).hexdigest(),),
    )


def doer(event: Item, step: Step) -> str | None:
    """Who did it: whom the event names, else who had the task, else whose data it is.

    Nobody is guessed for a move, which is seldom the assignee's doing, and for what RedBrick does itself.
    """
    who = user_id(event.get("updatedBy"))
    if who is not None or step.name in (names.MOVED, names.ENTERED, names.LEFT, names.CONSENSUS_COMPUTED):
        return who
    made = user_id(part(event, "taskData").get("createdBy"))
    return made if step.name in (names.CREATED, names.GROUND_TRUTH_EDITED) else user_id(step.assignee) or made


def _change(
    task: str, raw: bytes, event: Item, step: Step, people: tuple[PersonRef, ...], project: RedBrickProject
) -> SourceEvent:
    before, after = user_id(event.get("assignedToBeforeEntity")), user_id(event.get("assignedToAfterEntity"))
    who = user_id(event.get("updatedBy"))
    assignee: str | None = None
    if step.name in (names.ASSIGNED, names.REASSIGNED, names.UNASSIGNED):
        assignee = after or before
    elif who is None and step.name != names.CONSENSUS_EDITED and text(event, "statusAfter") in _BY_ASSIGNEE:
        who = after
    occurred_at, instant = when(event, "createdAt")
    return SourceEvent(
        task=task,
        type=TYPES.get(step.name, OTHER),
        source_type=step.name,
        occurred_at=occurred_at,
        instant=instant,
        actor=_ref(who, project),
        actor_kind=actor_kind(who),
        assignee=_ref(assignee, project),
        stage=step.stage,
        content=raw,
        people=people,
        # Rows of state have no id: what they say of states and people is what makes them one fact.
        key_fields=(sha256(canonical(facts(event))).hexdigest(),),
    )


def _details(task: _Task, latest: str | None, project: RedBrickProject) -> tuple[SourceEvent, Told]:
    """The task as it is now: its datapoint with series and metadata, its priority, its stage, its latest label.

    A change of the stage alone is no new version, since the stages have events of their own.
    """
    parts = (
        b'{"taskId":' + msgspec.json.encode(task.taskId),
        b'"currentStageName":' + bytes(task.currentStageName),
        b'"priority":' + bytes(task.priority),
        *((b'"labelsId":' + msgspec.json.encode(latest),) if latest is not None else ()),
        b'"datapoint":' + bytes(task.datapoint) + b"}",
    )
    raw = b",".join(parts)
    content = unsigned(raw)
    state = item(content)
    people = _people(state, project)
    stage = text(state, "currentStageName")
    del state["currentStageName"]
    datapoint = part(state, "datapoint")
    name = text(datapoint, "name") or task.taskId
    signed = datapoint if content == raw else item(bytes(task.datapoint))
    event = SourceEvent(
        task=task.taskId,
        type="task.updated",
        source_type="task",
        occurred_at=None,
        instant=None,
        derived=True,
        content=content,
        people=people,
        key_fields=(sha256(canonical(facts(state))).hexdigest(),),
        files=_media(signed, name),
    )
    return event, Told(task.taskId, name, series_of(datapoint), stage)


def _media(datapoint: Item, task: str) -> tuple[FileRef, ...]:
    """The files that people look at, named as the payload names them."""
    storage = storage_of(datapoint, "storageMethod")
    refs: dict[str, FileRef] = {}
    for path in media_paths(datapoint):
        name = unsigned_url(path)
        refs.setdefault(name, FileRef(name, place(storage, path), f'the file {name} of task "{task}"', media=True))
    return tuple(refs.values())


def _ref(user: str | None, project: RedBrickProject) -> PersonRef | None:
    """The person or service of this id; RedBrick's own system is nobody."""
    return None if user is None or actor_kind(user) == "system" else project.person(user)


def _people(event: Item, project: RedBrickProject) -> tuple[PersonRef, ...]:
    return people_of(event, project.person)
