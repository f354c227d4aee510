"""Examples of what the API answers of the record, for its description. A test holds them against their schemas."""

from __future__ import annotations

from typing import Any

from audit.api.describe import PROBLEMS, add_examples

PERSON = {
    "id": 3,
    "pseudonym": "kq3v7m2xw4ahz5nt",
    "label": "Amara Okafor",
    "name": "Amara Okafor",
    "email": "amara@example.org",
    "external_id": "018f6a2e-77d1",
    "erased": False,
}
TASK_REF = {"id": 41, "external_id": "018f6a2e-6c9a", "name": "chest-0041"}
ORIGIN = "labeltrail.example/7d1c5a1e-5f0e-4f38-9d2f-0a4b2a8b3f61/0b0f7c5e-8b7e-4b53-93b5-3f5b0c1f7a10"
HASH = "Vd0y2mYcQ0w9m6C0Yb6m3xw1f0t1pX1vZ7n8q5r2s3U="
RUN: dict[str, Any] = {
    "state": "succeeded",
    "attempts": 1,
    "progress": {"step": "publishing", "done": 0, "total": None, "unit": ""},
    "rate": None,
    "eta": None,
    "message": "",
    "error": None,
    "created_by": "amara, token “nightly”",
    "created_at": "2026-03-31T02:00:00.118Z",
    "started_at": "2026-03-31T02:00:00.204Z",
    "finished_at": "2026-03-31T02:00:07.911Z",
}
_SCHEDULE = {
    "mode": "full",
    "minutes": None,
    "at": "02:00",
    "zone": "Europe/Berlin",
    "weekday": None,
    "words": "daily at 02:00 (Europe/Berlin)",
    "next_at": "2026-04-01T00:00:00Z",
    "paused": False,
    "missed": "",
}
_EVENT = {
    "id": 1099511630291,
    "index": 2515,
    "task": TASK_REF,
    "n": 5,
    "type": "review.rejected",
    "source_type": "TASK_REJECTED",
    "sentence": "Amara Okafor rejected it at Review_1.",
    "occurred_at": "2026-03-02T09:30:00Z",
    "occurred_text": "2026-03-02T09:30:00.000Z",
    "received_at": "2026-03-02T10:00:00.412371Z",
    "actor": PERSON,
    "actor_kind": "person",
    "assignee": None,
    "stage": "Review_1",
    "to_stage": "Label",
    "cycle": 1,
    "derived": False,
    "superseded": None,
    "late": False,
    "text": "Lesion 2 is missing.",
    "envelope": '{"actor":"kq3v7m2xw4ahz5nt","actor_kind":"person","assignee":null,…}',
}
EXAMPLES: dict[str, Any] = {
    "Problem": PROBLEMS[400],
    "Project": {
        "id": 7,
        "source": "RedBrick AI",
        "kind": "redbrick",
        "external_id": "018f6a2e-0000",
        "name": "Chest CT, lesions",
        "description": "",
        "zone": "",
        "stages": ["Label", "Review_1", "Ground Truth"],
        "tasks": 312,
        "events": 2516,
        "last_at": "2026-03-02T09:30:00Z",
        "created_at": "2026-01-10T12:00:00Z",
        "log": {
            "origin": ORIGIN,
            "size": 2516,
            "checkpoint_size": 2516,
            "checkpoint_at": "2026-03-02T10:00:01Z",
        },
    },
    "Task": {
        "id": 41,
        "project": 7,
        "external_id": "018f6a2e-6c9a",
        "number": 41,
        "name": "chest-0041",
        "stage": "Label",
        "status": "sent back",
        "assignee": PERSON,
        "cycle": 1,
        "events": 5,
        "first_at": "2026-03-02T08:00:00Z",
        "last_at": "2026-03-02T09:30:00Z",
        "dated": True,
        "active_ms": 1_800_000,
        "from_index": 2100,
        "last_index": 2515,
    },
    "Event": _EVENT,
    "ActiveTime": {
        "id": 1099511630288,
        "index": 2512,
        "project": 7,
        "task": TASK_REF,
        "person": PERSON,
        "stage": "Label",
        "cycle": 1,
        "milliseconds": 1_800_000,
        "started_at": None,
        "ended_at": None,
        "recorded_at": "2026-03-02T08:40:00Z",
    },
    "Label": {
        "id": 1099511630290,
        "index": 2514,
        "project": 7,
        "task": TASK_REF,
        "external_id": "d0000000-0301",
        "number": 1,
        "kind": "REVIEW",
        "person": PERSON,
        "created_at": "2026-03-02T09:30:00Z",
        "milliseconds": 420_000,
        "stage": "Review_1",
        "skipped": False,
        "sent_back": False,
        "until": None,
        "payload": None,
    },
    "InclusionProof": {"index": 2, "size": 4, "leaf": HASH, "root": HASH, "path": [HASH, HASH]},
    "ConsistencyProof": {"from_size": 2, "to_size": 4, "from_root": HASH, "to_root": HASH, "path": [HASH]},
    "ProjectMedia": {"policy": "on_export"},
    "ProjectSchedules": {"incremental": None, "full": _SCHEDULE},
    "ProjectSchedulesRequest": {
        "incremental": {"minutes": 15},
        "full": {"at": "02:00", "zone": "Europe/Berlin"},
    },
    "Source": {
        "id": 2,
        "kind": "redbrick",
        "name": "RedBrick AI",
        "base_url": "https://api.redbrickai.com",
        "account": "018f6a2d-0000",
        "live": True,
        "has_key": True,
        "projects": [
            {
                "id": 7,
                "name": "Chest CT, lesions",
                "external_id": "018f6a2e-0000",
                "complete_at": "2026-03-31T00:00:01Z",
                "watermark": "2026-03-31T00:00:01Z",
                "schedules": [_SCHEDULE],
            }
        ],
    },
    "SyncRequest": {"project": 7, "mode": "incremental"},
    "SyncRun": {
        **RUN,
        "id": 88,
        "project": 7,
        "mode": "full",
        "found": 2516,
        "added": 41,
        "result": {"tasks": 312, "deleted": 0, "diverged": 0},
    },
}


def add(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Give the record's shapes their examples."""
    return add_examples(result, EXAMPLES)
