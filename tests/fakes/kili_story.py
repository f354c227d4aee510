"""What the invented Kili knows: projects with steps, people, assets, labels, events and issues, all in plain dicts.

Tests change them as they like. Times are in March 2026; the same call gives the same world.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

Json = dict[str, Any]

KEY = "5d1c1c1e-0000-4000-8000-00000000c0de"
CARS, CLIPS, LEGACY = "cl-cars-0001", "cl-clips-0002", "cl-old-0003"
FIRST = datetime(2026, 3, 2, 8, tzinfo=UTC)
LABELING, REVIEW = "step-label", "step-review"

JANE = {"id": "user-jane", "email": "jane.doe@example.com", "firstname": "Jane", "lastname": "Doe"}
OMAR = {"id": "user-omar", "email": "omar@example.com", "firstname": "Omar", "lastname": "عمر"}
MEI = {"id": "user-mei", "email": "mei@example.com", "firstname": "美 🚗", "lastname": "Lin"}
GUEST = {"id": "user-guest", "email": "guest@example.com", "firstname": "Gone", "lastname": "Guest"}
"""A labeler who is no member any more."""

INTERFACE: Json = {
    "jobs": {
        "BOX": {
            "mlTask": "OBJECT_DETECTION",
            "tools": ["rectangle"],
            "instruction": "Vehicles",
            "required": 1,
            "content": {"input": "radio", "categories": {"CAR": {"name": "Car"}, "BUS": {"name": "Bus"}}},
        },
        "DAY": {
            "mlTask": "CLASSIFICATION",
            "instruction": "Time of day",
            "required": 0,
            "content": {"input": "radio", "categories": {"DAY": {"name": "Day"}, "NIGHT": {"name": "Night"}}},
        },
    }
}


def stamp(minutes: float) -> str:
    """So long after the story began, as Kili writes times."""
    return (FIRST + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def box(left: float, top: float, right: float, bottom: float, mid: str, category: str = "CAR") -> Json:
    """A rectangle, its corners in Kili's order: from the lower left one, clockwise."""
    corners = [(left, bottom), (left, top), (right, top), (right, bottom)]
    vertices = [{"x": x, "y": y} for x, y in corners]
    outline = [{"normalizedVertices": vertices}]
    return {
        "type": "rectangle",
        "mid": mid,
        "children": {},
        "categories": [{"name": category}],
        "boundingPoly": outline,
    }


@dataclass
class Told:
    """One project. Lists are in the order of creation, as Kili answers."""

    settings: Json
    members: list[Json] = field(default_factory=list)
    assets: list[Json] = field(default_factory=list)
    events: list[Json] = field(default_factory=list)
    issues: list[Json] = field(default_factory=list)
    number: int = 0

    def asset(self, id_: str) -> Json:
        """The asset of this id."""
        return next(asset for asset in self.assets if asset["id"] == id_)

    def event(self, name: str, minutes: float, user: Json | None = JANE, **payload: Any) -> Json:
        """Note an event."""
        self.number += 1
        noted = {
            "id": f"{self.settings['id']}-event-{self.number:06d}",
            "event": name,
            "createdAt": stamp(minutes),
            "organizationId": "org-1",
            "projectId": self.settings["id"],
            "userId": None if user is None else user["id"],
            "payload": payload,
        }
        self.events.append(noted)
        return noted

    def label(
        self, asset: Json, minutes: float, author: Json | None, says: Any, kind: str = "DEFAULT", **more: Any
    ) -> Json:
        """Put a label on an asset, with its event."""
        label = {
            "id": f"{asset['id']}-label-{len(asset['labels']) + 1}",
            "jsonResponse": says,
            "author": author,
            "createdAt": stamp(minutes),
            "updatedAt": stamp(minutes),
            "labelType": kind,
            "modelName": None,
            "secondsToLabel": 12.5 + len(asset["labels"]),
            "totalSecondsToLabel": 20,
            "isLatestLabelForUser": True,
            "isLatestDefaultLabelForUser": kind == "DEFAULT",
            "isLatestReviewLabelForUser": kind == "REVIEW",
            "isSentBackToQueue": False,
            "isLastForStep": True,
            "skipped": False,
            "consensusMark": None,
            "honeypotMark": None,
            "inferenceMark": None,
            **more,
        }
        asset["labels"].append(label)
        asset["updatedAt"] = stamp(minutes)
        if kind != "AUTOSAVE":
            name = f"label.workflow.created.{kind.lower()}"
            self.event(name, minutes, author, assetId=asset["id"], labelId=label["id"], externalId=asset["externalId"])
        return label

    def move(self, asset: Json, minutes: float, user: Json | None, before: str, after: str) -> None:
        """Take an asset from one step to another."""
        ids = {"previousStepId": before, "newStepId": after}
        self.event("asset.workflow.currentStep.changed", minutes, user, assetId=asset["id"], **ids)
        names = {step["id"]: step["name"] for step in self.settings["steps"]}
        asset["currentStep"] = {"name": names[after], "status": "TO_DO", "stepGroupName": None}
        asset["updatedAt"] = stamp(minutes)


def world(assets: int = 16) -> dict[str, Told]:
    """The projects by their ids: pictures in two steps, videos, and one of the workflow without steps."""
    cars, clips, old = (
        _project(CARS, "Cars", "IMAGE"),
        _project(CLIPS, "Clips", "VIDEO"),
        _project(LEGACY, "Old", "TEXT"),
    )
    old.settings |= {"workflowVersion": "V1", "steps": []}
    cars.event("project.created", 0, fromProjectId=None)
    cars.event("project.member.created", 1, userId=OMAR["id"])
    cars.event("project.workflow.bulkAction.assign.started", 2, userIds=[MEI["id"]], where={"idIn": []})
    cars.event("smartTool.videoTracking.created", 3, modelName="m", processedFrames=2)
    cars.event("another.kind.that.is.new", 4, None, of=["nobody knows", {"userId": OMAR["id"]}])
    for number in range(assets):
        tell(cars, number)
    for number in range(12):
        asset = _asset(clips, number)
        frames = {"0": {"BOX": {"annotations": [{**box(0.1, 0.1, 0.3, 0.4, "m1"), "isKeyFrame": True}]}}, "1": {}}
        clips.label(asset, 10 * number + 5, JANE, frames)
    asset = _asset(old, 0)
    asset.pop("currentStep")
    old.label(asset, 5, JANE, {"DAY": {"categories": [{"name": "DAY"}]}})
    return {CARS: cars, CLIPS: clips, LEGACY: old}


def tell(of: Told, number: int) -> Json:
    """Add an asset with one of eight stories."""
    at = 30.0 * number + 10
    asset = _asset(of, number)
    says = {"BOX": {"annotations": [box(0.1, 0.2, 0.4, 0.6, f"mid-{number}")]}}
    other = {"BOX": {"annotations": [box(0.1, 0.2, 0.45, 0.6, f"mid-{number}", "BUS")]}}
    ids = {"assetId": asset["id"], "externalId": asset["externalId"]}
    story = number % 8
    if story == 0:
        return asset
    if story == 6:
        of.event("asset.skipped", at + 1, MEI, **ids, skipped=True, status="ONGOING")
        asset |= {"skipped": True, "updatedAt": stamp(at + 1)}
        _issues(of, asset, at + 2)
        return asset
    if story == 5:
        of.label(asset, at, JANE, says, "PREDICTION", modelName="yolo")
    of.event("asset.workflow.assigned", at, OMAR, **ids)
    of.event("asset.workflow.currentStep.statusChanged", at + 1, JANE, **ids, stepId=LABELING, status="IN_PROGRESS")
    first = of.label(asset, at + 3, JANE, says)
    if story == 5:
        of.label(asset, at + 4, MEI, other)
        of.event(
            "asset.analytics.consensus.computed", at + 5, None, **ids, score=0.5, comparedLabelIds=[], stepId=LABELING
        )
        asset |= {"isConsensus": True, "consensusMark": 0.5}
    of.move(asset, at + 6, None, LABELING, REVIEW)
    if story in (2, 4):
        if story == 4:
            back = {"newStepId": LABELING, "previousStepId": REVIEW, "labelId": first["id"]}
            of.event("label.workflow.rejected", at + 7, OMAR, **ids, **back)
            first["isSentBackToQueue"] = True
            of.move(asset, at + 7, OMAR, REVIEW, LABELING)
            first = of.label(asset, at + 8, JANE, other)
            of.move(asset, at + 9, None, LABELING, REVIEW)
        of.event("label.workflow.validated", at + 10, OMAR, **ids, labelId=first["id"])
    if story == 3:
        of.label(asset, at + 7, OMAR, other, "REVIEW")
    if story == 7:
        of.label(asset, at + 7, None, says, honeypotMark=0.25)
        of.label(asset, at + 8, GUEST, {}, "AUTOSAVE")
        asset |= {"isHoneypot": True, "honeypotMark": 0.25, "priority": 3}
        of.event("a.kind.that.is.new", at + 9, None, **ids, labelIds=[])
    return asset


def _issues(of: Told, asset: Json, at: float) -> None:
    for kind, status in (("ISSUE", "SOLVED"), ("QUESTION", "OPEN")):
        id_ = f"{asset['id']}-{kind.lower()}"
        comment = {"id": f"{id_}-comment", "text": f"Is this a {kind}? 🚧", "createdAt": stamp(at), "author": MEI}
        people = {"author": MEI, "assignee": OMAR}
        issue = {"id": id_, "createdAt": stamp(at), "status": status, "type": kind, "assetId": asset["id"], **people}
        of.issues.append(issue | {"objectMid": None, "comments": [comment]})
        ids = {"assetId": asset["id"], f"{kind.lower()}Id": id_}
        of.event(f"asset.{kind.lower()}.created", at, MEI, **ids, assigneeId=OMAR["id"], objectMid=None)
        if status == "SOLVED":
            of.event(f"asset.{kind.lower()}.resolved", at + 1, OMAR, **ids)


def _asset(of: Told, number: int) -> Json:
    names = {3: "تجربة/🚗 b.jpg", 4: "nul\0.jpg", 5: "Same.jpg", 6: "same.jpg"}
    id_ = f"{of.settings['id']}-asset-{number:05d}"
    asset = {
        "id": id_,
        "externalId": names.get(number, f"car {number}.jpg"),
        "content": f"{{BASE}}/media/{id_}.jpg?X-Amz-Signature=0123",
        "jsonContent": "",
        "jsonMetadata": {"camera": "front"},
        "status": "TODO",
        "skipped": False,
        "isHoneypot": False,
        "isConsensus": False,
        "consensusMark": None,
        "honeypotMark": None,
        "inferenceMark": None,
        "priority": 0,
        "createdAt": stamp(30 * number + 4),
        "updatedAt": stamp(30 * number + 4),
        "resolution": {"width": 1920, "height": 1080},
        "pageResolutions": None,
        "currentStep": {"name": "Labeling", "status": "TO_DO", "stepGroupName": None},
        "labels": [],
    }
    of.assets.append(asset)
    of.event("asset.created", 30 * number + 4, OMAR, assetId=id_, externalId=asset["externalId"])
    return asset


def _project(id_: str, title: str, input_type: str) -> Told:
    steps = [
        {"id": LABELING, "name": "Labeling", "type": "DEFAULT", "stepGroupId": "g", "assignees": [_brief(JANE)]},
        {"id": REVIEW, "name": "Review", "type": "REVIEW", "stepGroupId": "g", "assignees": [_brief(OMAR)]},
    ]
    settings = {
        "id": id_,
        "title": title,
        "description": f"Invented {title}",
        "inputType": input_type,
        "jsonInterface": copy.deepcopy(INTERFACE),
        "workflowVersion": "V2",
        "geospatialSettings": None,
        "createdAt": stamp(0),
        "updatedAt": stamp(0),
        "archivedAt": None,
        "consensusTotCoverage": 0,
        "minConsensusSize": 1,
        "reviewCoverage": 100,
        "useHoneyPot": False,
        "dataConnections": [],
        "steps": steps,
    }
    roles = {"ADMIN": OMAR, "LABELER": JANE, "REVIEWER": MEI}
    members = [
        {"id": f"{id_}-{role}", "role": role, "status": "ACTIVATED", "activated": True, "user": user}
        for role, user in roles.items()
    ]
    return Told(settings, members)


def _brief(user: Json) -> Json:
    return {"id": user["id"], "email": user["email"]}
