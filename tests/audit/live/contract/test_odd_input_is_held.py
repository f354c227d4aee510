"""Odd names, times, people and ids are held as they came, whatever platform they come from."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from audit.live.run import sync
from audit.log.verify import verify
from audit.models import Disclosure, Event, Mode, Task
from tests.audit.live.contract.bench import Bench
from tests.audit.live.contract.odd import EMAIL, NAME, odd

TEXTS = {
    "characters of every sort": '👩🏽‍🚀 \u202eשלום\u202c مرحبا e\u0301\u0323 tab\tline\nbell\x07 "><b>\\u0041</b>',
    "NUL": "before\x00after.jpg",
    "a token of ours": "@p:abcdefghijklmnop/name",
    "long": "x" * 3_000,
}
TIMES = {
    "2026-03-02T08:00:00": "2026-03-02T08:00:00+00:00",
    "2026-03-02T08:00:00+05:30": "2026-03-02T02:30:00+00:00",
    "2999-01-01T00:00:00Z": "2999-01-01T00:00:00+00:00",
    "yesterday": None,
    "2026-02-30T08:00:00Z": None,
}


@pytest.mark.parametrize("what", TEXTS)
def test_names_of_every_script_are_held(bench: Bench, what: str) -> None:
    told = odd(bench)
    told.name(TEXTS[what])
    sync(bench.project, Mode.FULL)
    task = Task.objects.get(project=bench.project, external_id=told.task)
    assert task.name[:1_000] == TEXTS[what].replace("\x00", "\ufffd")[:1_000][: len(task.name)]
    assert task.name
    assert verify(bench.project.log).holds
    assert sync(bench.project, Mode.FULL).added == 0


@pytest.mark.parametrize("written", TIMES)
def test_times_keep_their_text_and_mean_what_they_say(bench: Bench, written: str) -> None:
    told = odd(bench)
    told.time(written)
    sync(bench.project, Mode.FULL)
    events = Event.objects.filter(log__project=bench.project, task__external_id=told.task, type=told.timed)
    meant = TIMES[written]
    if meant is None:
        assert [json.loads(bytes(event.envelope))["occurred_at"] for event in events] in ([], [None])
    else:
        (event,) = events
        assert json.loads(bytes(event.envelope))["occurred_at"] == written
        assert event.occurred_at == datetime.fromisoformat(meant)
    assert verify(bench.project.log).holds
    assert sync(bench.project, Mode.FULL).added == 0
    bench.project.refresh_from_db()
    assert bench.project.watermark is not None
    assert bench.project.watermark <= datetime.now(UTC) or bench.kind == "redbrick", "no event moves the watermark"


def test_a_person_without_an_id_does_no_harm_and_stays_in_no_stored_bytes(bench: Bench) -> None:
    odd(bench).person(EMAIL, NAME)
    assert sync(bench.project, Mode.FULL).state == "succeeded"
    rows = Disclosure.objects.filter(event__log__project=bench.project)
    kept = b"\n".join(bytes(data) for data in rows.values_list("data", flat=True))
    assert EMAIL.encode() not in kept
    assert sync(bench.project, Mode.FULL).added == 0


def test_ids_that_differ_only_in_case_are_two_tasks(bench: Bench) -> None:
    told = odd(bench)
    if told.ids is None:
        return  # Ids are numbers there.
    told.ids("Täsk-a", "täsk-A")
    sync(bench.project, Mode.FULL)
    tasks = Task.objects.filter(project=bench.project, external_id__in=["Täsk-a", "täsk-A"]).exclude(status="deleted")
    assert tasks.count() == 2
    assert sync(bench.project, Mode.FULL).added == 0
