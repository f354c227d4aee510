"""Whichever statement of an append fails, nothing of its batch is stored, and the same append then works."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection
from django.db.backends.base.base import BaseDatabaseWrapper

from audit.log.append import Appender
from audit.log.copies import Copies
from audit.log.verify import verify
from audit.models import Project
from tests.audit.log.tables import contents
from tests.factories import AMARA, make_event, make_project, time_event, worked_task

pytestmark = pytest.mark.django_db(transaction=True)


class Broken(OperationalError):
    """What a statement fails with here."""


class Breaker:
    """Lets `count` statements pass, then fails one, before or after the server has done it."""

    def __init__(self, count: int, *, after: bool) -> None:
        self.count = count
        self.after = after
        self.broke = False

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        return self.around(lambda: execute(sql, params, many, context))

    def around(self, work: Any) -> Any:
        self.count -= 1
        if self.count == -1:
            self.broke = True
            if self.after:
                work()
            raise Broken
        return work()


@contextmanager
def failing(breaker: Breaker, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every statement of Django's, each step of a COPY, and the commit go through the breaker."""
    places = [(psycopg.Copy, "write"), (Copies, "_begin"), (Copies, "_take")]
    # A COPY that is not ended would leave the connection in the middle of it; nothing fails after a commit.
    places.append((psycopg.Copy, "finish") if breaker.after else (BaseDatabaseWrapper, "_commit"))
    with monkeypatch.context() as patch, connection.execute_wrapper(breaker):
        for owner, name in places:
            original = getattr(owner, name)
            patch.setattr(
                owner, name, lambda self, *given, original=original: breaker.around(lambda: original(self, *given))
            )
        yield


def everything(project: Project) -> list[Any]:
    """A batch that touches every table, of tasks that are there and of new ones."""
    return [
        *worked_task("T1"),
        make_event("T1", "task.updated", 200, content=b'{"name":"Lungs"}', derived=True),
        time_event("T1", 210, 500, AMARA, type_="time.revised", cycle=2),
        *(event for task in range(2, 40) for event in worked_task(f"T{task}")),
        make_event(None, "project.updated", content=b'{"name":"Chest","zone":"Europe/Paris"}', derived=True),
    ]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_statement_that_fails_leaves_the_log_as_it_was(monkeypatch, after):
    project = make_project(worked_task("T1")[:5])
    events = everything(project)
    before = contents()
    fails = 0
    while True:
        breaker = Breaker(fails, after=after)
        log = Appender(project)
        with failing(breaker, monkeypatch):
            for event in events:
                log.add(event)
            try:
                log.flush()
            except Broken:
                pass
        if not breaker.broke:
            break
        assert contents() == before, f"statement {fails} failed"
        fails += 1
    assert fails > 20, "a batch is many statements"
    assert (log.added, log.known) == (len(events) - 5, 5)
    assert verify(project.log).problems == []


def test_the_same_appender_goes_on_after_each_failure(monkeypatch):
    project = make_project(worked_task("T1")[:5])
    events = everything(project)
    log = Appender(project)
    for fails in range(0, 30, 3):
        with failing(Breaker(fails, after=False), monkeypatch), pytest.raises(Broken):
            for event in events:
                log.add(event)
            log.flush()
    for event in events:
        log.add(event)
    log.flush()
    assert (log.added, log.known) == (len(events) - 5, 5)
    assert verify(project.log).problems == []
