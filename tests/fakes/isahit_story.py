"""An invented project of isahit lab: rectangles, segments with a mask, rework, reviews, odd people and odd times."""

from __future__ import annotations

import base64
from typing import Any

from tests.fakes.isahit import PROJECT, Account, Json

ANN = {"id": "u-ann", "email": "ann@example.org", "name": "Ann Marie Lee"}
BEN = {"id": "u-ben", "email": "ben@example.org", "firstname": "Ben", "lastname": "Ode"}
NOBODY = {"email": "guest@example.org", "name": "Guest"}
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(64))
MASK = "data:image/png;base64," + base64.b64encode(PNG).decode()
SECRET_HEADER = "Bearer hook-secret"
SIGNED = "https://files.example.org/a/2.jpg?X-Amz-Signature=abcdef&X-Amz-Expires=300"

LABELS: Json = {
    "availableLabels": {
        "list1": [
            {"id": "car", "name": "Car", "color": "#FF0000", "bChannel": 10},
            {"id": "bus", "name": "Bus", "color": "#00F", "bChannel": 20},
        ],
        "list2": [{"id": "red", "name": "Red", "color": "#F00"}, {"id": "blue", "name": "Blue"}],
    },
    "mainLists": [{"name": "vehicles", "keys": ["list1"]}],
}


def configuration(type_: str = "iat-rectangle", *, sequence: bool = False, layout: Any = None) -> Json:
    """A project's configuration."""
    metadata: Json = {"labelOptions": LABELS, "toolOptions": {"sequence": sequence}}
    if layout is not None:
        metadata = {"inputsLayout": layout}
    return {"_id": "cfg1", "projectType": type_, "metadata": metadata, "updatedAt": "2026-01-01T00:00:00.000Z"}


def box(x: float, y: float, label: str = "car", uid: str = "r1") -> Json:
    """A labelled rectangle."""
    return {
        "uid": uid,
        "color": "#FF0000",
        "text": label,
        "polygons": [
            {"id": f"p-{uid}", "geometry": {"type": "rectangle", "vertices": [x, y, x + 0.2, y + 0.3]}, "groupId": "g"}
        ],
        "labels": {"vehicles": {"labels": [{"id": label, "name": label}], "children": {"color": {"labels": [RED]}}}},
    }


RED = {"id": "red", "name": "Red"}


def data(at: str, user: Any, *annotations: Json, type_: str = "default", **body: Any) -> Json:
    """What somebody saved."""
    return {
        "createdAt": at,
        "type": type_,
        "projectType": "iat-rectangle",
        "user": user,
        "body": {"annotations": list(annotations), "image": {"width": 1000, "height": 500}, **body},
    }


def job(id_: str, type_: str, at: str | None, who: Any, history: Any = ()) -> Json:
    """A job, done when it has a time."""
    state = {"completedAt": at, "completedBy": who} if at else {}
    status = "complete" if at else "pending"
    return {"_id": id_, "type": type_, "status": status, "state": state, "history": list(history)}


def task(number: int, status: str = "complete", **more: Any) -> Json:
    """A task of the project."""
    return {
        "_id": f"task{number:04}",
        "name": f"img{number}.jpg",
        "status": status,
        "createdAt": f"2026-02-01T10:{number % 60:02}:00.000Z",
        "updatedAt": f"2026-02-02T10:{number % 60:02}:00.000Z",
        "batchId": "batch1",
        "projectId": PROJECT,
        "resources": [f"https://files.example.org/a/{number}.jpg"],
        "properties": {"site": "north"},
        "jobs": [],
        "metrics": {},
        **more,
    }


def tasks() -> list[Json]:
    """A task of every kind."""
    reworked = [
        {"action": "assigned", "date": "2026-02-01T11:00:00.000Z", "user": BEN, "assignedTo": ANN},
        {"action": "started", "date": "2026-02-01T11:01:00.000Z", "user": ANN},
        {"completedAt": "2026-02-01T11:05:00.000Z", "completedBy": ANN},
        {"action": "reset", "date": "2026-02-01T11:30:00.000Z", "user": BEN},
        {"status": "complete", "date": "2026-02-01T12:00:00.000Z", "user": ANN},
        {"action": "teleported", "date": "not a time", "user": "u-ann"},
    ]
    jobs = [
        job("j2a", "annotation", "2026-02-01T12:00:00.000Z", ANN, reworked),
        job("j2r", "review", "2026-02-01T13:00:00.000Z", BEN),
    ]
    return [
        task(1, data=data("2026-02-01T11:00:00.000Z", ANN, box(0.1, 0.1), box(0.5, 0.2, "bus", "r2"))),
        task(
            2,
            "reviewed",
            resources=[SIGNED, {"id": "f1", "name": "two.png"}],
            jobs=jobs,
            metrics={"duration": 42.5},
            data=data("2026-02-01T13:00:00.000Z", BEN, box(0.2, 0.2), type_="review", mask=MASK),
        ),
        task(3, "pending"),
        task(4, "configuring", data=None),
        task(5, "to-review", data=data("2026-02-01T09:00:00", NOBODY, box(0.3, 0.3))),
        task(6, name="émoji 🐕 \u202eשלום\x00", data=data("2099-01-01T00:00:00Z", None)),
        task(7, _id="TASK0001", createdAt="yesterday", data=data("2026-02-03T00:00:00+05:30", ANN, box(0.4, 0.4))),
    ]


def account(*more: Json) -> Account:
    """The platform with one project and its tasks."""
    project = {"_id": PROJECT, "name": "Street", "description": "Cars", "status": "pending", "type": "iat-rectangle"}
    secret = {"url": "https://example.org/hook", "header": SECRET_HEADER}
    batch = {"_id": "batch1", "name": "First", "projectId": PROJECT, "status": "pending", "webhook": secret, "done": 3}
    return Account(
        projects={PROJECT: {**project, "progress": 0.5}},
        configurations={PROJECT: configuration()},
        batches=[batch],
        tasks=[*tasks(), *more],
    )
