"""Times of one task stand on several pages: what a page says is compared with what the pages before it said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import orjson
import pytest
from msgspec.structs import replace

from audit.demo.redbrick import FakeRedBrick
from audit.live import passes
from audit.live.run import sync
from audit.log.verify import verify
from audit.models import ActiveTime, Event, Mode, Project
from audit.sources.base import SourceEvent
from audit.sources.redbrick.activetime import time_event
from audit.sources.redbrick.live import RedBrickSource
from audit.sources.redbrick.project import RedBrickProject

Row = tuple[str, int | None, str]
"""A task, milliseconds (None: the platform does not say how many), and what the source calls such a row."""


@pytest.fixture
def tasks(fake: FakeRedBrick, project: Project, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The tasks of a project that was read without its times."""
    told(monkeypatch, [])
    sync(project, Mode.FULL)
    return sorted(project.task_set.values_list("external_id", flat=True))


def told(monkeypatch: pytest.MonkeyPatch, pages: Sequence[Sequence[Row]]) -> None:
    """From now on these are the platform's times, page by page: one person's, at one stage."""

    def time_pages(self: RedBrickSource) -> Iterator[tuple[SourceEvent, ...]]:
        for page in pages:
            yield tuple(row(self.project(), *found) for found in page)

    monkeypatch.setattr(RedBrickSource, "time_pages", time_pages)


def row(project: RedBrickProject, task: str, milliseconds: int | None, kind: str) -> SourceEvent:
    found = {"taskId": task, "user": {"userId": "somebody"}, "timeSpent": milliseconds, "cycle": 0, "date": None}
    event = time_event(orjson.dumps(found), "Label", project)
    assert event.version is not None
    assert event.version.first is not None
    first = replace(event.version.first, source_type=kind)
    version = replace(event.version, thing=f"{kind} {event.version.thing}", first=first)
    return replace(event, source_type=kind, version=version)


@pytest.mark.parametrize("batch", [1, 1_000])
@pytest.mark.parametrize(
    ("came", "kept"),
    [
        ([1_000, 1_000], ["time.recorded"]),
        ([1_000, 2_000], ["time.recorded", "time.revised"]),
        ([1_000, 2_000, 1_000], ["time.recorded", "time.revised", "time.revised"]),
        ([1_000, 2_000, 2_000], ["time.recorded", "time.revised"]),
    ],
)
def test_a_time_is_revised_when_a_later_page_says_another(
    project: Project, tasks: list[str], monkeypatch: pytest.MonkeyPatch, batch: int, came: list[int], kept: list[str]
) -> None:
    monkeypatch.setattr(passes, "TIME_BATCH", batch)
    told(monkeypatch, [[(tasks[0], time, "TIME"), (tasks[n], 7, "TIME")] for n, time in enumerate(came, 1)])
    sync(project, Mode.FULL)
    of_task = Event.objects.filter(log__project=project, task__external_id=tasks[0], source_type="TIME")
    assert list(of_task.order_by("id").values_list("type", flat=True)) == kept
    now = ActiveTime.objects.filter(task__external_id=tasks[0], task__project=project, to_index=None)
    assert list(now.values_list("milliseconds", flat=True)) == came[-1:]
    assert verify(project.log).problems == []


@pytest.mark.parametrize("batch", [1, 1_000])
def test_a_later_page_with_rows_of_another_kind_adds_only_what_is_new(
    project: Project, tasks: list[str], monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    monkeypatch.setattr(passes, "TIME_BATCH", batch)
    told(monkeypatch, [[(tasks[0], 1_000, "TIME"), (tasks[0], None, "IDLE")], [(tasks[0], None, "AWAY")]])
    assert sync(project, Mode.FULL).added == 3 + 1, "the rows, and the end of the pass"
    told(monkeypatch, [[(tasks[0], 1_000, "TIME")], [(tasks[0], None, "AWAY")]])
    assert sync(project, Mode.FULL).added == 0
