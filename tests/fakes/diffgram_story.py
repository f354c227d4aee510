"""An invented project of Diffgram: a job with a file of each type of an export, another one with plain pictures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.fakes.diffgram import PROJECT, Installation, Json

GOLDEN = Path(__file__).parents[1] / "golden" / "diffgram"
ANN: Json = {
    "id": 5,
    "member_id": 7,
    "email": "ann@example.org",
    "first_name": "Ann",
    "last_name": "Lee",
    "username": "annlee",
    "member_kind": "human",
    "permission_level": ["Editor"],
}
BEN: Json = {**ANN, "id": 6, "member_id": 8, "email": "ben@example.org", "first_name": "Ben", "last_name": "Ode"}
BEN["username"] = None
API: Json = {"id": None, "member_id": 9, "member_kind": "api", "client_id": "LIVE__client"}
KINDS = ("task_created", "task_in_progress", "task_completed", "task_review_start", "task_request_changes")
KINDS += ("task_completed", "task_review_complete", "task_comment_created")


def exported() -> Json:
    """The composed export."""
    found: Json = json.loads((GOLDEN / "export.json").read_bytes())
    return found


def row(id_: int, file: int, packet: Any, status: str = "complete", **more: Any) -> Json:
    """A task as lists show it; `_file` is for the fake alone."""
    about = packet["file"] if packet else {"id": file, "type": "audio", "original_filename": "sound.mp3"}
    signed = f"https://storage.example.com/{file}?X-Amz-Signature=abc"
    return {
        "_file": file,
        "id": id_,
        "task_type": "draw",
        "job": {"id": 12, "name": "Pilot labels"},
        "status": status,
        "incoming_directory": {"nickname": "Default", "id": 41},
        "time_updated": f"2026-03-03 09:{id_ % 60:02}:00.250000",
        "time_completed": "None",
        "time_created": f"2026-03-01T08:{id_ % 60:02}:00.500000",
        "assignee_user_id": 5,
        "file": {**about, "image": {"url_signed": signed, "url_signed_expiry": 1775000000}},
        "task_assignees": [{"id": id_, "user_id": 5, "task_id": id_, "relation": "assignee", "user": dict(ANN)}],
        "task_reviewers": [],
        **more,
    }


def event(id_: int, kind: str, day: str, task: int | None = None, member: int | None = 7) -> Json:
    """An event of the feed: a day, no time of day."""
    return {"id": id_, "kind": kind, "task_id": task, "member_id": member, "project_id": 3, "time_created": day}


def picture(id_: int, *instances: Json) -> Json:
    """The packet of a picture."""
    name = f"plain{id_}.jpg"
    address = f"https://storage.example.com/{name}?X-Amz-Signature=abc"
    about = {"id": id_, "original_filename": name, "blob_url": address, "ann_is_complete": True, "type": "image"}
    return {
        "file": about,
        "image": {"width": 100, "height": 50, "image_signed_url": address, "original_filename": name},
        "instance_list": list(instances),
    }


def box(id_: int, x: int, label: int = 501, **more: Any) -> Json:
    """A box of 10 by 10 pixels."""
    corners = {"x_min": x, "y_min": 5, "x_max": x + 10, "y_max": 15}
    return {"id": id_, "type": "box", "attribute_groups": None, "label_file_id": label, **corners, **more}


def installation() -> Installation:
    """The platform with one project."""
    export = exported()
    packets: dict[int, Any] = {int(key): value for key, value in export.items() if key.isdecimal()}
    packets |= {4000 + n: picture(4000 + n, *([box(n, n)] if n % 2 else [])) for n in range(5)}
    packets[3007] = None  # A file of audio: exports have nothing of it.
    first = [row(50 + n, file, packets[file]) for n, file in enumerate((3001, 3002, 3003, 3004, 3005, 3006))]
    first.append(row(56, 3007, None, "in_progress"))
    plain = [row(60 + n, 4000 + n, packets[4000 + n], "available", job={"id": 13, "name": "Plain"}) for n in range(5)]
    plain[4] |= {"status": "archived"}
    events = [event(100 + n, kind, f"2026-03-0{1 + n // 3}", 50) for n, kind in enumerate(KINDS)]
    events += [event(200, "new_project", "2026-02-28"), event(201, "user_visit", "2026-03-01", None, 8)]
    events += [
        event(202, "export_generation", "2026-03-04", None, 9),
        event(203, "task_completed", "2026-03-04", 64, 9),
    ]
    labels = [
        {"id": 501, "colour": {"hex": "#194D33"}, "label": {"id": 71, "name": "Car"}, "type": "label"},
        {"id": 502, "colour": {"hex": "#e27300"}, "label": {"id": 72, "name": "Lane"}, "type": "label"},
    ]
    jobs = [
        {"id": 12, "name": "Pilot labels", "status": "active", "type": "Normal", "stat_count_tasks": 6},
        {"id": 13, "name": "Plain 🐕", "status": "complete", "type": "Normal", "member_list": [ANN]},
    ]
    return Installation(
        project={
            "id": 3,
            "name": "Fixtures",
            "project_string_id": PROJECT,
            "readme": "Pictures of roads",
            "user_primary": {"username": "annlee"},
            "member_list": [dict(ANN), dict(BEN), dict(API)],
            "directory_list": [],
            "star_count": 1,
        },
        labels=labels,
        groups=export["attribute_groups_reference"],
        directories=[{"id": 41, "directory_id": 41, "nickname": "Default", "created_time": "2026-03-01T08:00:00"}],
        jobs=jobs,
        tasks={12: first, 13: plain},
        packets=packets,
        events=events,
    )
