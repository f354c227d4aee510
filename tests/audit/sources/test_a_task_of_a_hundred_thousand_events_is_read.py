"""A task may have a hundred thousand events, of whatever platform: each is one of its history, in order of time.

Those of Kili and Labelbox are in their own folders.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from audit.sources.base import SourceEvent
from audit.sources.diffgram.events import history_of as diffgram_history
from audit.sources.diffgram.people import members_of
from audit.sources.diffgram.rows import TaskRows, history_of_rows
from audit.sources.isahit import history_of as isahit_history
from audit.sources.isahit.project import project_of as isahit_project
from audit.sources.redbrick import events_of
from audit.sources.redbrick.project import project_of as redbrick_project
from tests.fakes.diffgram_story import row
from tests.fakes.isahit_story import configuration, job, task

MANY = 100_000
START = datetime(2026, 2, 1, tzinfo=UTC)
NOBODY = members_of([], called=False)


def at(number: int) -> str:
    """A time of its own, the last ones first."""
    return (START + timedelta(minutes=MANY - number)).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def raw(value: Any) -> bytes:
    """A payload."""
    return json.dumps(value).encode()


def redbrick() -> tuple[str, list[SourceEvent]]:
    """Comments on a task of RedBrick."""
    rows = [{"__typename": "Comment", "commentId": f"c{n}", "createdAt": at(n), "textVal": "?"} for n in range(MANY)]
    told = {"taskId": "t", "currentStageName": "Label", "datapoint": {"name": "A"}, "genericEvents": rows}
    return "comment.added", list(events_of(raw(told), redbrick_project(b'{"stages": []}')))


def isahit() -> tuple[str, list[SourceEvent]]:
    """Entries of a job's history at isahit lab."""
    entries = [{"action": "saved", "date": at(n), "user": "u-ann"} for n in range(MANY)]
    told = task(1, jobs=[job("j", "annotation", None, None, entries)])
    return "task.saved", list(isahit_history(raw(told), isahit_project(raw(configuration()))).events)


def diffgram() -> tuple[str, list[SourceEvent]]:
    """Events of Diffgram's feed, which has days only."""
    rows = [
        raw({"id": n, "kind": "task_in_progress", "task_id": 50, "member_id": None, "time_created": at(n)[:10]})
        for n in range(MANY)
    ]
    return "task.started", list(diffgram_history(raw(row(50, 1, None, "in_progress")), b"null", rows, NOBODY).events)


def diffgram_tables() -> tuple[str, list[SourceEvent]]:
    """Rows of both of Diffgram's tables of events, none of which is the same fact as another."""
    half = MANY // 2
    kinds = {"kind": "task_in_progress", "event_type": "task_in_progress"}
    rows = [raw({"id": n, **kinds, "time_created": at(20 * n)}) for n in range(half)]
    others = [raw({"id": n, **kinds, "time_created": at(20 * n + 10)}) for n in range(half)]
    told = TaskRows(task=raw({"id": 50, "status": "in_progress"}), file={}, task_events=rows, events=others)
    return "task.started", list(history_of_rows(told, NOBODY, START).events)


@pytest.mark.parametrize("tell", [redbrick, isahit, diffgram, diffgram_tables])
def test_each_of_them_is_in_its_history(tell: Callable[[], tuple[str, list[SourceEvent]]]) -> None:
    type_, events = tell()
    found = [opening for event in events if (opening := event.opening()) is not None and opening.type == type_]
    assert len(found) == MANY
    instants = [event.instant for event in found]
    assert all(before is not None and after is not None and before <= after for before, after in pairwise(instants))
