"""A task as the API lists it, as far as its story has gone by then."""

from __future__ import annotations

import json
from datetime import datetime

from audit.demo.redbrick.body import ORIGIN, SHAPE, SPACING
from audit.demo.redbrick.drawings import SIZE, latest
from audit.demo.redbrick.pictures import items_of
from audit.demo.redbrick.scripts import MEMBERS
from audit.demo.redbrick.story import Raw, TaskStory, stamp

_AXES = [1, 0, 0, 0, 1, 0, 0, 0, 1]
_LARGE = {
    "dimensions": [512, 512, 96],
    "spacing": [0.75, 0.75, 2.5],
    "origin": list(ORIGIN),
    "direction": _AXES,
}
_SMALL = {"dimensions": list(SHAPE), "spacing": list(SPACING), "origin": list(ORIGIN), "direction": _AXES}
"""The same body in coarse voxels."""
_IMAGE = {"dimensions": [*SIZE, 1]}


def entry(story: TaskStory, now: datetime) -> Raw | None:
    """The task as far as its story has gone; None before it begins."""
    until = stamp(now)
    events = [_at(event, until) for event in story.events if (event["createdAt"] or "") <= until]
    if not events:
        return None
    stage, work = "Input", Raw()
    for event in events:
        if entered := event.get("inputEvent"):
            stage, work = entered["currentStageName"], {"state": "UNASSIGNED"}
        elif (left := event.get("outputEvent")) and left["currentStageName"] == "Output":
            stage, work = "END", {}
        elif event["__typename"] == "TaskStateChanges":
            work = {
                "state": event["statusAfter"],
                "assignedTo": event["assignedToAfterEntity"],
                "assignedAt": event["assignedAtAfter"],
            }
    return {
        "taskId": story.id,
        "dpId": f"dd{story.id[2:]}",
        "currentStageName": stage,
        "priority": story.priority,
        "createdAt": events[0]["createdAt"],
        "updatedAt": max(event["createdAt"] or "" for event in events),
        "currentStageSubTask": {"__typename": "LabelingTask", "subTasks": [], **work},
        "datapoint": _datapoint(story, events[0]["createdAt"]),
        "latestTaskData": latest(story, now),
        "genericEvents": events,
    }


def _at(event: Raw, until: str) -> Raw:
    """A comment as it was then: with the replies and the resolution that had come."""
    if event["__typename"] != "Comment":
        return event
    replies = [reply for reply in event["replies"] if reply["createdAt"] <= until]
    return {**event, "replies": replies, "issueResolved": event.get("resolvedAt", "~") <= until}


def _datapoint(story: TaskStory, created: str) -> Raw:
    headers = json.dumps(_IMAGE if story.images else _SMALL if story.labelled else _LARGE)
    items: list[str] = []
    series = []
    for name in story.series:
        kind, files = items_of(story, name)
        series.append(
            {
                "name": name,
                "itemsIndices": [len(items) + at for at in range(len(files))],
                "dataType": kind,
                "metaData": None,
                "imageHeaders": headers,
                "localToWorldTransform": None,
            }
        )
        items += files
    return {
        "dpId": f"dd{story.id[2:]}",
        "name": story.name,
        "items": items,
        "createdAt": created,
        "createdByEntity": MEMBERS[0].entity(),
        "metaData": json.dumps(story.metadata),
        "seriesInfo": series,
        "heatMaps": None,
        "transforms": None,
        "centerline": None,
        "storageMethod": {"storageId": "11111111-1111-1111-1111-111111111111"},
        "attributes": None,
        "archived": False,
        "cohorts": None,
    }
