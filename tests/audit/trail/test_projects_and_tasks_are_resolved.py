"""PROJECT and TASK of commands mean one thing, or the candidates are named."""

from __future__ import annotations

import json

import pytest

from audit.log.create import create_project
from audit.models import Project, Source, Task
from audit.resolve import Unresolved, resolve_project, resolve_task
from tests.factories import make_event, make_project


@pytest.fixture
def project(db: None) -> Project:
    named = make_event("T-1", "task.updated", derived=True, content=json.dumps({"name": "Scan one"}).encode())
    return make_project([named, make_event("T-1", minute=1), make_event("T-2", minute=2)], name="Liver")


def test_a_project_by_id_by_name_and_by_source_and_external_id(project: Project) -> None:
    for text in (str(project.pk), "Liver", "Liver:Liver", "file:Liver"):
        assert resolve_project(text) == project


def test_two_projects_of_one_name_are_named(project: Project) -> None:
    second = create_project(Source.objects.create(kind="file", name="other"), "x1", "Liver")
    with pytest.raises(Unresolved, match="may mean several projects") as caught:
        resolve_project("Liver")
    assert len(caught.value.candidates) == 2
    assert resolve_project("other:x1") == second


def test_an_unknown_project_is_refused_with_those_there_are(project: Project) -> None:
    with pytest.raises(Unresolved, match="There is no project “liver”") as caught:
        resolve_project("liver")
    assert any("Liver" in one for one in caught.value.candidates)


def test_without_any_project_it_says_so(db: None) -> None:
    with pytest.raises(Unresolved, match="none at all yet"):
        resolve_project("x")


def test_a_task_by_id_by_external_id_and_by_name_in_its_project(project: Project) -> None:
    task = Task.objects.get(external_id="T-1")
    assert task.name == "Scan one"
    assert resolve_task("T-1") == task
    assert resolve_task(str(task.pk), project) == task
    assert resolve_task("Scan one", project) == task


def test_a_name_needs_a_project(project: Project) -> None:
    with pytest.raises(Unresolved, match="a name needs --project"):
        resolve_task("Scan one")


def test_an_external_id_that_is_another_tasks_id_is_ambiguous(project: Project) -> None:
    task = Task.objects.get(external_id="T-1")
    other = make_project([make_event(str(task.pk))])
    with pytest.raises(Unresolved, match="may mean several tasks"):
        resolve_task(str(task.pk))
    assert resolve_task(str(task.pk), project) == task
    assert resolve_task(str(task.pk), other).project == other


@pytest.mark.parametrize("text", ["", "\0", "9" * 400, "²", "T-9", "t-1", "'; --"])
def test_a_task_that_is_not_there_is_refused(project: Project, text: str) -> None:
    with pytest.raises(Unresolved, match="There is no task"):
        resolve_task(text, project)
