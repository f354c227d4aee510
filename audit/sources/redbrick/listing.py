"""The answer of the SDK's `list_tasks`: where tasks stand and who has them, concluded from what the record holds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from audit.sources.redbrick.as_sdk import Users, called
from audit.sources.redbrick.payload import user_id
from audit.sources.redbrick.project import GROUND_TRUTH, RedBrickProject
from audit.sources.redbrick.search import TaskSearch
from audit.sources.redbrick.walk import Walk
from audit.sources.values import Item, inner, instant, part, parts, text, values

Times = Mapping[tuple[str, str], int]
"""Milliseconds of active time by stage and user id, all rounds together."""


def listed(entry: Item, users: Users) -> Item:
    """One object of `list_tasks`, from a task as the API lists it (or `standing` concludes it)."""
    datapoint = part(entry, "datapoint")
    found: Item = {
        "taskId": entry["taskId"],
        "name": datapoint.get("name"),
        "createdAt": entry.get("createdAt"),
        "currentStageName": entry.get("currentStageName"),
    }
    if storage := part(datapoint, "storageMethod"):
        found["storageId"] = storage.get("storageId")
    if entry.get("updatedAt"):
        found["updatedAt"] = entry["updatedAt"]
    if maker := datapoint.get("createdByEntity"):
        found["createdBy"] = called(maker, users)
    if entry.get("priority"):
        found["priority"] = entry["priority"]
    if datapoint.get("metaData"):
        found["metaData"] = inner(datapoint["metaData"])
    series = [_series(one) for one in parts(datapoint, "seriesInfo")]
    if any(series):
        found["series"] = series
    work = part(entry, "currentStageSubTask")
    assignees = [_assignee(task, users) for task in [work, *parts(work, "subTasks")]]
    if any(assignees):
        found["assignees"] = [assignee for assignee in assignees if assignee]
    return found


def standing(entry: Item, times: Times | None = None) -> Item:
    """The task as the API lists it, from its whole history (`as_sdk.task_entry`)."""
    events = entry["genericEvents"]
    stamps = [stamp for event in events if (stamp := text(event, "createdAt"))]
    created: Item = next((event for event in events if part(event, "createEvent")), {})
    stage = entry["currentStageName"]
    return {
        **{name: entry[name] for name in ("taskId", "currentStageName", "priority", "datapoint")},
        "createdAt": text(created, "createdAt") or part(entry, "datapoint").get("createdAt"),
        "updatedAt": stamps[-1] if stamps else None,
        "currentStageSubTask": None if stage == GROUND_TRUTH else _work(events, stage, times or {}),
    }


def matches(entry: Item, search: TaskSearch, project: RedBrickProject) -> bool:
    """Whether a search finds the task, given its whole history.

    QUEUED, UNASSIGNED, DRAFT, SKIPPED and ISSUES look at tasks that are at the stage; COMPLETED at those that left it
    (in the time asked for), and FAILED at those whose last review there turned them down.
    """
    if search.task is not None and entry["taskId"] != search.task:
        return False
    if search.task is None and search.name is not None and not _named(entry, search.name, search.exact):
        return False
    stage = GROUND_TRUTH if search.mode == "GROUNDTRUTH" else search.stage
    if search.mode == "ALL":
        return True
    if search.mode in {"COMPLETED", "FAILED"}:
        return _left(entry, search, project)
    if entry["currentStageName"] != stage:
        return False
    work = part(standing(entry), "currentStageSubTask")
    people = _people(work)
    if search.mode == "UNASSIGNED":
        return not people
    wanted = {"DRAFT": "STAGED", "SKIPPED": "SKIPPED", "ISSUES": "PROBLEM"}.get(search.mode)
    mine = {user: state for user, state in people.items() if search.user in (None, user)}
    if search.mode in {"GROUNDTRUTH", "QUEUED"}:
        return search.mode == "GROUNDTRUTH" or search.user is None or bool(mine)
    return wanted in mine.values()


def _named(entry: Item, name: str, exact: bool) -> bool:
    found = part(entry, "datapoint").get("name")
    return isinstance(found, str) and (found == name if exact else found.startswith(name))


def _left(entry: Item, search: TaskSearch, project: RedBrickProject) -> bool:
    """Whether the task's last leaving of the stage is what the search is after."""
    walk = Walk(project.internal)
    last: tuple[Item, Any] | None = None
    for event in entry["genericEvents"]:
        step = walk.step(event)
        if part(event, "outputEvent") and step.stage == search.stage and step.to_stage is None:
            last = event, event.get("updatedBy") or step.assignee
    if last is None:
        return False
    event, who = last
    if search.mode == "FAILED":
        return part(event, "outputEvent").get("outputBool") is False
    at = _moment(text(event, "createdAt"))
    since, until = search.completed_from, search.completed_to
    return (
        (search.user is None or user_id(who) == search.user)
        and (since is None or (at is not None and since <= at))
        and (until is None or (at is not None and at <= until))
    )


def _work(events: list[Item], stage: str | None, times: Times) -> Item | None:
    """The piece of work that the task is at its stage: since it last came there."""
    work: Item = {"state": "UNASSIGNED"}
    subs: list[Item] = []
    for event in events:
        if text(part(event, "inputEvent"), "currentStageName") == stage:
            work, subs = {"state": "UNASSIGNED"}, []
        elif event.get("__typename") == "TaskStateChanges" and text(event, "stageNameAfter") == stage:
            work = _changed(work, event)
            subs = _subs(subs, event)
    who = user_id(work.get("assignedTo"))
    if who is not None and (stage or "", who) in times:
        work["completionTimeMs"] = times[stage or "", who]
    if subs and not who:
        work, subs = subs[0], subs[1:]
    return {**work, "subTasks": subs}


def _changed(work: Item, event: Item) -> Item:
    """The work after one row of state changes."""
    who, state, at = event.get("assignedToAfterEntity"), event.get("statusAfter"), event.get("createdAt")
    if user_id(who) != user_id(work.get("assignedTo")):
        work = {"assignedTo": who, "assignedAt": event.get("assignedAtAfter") or at} if who else {}
    work = {**work, "state": state}
    if state in ("IN_PROGRESS", "STAGED"):
        work["progressSavedAt"] = at
    elif state == "COMPLETED":
        work["completedAt"] = at
    return work


def _subs(subs: list[Item], event: Item) -> list[Item]:
    """The work of each labeler of a consensus."""
    people, states = values(event, "consensusAssigneesAfter"), values(event, "consensusStatusesAfter")
    known = {user_id(sub["assignedTo"]): sub for sub in subs}
    found = []
    for user, state in zip(map(user_id, people), states, strict=False):
        sub = known.get(user) or {"assignedTo": {"userId": user}, "assignedAt": event.get("createdAt")}
        if state == "COMPLETED" and sub.get("state") != state:
            sub = {**sub, "completedAt": event.get("createdAt")}
        found.append({**sub, "state": state})
    return found or subs


def _people(work: Item) -> dict[str, Any]:
    """States by user id."""
    tasks = [work, *parts(work, "subTasks")]
    return {user: task.get("state") for task in tasks if (user := user_id(task.get("assignedTo"))) is not None}


def _assignee(task: Item, users: Users) -> Item | None:
    who = called(task.get("assignedTo"), users)
    if not who:
        return None
    found: Item = {"user": who, "status": task.get("state")}
    for name, field in (("assignedAt", "assignedAt"), ("lastSavedAt", "progressSavedAt"), ("completedAt",) * 2):
        if task.get(field):
            found[name] = task[field]
    if task.get("completionTimeMs") is not None:
        found["timeSpentMs"] = task["completionTimeMs"]
    return found


def _series(series: Item) -> Item:
    found: Item = {}
    if series.get("name"):
        found["name"] = series["name"]
    if series.get("metaData"):
        found["metaData"] = inner(series["metaData"])
    if headers := _headers(series):
        found["imageHeaders"] = headers
    return found


def _headers(series: Item) -> Item | None:
    """Geometry of the image: direction as rows, and the affine from voxels to the patient (mm)."""
    given = inner(series.get("imageHeaders"))
    if not isinstance(given, dict) or not given:
        return None
    found: Item = {"dimensions": given.get("dimensions")}
    if series.get("dataType") not in ("web", "report"):
        found["spacing"], found["origin"] = given.get("spacing"), given.get("origin")
        flat = given.get("direction")
        if isinstance(flat, list) and len(flat) == 9:
            found["direction"] = [flat[0:3], flat[3:6], flat[6:9]]
    frames = given.get("totalFrames")
    if isinstance(frames, int) and frames > 1:
        found["totalFrames"] = frames
    spacing, origin, direction = found.get("spacing"), found.get("origin"), found.get("direction")
    if direction and spacing and origin and len(spacing) == len(origin) == 3:
        rows = [[float(c * s) for c, s in zip(row, spacing, strict=True)] for row in direction]
        found["affine"] = [[*row, float(o)] for row, o in zip(rows, origin, strict=True)] + [[0.0, 0.0, 0.0, 1.0]]
    return found


def _moment(written: str | None) -> datetime | None:
    try:
        return None if written is None else instant(written)
    except ValueError:
        return None
