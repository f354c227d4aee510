from __future__ import annotations

import json
from collections import Counter
from hashlib import sha256

from audit import demo
from audit.eventtypes import TYPES


def test_it_is_the_same_every_time() -> None:
    first, second = (sha256(b"".join(demo.events())).hexdigest() for _ in range(2))
    assert first == second


def test_its_events_are_ours_and_in_order() -> None:
    last: dict[str, str] = {}
    for line in demo.events():
        event = json.loads(line)
        assert event["event"] in TYPES
        assert last.get(event["task"], "") <= event["time"]
        last[event["task"]] = event["time"]
    assert len(last) == 260


def test_it_shows_what_a_project_goes_through() -> None:
    kinds = Counter(json.loads(line)["event"] for line in demo.events())
    wanted = {"task.assigned", "task.reassigned", "rework.submitted", "review.corrected", "comment.added", "task.moved"}
    assert wanted <= set(kinds)


def test_event_ids_are_unique() -> None:
    ids = Counter(json.loads(line)["event_id"] for line in demo.events())
    assert max(ids.values()) == 1
