"""The answers of RedBrick's SDK (`get_task_events`, `get_active_time`), from payloads that the record holds.

By default with the true actors and without what is no event (docs/sources.md lists every difference); `as_sdk` repeats
what the SDK itself would say, deviations included. Pure functions; people are put back before they are called.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from audit.sources.redbrick import walk as names
from audit.sources.redbrick.comments import with_replies
from audit.sources.redbrick.events import doer
from audit.sources.redbrick.payload import SERVICE, SYSTEM, user_id
from audit.sources.redbrick.project import RedBrickProject
from audit.sources.redbrick.walk import Step, Walk
from audit.sources.values import Item, item, part, parts, text, values

Users = Mapping[str, str]
"""What users are called: e-mail addresses by user id, names of API keys by theirs."""


def task_entry(task_id: str, stage: str | None, payloads: Iterable[bytes]) -> Item:
    """The task as its API tells it, from the payloads of its events in the order of the log.

    Raw events come as often as they happened; of comments and of the task's details the last counts. `stage` is where
    the task is now. Time rows and what is of no interest here are passed over.
    """
    details: Item = {}
    events: list[Item] = []
    seen: dict[str, int] = {}  # Where the raw event or comment of an id stands.
    replies: dict[str, dict[str, Item]] = {}
    for payload in payloads:
        found = item(payload)
        if "datapoint" in found:
            details = found
        elif reply := part(found, "reply"):
            replies.setdefault(text(found, "replyTo") or "", {})[text(reply, "commentId") or str(reply)] = reply
        elif "__typename" in found:
            id_ = text(found, "eventId") or text(found, "commentId")
            at = seen.setdefault(id_, len(events)) if id_ else len(events)
            events[at : at + 1] = [found]
    for id_, later in replies.items():
        if id_ in seen:
            events[seen[id_]] = with_replies(events[seen[id_]], later)
    events.sort(key=lambda event: text(event, "createdAt") or "")
    return {
        "taskId": task_id,
        "currentStageName": stage,
        "priority": details.get("priority"),
        "datapoint": part(details, "datapoint"),
        "genericEvents": events,
    }


def task_events(entry: Item, users: Users, project: RedBrickProject, *, as_sdk: bool = False) -> Item:
    """One object of `get_task_events`: taskId, taskName, currentStageName, events by `createdAt`."""
    names_of = _Named(users, None if as_sdk else entry)
    walk = Walk(names.SDK_INTERNAL.__contains__ if as_sdk else project.internal, as_sdk=as_sdk)
    events: list[Item] = []
    for event in entry["genericEvents"]:
        before = walk.stage
        step = walk.step(event)
        if step.name not in names.NAMES:
            continue
        if step.name == names.SAVED or (events and events[-1]["eventType"] == names.SAVED):
            events = [earlier for earlier in events if earlier["eventType"] != names.SAVED]
        shown = _shown(event, step, before, names_of, as_sdk)
        events.append({"eventType": step.name, "createdAt": event.get("createdAt"), **shown})
    events.sort(key=lambda event: text(event, "createdAt") or "")
    return {
        "taskId": entry["taskId"],
        "taskName": part(entry, "datapoint").get("name"),
        "currentStageName": entry["currentStageName"],
        "events": events,
    }


def active_time(row: Item, stage: str, org: str, project: str, users: Users) -> Item:
    """One object of `get_active_time`: `timeSpent` in milliseconds, `cycle` from 0, as RedBrick counts."""
    return {
        "orgId": org,
        "projectId": project,
        "stageName": stage,
        "taskId": row.get("taskId"),
        "completedBy": _Named(users, None).of(row.get("user")),
        "timeSpent": row.get("timeSpent"),
        "completedAt": row.get("date"),
        "cycle": row.get("cycle"),
    }


def called(user: object, users: Users) -> str | None:
    """What the SDK calls a user: the address; System; API Key - and its name; the id of who is not known."""
    return _Named(users, None).of(user)


class _Named:
    """What users are called. With an `entry`, names that any of its payloads tells of an API key serve everywhere."""

    def __init__(self, users: Users, entry: Item | None) -> None:
        self._users = {**(_keys(entry) if entry else {}), **users}

    def of(self, user: object) -> str | None:
        found = user_id(user)
        if found is None:
            return None
        own = user if isinstance(user, dict) else {}
        if found.startswith(SYSTEM):
            return "System"
        if found.startswith(SERVICE):
            return f"API Key - {self._users.get(found) or own.get('givenName') or found}"
        return self._users.get(found) or own.get("email") or found


def _keys(value: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        found |= _keys(inner)
    id_ = user_id(value) if isinstance(value, dict) else None
    if id_ is not None and id_.startswith(SERVICE) and (name := text(value, "givenName")) is not None:
        found[id_] = name
    return found


def _shown(event: Item, step: Step, before: str | None, users: _Named, as_sdk: bool) -> Item:
    if step.name == names.COMMENT:
        replies = [_reply(reply, users, as_sdk) for reply in parts(event, "replies")]
        return {**_comment(event, users), "replies": replies}
    if event.get("__typename") == "TaskStateChanges":
        return _change(event, step, users, as_sdk)
    return _task_event(event, step, before, users, as_sdk)


def _task_event(event: Item, step: Step, before: str | None, users: _Named, as_sdk: bool) -> Item:
    created, entered, left = (part(event, f"{name}Event") for name in ("create", "input", "output"))
    data = part(event, "taskData")
    found: Item = {}
    if created:
        found["isGroundTruth"] = created.get("isGroundTruth")
    priority = (created or entered).get("priority")
    if priority is not None:
        found["priority"] = priority
    if created and as_sdk and data:
        found["createdBy"] = users.of(data.get("createdBy"))
    elif created and not as_sdk and (who := users.of(doer(event, step))) is not None:
        found["createdBy"] = who
    if entered:
        found["stage"] = before
        found["score"] = _score(entered.get("overallConsensusScore"))
    if left:
        if left.get("timeSpentMs") is not None:
            found["timeSpentMs"] = left["timeSpentMs"]
        if step.name != names.GROUND_TRUTH_EDITED:
            found["stage"] = step.stage
        found["updatedBy"] = users.of(_sdk_doer(event, step) if as_sdk else doer(event, step))
    if not as_sdk:
        found |= _beyond(event, step, left)
    return found | _labels(entered, left, data, users)


def _sdk_doer(event: Item, step: Step) -> object:
    made = part(event, "taskData").get("createdBy")
    if step.name == names.GROUND_TRUTH_EDITED:
        return made
    who = text(event, "updatedBy") or ""
    return who if who.startswith((SYSTEM, SERVICE)) else step.assignee or made


def _beyond(event: Item, step: Step, left: Item) -> Item:
    """What the API tells and the SDK drops."""
    found = {"eventId": event.get("eventId"), "toStage": step.to_stage, "cycle": left.get("cycleCount")}
    return {name: value for name, value in found.items() if value is not None}


def _labels(entered: Item, left: Item, data: Item, users: _Named) -> Item:
    if infos := parts(entered, "consensusInfo"):
        return {"consensusInfo": [{**_one(info, users), "scores": _scores(info, users)} for info in infos]}
    if infos := parts(left, "multiLabels"):
        return {"consensusInfo": [_one(info, users) for info in infos]}
    return {"labelsId": data.get("tdId")} if data else {}


def _one(info: Item, users: _Named) -> Item:
    return {"user": users.of(info.get("user")), "labelsId": part(info, "taskData").get("tdId")}


def _scores(info: Item, users: _Named) -> list[Item]:
    return [{"user": users.of(one.get("user")), "score": _score(one.get("score"))} for one in parts(info, "scores")]


def _score(score: Any) -> Any:
    """From 0 to 1; a negative one means none."""
    return score if isinstance(score, int | float) and score >= 0 else None


def _change(event: Item, step: Step, users: _Named, as_sdk: bool) -> Item:
    before, after = users.of(event.get("assignedToBeforeEntity")), users.of(event.get("assignedToAfterEntity"))
    found: Item = {}
    if step.name == names.CONSENSUS_EDITED:
        found["consensusUsers"] = _pairs(event, "After", users)
        found["prevConsensusUsers"] = _pairs(event, "Before", users)
    elif step.name != names.UNASSIGNED:
        found["assignee"] = after
    if step.name in (names.REASSIGNED, names.UNASSIGNED):
        found["prevAssignee"] = before
    found["stage"] = step.stage
    if not as_sdk and (who := users.of(event.get("updatedBy"))) is not None:
        found["updatedBy"] = who
    return found


def _pairs(event: Item, when: str, users: _Named) -> list[Item]:
    people, states = values(event, f"consensusAssignees{when}"), values(event, f"consensusStatuses{when}")
    return [{"assignee": users.of(user), "status": status} for user, status in zip(people, states, strict=False)]


def _reply(comment: Item, users: _Named, as_sdk: bool) -> Item:
    found = _comment(comment, users)
    return found if as_sdk else {"createdAt": comment.get("createdAt"), **found}


def _comment(comment: Item, users: _Named) -> Item:
    found = {
        "commentId": comment.get("commentId"),
        "commentText": comment.get("textVal"),
        "createdBy": users.of(comment.get("createdBy")),
        "stage": comment.get("stageName"),
        "isIssue": comment.get("issueComment"),
        "issueResolved": comment.get("issueResolved"),
    }
    if labels := part(comment, "taskData").get("tdId"):
        found["labelsId"] = labels
    if label := comment.get("labelEntityLabelId"):
        found["labelId"] = label
    if pin := part(comment, "pin"):
        fields = ("pinId", "pointX", "pointY", "pointZ", "frameIndex", "volumeIndex")
        found["pin"] = {name: pin.get(name) for name in fields}
    return found
