"""Several writers of one log: no gap, nothing twice, every root right; readers see whole batches."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event as Signal

import pytest
from django.db import connection

from audit.log import append, merkle, proof
from audit.log.append import Appender
from audit.log.checkpoint import check, sign
from audit.log.create import create_project
from audit.log.envelope import unseal
from audit.log.verify import verify
from audit.models import Checkpoint, Log, Person, Project, Task
from audit.sources.base import PersonRef, SourceEvent
from tests.audit.log.tables import envelopes, trail
from tests.factories import make_event, make_project, worked_task

pytestmark = pytest.mark.django_db(transaction=True)
WRITERS = 4


def at_once(works: list[Callable[[], object]]) -> list[object]:
    """Run each in a thread with a connection of its own."""

    def run(work: Callable[[], object]) -> object:
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return [future.result(timeout=120) for future in [pool.submit(run, work) for work in works]]


def load(project: Project, events: list[SourceEvent]) -> tuple[int, int]:
    with Appender(project) as log:
        for event in events:
            log.add(event)
    return log.added, log.known


def check_log(project: Project) -> None:
    held = envelopes(project)
    log = Log.objects.get(project=project)
    assert verify(log).problems == []
    assert log.size == len(held)
    assert proof.root_at(log, log.size) == merkle.root_of(merkle.leaf_hash(data) for data in held)
    keys = [(envelope.task, envelope.source_key) for envelope in map(unseal, held)]
    assert len(set(keys)) == len(keys)
    for task in Task.objects.filter(project=project):
        assert [event.n for event in trail(project, task.external_id)] == list(range(1, task.events + 1))


def test_writers_of_the_same_events_store_them_once(monkeypatch):
    monkeypatch.setattr(append, "BATCH", 16)
    project = make_project()
    events = [event for task in range(12) for event in worked_task(f"T{task}")]
    done = at_once([lambda: load(project, events)] * WRITERS)
    assert sum(added for added, _ in done) == len(events)
    assert all(added + known == len(events) for added, known in done)
    check_log(project)


def test_writers_of_different_events_of_the_same_tasks_leave_no_gap(monkeypatch):
    monkeypatch.setattr(append, "BATCH", 7)
    project = make_project()

    def events(writer: int) -> list[SourceEvent]:
        people = [PersonRef(f"p{number}", name=f"Person {number}") for number in range(writer, writer + 3)]
        return [
            make_event(f"T{task}", minute=minute, actor=people[minute % 3], source_type=f"W{writer}")
            for task in range(6)
            for minute in range(5)
        ]

    done = at_once([lambda writer=writer: load(project, events(writer)) for writer in range(WRITERS)])
    assert done == [(30, 0)] * WRITERS
    check_log(project)
    assert Person.objects.filter(project=project).count() == WRITERS + 2
    assert sorted(Task.objects.filter(project=project).values_list("number", flat=True)) == [1, 2, 3, 4, 5, 6]


def test_projects_of_one_source_are_written_at_the_same_time(monkeypatch):
    monkeypatch.setattr(append, "BATCH", 5)
    first = make_project()
    projects = [first, *(create_project(first.source, f"P{number}", f"P{number}") for number in range(3))]
    people = [PersonRef(f"p{number}", email=f"p{number}@x.org", name=f"Pérson {number}") for number in range(8)]

    def events(turn: int) -> list[SourceEvent]:
        spelled = [b'{"by":"P\\u00e9rson %d"}', b'{"by":"P\\u00E9rson %d"}', '{"by":"Pérson %d"}'.encode()]
        ordered = people if turn % 2 else people[::-1]
        return [
            make_event(
                f"T{at}", minute=minute, actor=ref, content=spelled[(turn + minute) % 3] % int(ref.external_id[1:])
            )
            for minute in range(3)
            for at, ref in enumerate(ordered)
        ]

    done = at_once([lambda turn=turn: load(projects[turn], events(turn)) for turn in range(4)])
    assert done == [(24, 0)] * 4
    for project in projects:
        check_log(project)


def test_a_reader_verifies_whole_batches_while_they_are_written(monkeypatch):
    monkeypatch.setattr(append, "BATCH", 40)
    project = make_project()
    events = [event for task in range(150) for event in worked_task(f"T{task}")]
    over = Signal()

    def write() -> None:
        try:
            load(project, events)
        finally:
            over.set()

    def read() -> list[tuple[int, list[object]]]:
        seen = []
        while not over.is_set():
            result = verify(project.log)
            seen.append((result.size, result.problems))
            sign(project.log)
        return seen

    _, seen = at_once([write, read])
    assert [problems for _, problems in seen] == [[]] * len(seen)
    assert [size % 40 for size, _ in seen] == [0] * len(seen)
    log = Log.objects.get(project=project)
    for checkpoint in Checkpoint.objects.filter(log=log):
        check(log, checkpoint)
    check_log(project)


def test_the_same_size_is_signed_once():
    project = make_project(worked_task(), signed=False)
    notes = at_once([lambda: sign(project.log).note] * WRITERS)
    assert len(set(notes)) == 1
    assert Checkpoint.objects.filter(log=project.log).count() == 1
