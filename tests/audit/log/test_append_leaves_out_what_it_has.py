"""A source that is read again adds what is new, nothing twice; equals in a history are told apart by counting."""

from __future__ import annotations

import hmac
import json

import pytest

from audit.log.append import Appender
from audit.log.envelope import unseal
from audit.log.keys import SourceKeys
from audit.log.verify import verify
from audit.models import Project
from audit.people.identity import project_key, pseudonym_of
from tests.audit.log.tables import contents, envelopes, trail
from tests.factories import AMARA, MEI, make_event, make_project, worked_task

pytestmark = pytest.mark.django_db


def load(project: Project, events: list) -> tuple[int, int]:
    with Appender(project) as log:
        for event in events:
            log.add(event)
    return log.added, log.known


def keys(project: Project, task: str | None = "T1") -> list[str]:
    return [unseal(bytes(event.envelope)).source_key for event in trail(project, task)]


def test_loading_again_changes_no_row():
    events = [*worked_task("T1"), *worked_task("T2"), make_event(None, "project.updated", payload={"name": "A"})]
    project = make_project(events)
    before = contents()
    assert load(project, events) == (0, len(events))
    assert contents() == before


def test_equal_events_of_one_history_are_all_kept():
    events = [make_event("T1"), make_event("T1"), make_event("T1", minute=1), make_event("T1")]
    project = make_project(events)
    assert [key.rpartition(".")[2] for key in keys(project)] == ["0", "1", "0", "2"]
    assert load(project, events) == (0, 4)
    assert load(project, [*events, make_event("T1")]) == (1, 4)


def test_equal_events_of_two_tasks_are_two_events():
    assert len(envelopes(make_project([make_event("T1"), make_event("T2")]))) == 2


def test_the_payload_and_words_are_no_part_of_the_key():
    project = make_project([make_event("T1", payload={"score": 1})])
    assert load(project, [make_event("T1", payload={"score": 2}, text="changed")]) == (0, 1)


@pytest.mark.parametrize(
    "other",
    [
        {"type_": "task.saved", "source_type": "TASK_SUBMITTED"},
        {"source_type": "SUBMIT"},
        {"minute": 1},
        {"stage": "Label 2"},
        {"stage": None},
        {"actor": MEI},
        {"actor": None},
        {"assignee": AMARA},
        {"key_fields": ("a",)},
        {"task": "t1"},
    ],
    ids=repr,
)
def test_events_that_differ_in_a_field_of_the_key_are_two(other):
    project = make_project([make_event("T1")])
    assert load(project, [make_event(**{"task": "T1"} | other)]) == (1, 0)


def test_the_sources_own_key_decides_alone():
    project = make_project([make_event("T1", source_key="e-1")])
    assert load(project, [make_event("T1", "task.saved", 9, source_key="e-1")]) == (0, 1)
    assert load(project, [make_event("T1", source_key="e-2"), make_event("T2", source_key="e-1")]) == (2, 0)
    assert keys(project) == ["e-1", "e-2"]


def version(name: str, type_: str = "task.updated", task: str | None = "T1"):
    return make_event(
        task, type_, actor=None, occurred_at=None, instant=None, content=json.dumps({"name": name}).encode(),
        derived=True, key_fields=(name,),
    )  # fmt: skip


@pytest.mark.parametrize(("type_", "task"), [("task.updated", "T1"), ("project.updated", None)])
def test_what_changes_and_changes_back_is_told_three_times(type_, task):
    project = make_project()
    for name, expected in (("A", 1), ("A", 0), ("B", 1), ("B", 0), ("A", 1), ("A", 0), ("B", 1)):
        assert load(project, [version(name, type_, task)]) == (expected, 1 - expected)
    found = keys(project, task)
    assert [key.rpartition(".")[2] for key in found] == ["0", "0", "1", "1"]
    assert found[0].rpartition(".")[0] == found[2].rpartition(".")[0] != found[1].rpartition(".")[0]
    assert verify(project.log).problems == []


def test_what_changes_within_one_batch_is_told_as_often():
    project = make_project()
    names = ["A", "A", "B", "A", "A", "B"]
    assert load(project, [version(name) for name in names]) == (4, 2)
    assert load(project, [version("B")]) == (0, 1)


def test_versions_of_two_tasks_do_not_hide_one_another():
    project = make_project()
    assert load(project, [version("A"), version("A", task="T2")]) == (2, 0)
    assert load(project, [version("A"), version("A", task="T2")]) == (0, 2)


def test_a_computed_key_is_the_one_of_the_contract():
    event = make_event("T1", assignee=MEI, key_fields=("x", "ü"))
    project = make_project([event])
    key = project_key(project.log)
    actor, assignee = (pseudonym_of(key, project.source, ref.external_id) for ref in (AMARA, MEI))
    fields = ["T1", event.type, event.source_type, event.occurred_at, "Label", actor, assignee, "x", "ü"]
    message = json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()
    digest = hmac.digest(key, message, "sha256")
    assert keys(project) == ["~" + digest.hex()[:32] + ".0"]


def test_a_history_that_begins_again_is_counted_from_the_start():
    source = SourceKeys(bytes(32))
    first = [source.key(make_event(task), None, None) for task in ("T1", "T1", "T2", "T1")]
    assert [key[-2:] for key in first] == [".0", ".1", ".0", ".0"]
    assert first[3] == first[0]
