"""Pictures with boxes and polygons, as Kili answers them: what formats of labels are measured with. Stdlib only."""

from __future__ import annotations

import math
import random
from typing import Any

WIDTH, HEIGHT = 1920, 1080
BOXES, POLYGONS, CORNERS = 10, 3, 16
CLASSES = ("CAR", "BUS", "TRAM")
JOBS = {"BOX": "rectangle", "POLY": "polygon"}
Json = dict[str, Any]


def settings(title: str = "Bench") -> Json:
    """A project with a job of boxes and one of polygons."""
    jobs = {
        key: {
            "mlTask": "OBJECT_DETECTION",
            "tools": [tool],
            "instruction": "",
            "required": 1,
            "isChild": False,
            "content": {"input": "radio", "categories": {name: {"name": name} for name in CLASSES}},
        }
        for key, tool in JOBS.items()
    }
    return {"id": "bench", "title": title, "inputType": "IMAGE", "jsonInterface": {"jobs": jobs}}


def asset(number: int) -> Json:
    """An asset with its label as an object, always the same for a number."""
    rng = random.Random(number)

    def annotation(points: list[Json], kind: str, place: int) -> Json:
        return {
            "categories": [{"name": rng.choice(CLASSES), "confidence": 100}],
            "mid": f"{number:08d}-{place:05d}",
            "type": kind,
            "children": {},
            "boundingPoly": [{"normalizedVertices": points}],
        }

    boxes, polygons = [], []
    for place in range(BOXES):
        x, y, width, height = rng.uniform(0, 0.7), rng.uniform(0, 0.7), rng.uniform(0.01, 0.3), rng.uniform(0.01, 0.3)
        corners = [(x, y + height), (x, y), (x + width, y), (x + width, y + height)]
        boxes.append(annotation([{"x": a, "y": b} for a, b in corners], "rectangle", place))
    for place in range(POLYGONS):
        x, y = rng.uniform(0.2, 0.8), rng.uniform(0.2, 0.8)
        turns = [2 * math.pi * corner / CORNERS for corner in range(CORNERS)]
        radii = [rng.uniform(0.05, 0.2) for _ in turns]
        ring = [{"x": x + r * math.cos(t), "y": y + r * math.sin(t)} for r, t in zip(radii, turns, strict=True)]
        polygons.append(annotation(ring, "polygon", BOXES + place))
    label = {
        "id": f"label-{number}",
        "labelType": "DEFAULT",
        "createdAt": "2026-03-01T08:00:00.000Z",
        "author": {"id": "u1", "email": "amara@example.org", "firstname": "Amara", "lastname": "Okafor"},
        "jsonResponse": {"BOX": {"annotations": boxes}, "POLY": {"annotations": polygons}},
    }
    return {
        "id": f"asset-{number}",
        "externalId": f"image_{number:07d}.jpg",
        "content": f"https://media.example.org/{number}.jpg",
        "resolution": {"width": WIDTH, "height": HEIGHT},
        "status": "LABELED",
        "labels": [label],
    }
