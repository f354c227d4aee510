"""PROJECT and TASK of commands: which row a person means (docs/contracts.md section 4)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from django.core.management.base import CommandError
from django.db.models import Q, QuerySet

from audit.models import Project, Task
from exportsite.exits import WRONG_REQUEST
from exportsite.text import short, visible_line

Row = TypeVar("Row", Project, Task)
MOST_NAMED = 10
"""Candidates that an error names."""


class Unresolved(CommandError):
    """Nothing is called so, or more than one thing is: then `candidates` names them. Commands end with exit code 2."""

    def __init__(self, text: str, candidates: Sequence[str] = ()) -> None:
        named = "".join(f"\n  {candidate}" for candidate in candidates[:MOST_NAMED])
        more = "\n  …" if len(candidates) > MOST_NAMED else ""
        super().__init__(f"{text}{named}{more}", returncode=WRONG_REQUEST)
        self.candidates = tuple(candidates)


def resolve_project(text: str) -> Project:
    """The project that `text` means: our id, `source:external id`, or a name that only one project has."""
    projects = Project.objects.select_related("source", "log").order_by("id")
    text = text.replace("\0", "\ufffd")
    if found := _by_id(projects, text):
        return found
    source, colon, external_id = text.partition(":")
    of_source = Q(source__name=source) | Q(source__kind=source)
    named = Q(name=text)
    if colon:
        named |= of_source & Q(external_id=external_id)
    rows = list(projects.filter(named)[: MOST_NAMED + 1])
    if len(rows) == 1:
        return rows[0]
    if rows:
        raise Unresolved(f"“{_shown(text)}” may mean several projects; give the id of one:", _projects(rows))
    known = list(projects[: MOST_NAMED + 1])
    if not known:
        raise Unresolved(f"There is no project “{_shown(text)}”; there is none at all yet. Load one first.")
    raise Unresolved(f"There is no project “{_shown(text)}”. There are:", _projects(known))


def resolve_task(text: str, project: Project | None = None) -> Task:
    """The task that `text` means: our id, its id at the source, or a name that only one task has.

    In all projects, unless one is given; names count only within a project.
    """
    tasks = Task.objects.select_related("project__source", "project__log").order_by("id")
    text = text.replace("\0", "\ufffd")
    if project is not None:
        tasks = tasks.filter(project=project)
    by_id = _by_id(tasks, text)
    rows = list(tasks.filter(external_id=text)[: MOST_NAMED + 1]) if project else _anywhere(tasks, text)
    if by_id is not None and by_id not in rows:
        rows.insert(0, by_id)
    if not rows and project is not None:
        rows = list(tasks.filter(name=text)[: MOST_NAMED + 1])
    if len(rows) == 1:
        return rows[0]
    if rows:
        raise Unresolved(f"“{_shown(text)}” may mean several tasks; give --project, or the id of one:", _tasks(rows))
    where = f"in project “{_shown(project.name)}”" if project else "in any project; a name needs --project"
    raise Unresolved(f"There is no task “{_shown(text)}” {where}.")


def _anywhere(tasks: QuerySet[Task], text: str) -> list[Task]:
    """Tasks of this id at their source, in any project: one look into the index for each project."""
    projects = Project.objects.values_list("id", flat=True)
    return list(tasks.filter(project__in=projects, external_id=text)[: MOST_NAMED + 1])


def _by_id(rows: QuerySet[Row], text: str) -> Row | None:
    return rows.filter(pk=int(text)).first() if text.isascii() and text.isdigit() and len(text) < 19 else None


def _projects(rows: Sequence[Project]) -> list[str]:
    return [f"{row.pk}  {_shown(row.name)}  ({_shown(str(row.source))})" for row in rows]


def _tasks(rows: Sequence[Task]) -> list[str]:
    return [f"{row.pk}  {_shown(row.name)}  (project {row.project_id}, {_shown(row.external_id)})" for row in rows]


def _shown(text: str) -> str:
    return short(visible_line(text[:81]), 80)
