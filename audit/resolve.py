"""What a person means by PROJECT and TASK in a command (docs/contracts.md section 4)."""

from __future__ import annotations

from typing import TypeVar

from django.core.management.base import CommandError
from django.db.models import Model, QuerySet

from audit.models import Project, Task
from exportsite.nearest import nearest

MAX_CANDIDATES = 10
WRONG_REQUEST = 2

M = TypeVar("M", bound=Model)


class NotResolved(CommandError):
    """Nothing, or more than one thing, has this name: exit code 2."""

    def __init__(self, text: str) -> None:
        super().__init__(text, returncode=WRONG_REQUEST)


def resolve_project(text: str) -> Project:
    """The project with this id of ours, `source:external id`, or unique name."""
    if _is_id(text) and (found := Project.objects.filter(pk=int(text)).first()):
        return found
    source, colon, external_id = text.partition(":")
    ways = [Project.objects.filter(external_id=text) | Project.objects.filter(name=text)]
    if colon:
        ways.insert(0, Project.objects.filter(source__name=source, external_id=external_id))
        ways.insert(1, Project.objects.filter(source__kind=source, external_id=external_id))
    for way in ways:
        if found := _only(way.order_by("pk"), "project", text):
            return found
    names = list(Project.objects.order_by("-pk").values_list("name", flat=True)[:1000])
    raise NotResolved(_nothing("project", text, names) if names else "There is no project yet. `load` makes one.")


def resolve_task(text: str, project: Project | None = None) -> Task:
    """The task with this id at its source, unique name or id of ours; in `project` when one is given."""
    tasks = Task.objects.select_related("project")
    if project is not None:
        tasks = tasks.filter(project=project)
    for way in (tasks.filter(external_id=text), tasks.filter(name=text)):
        if found := _only(way.order_by("pk"), "task", text):
            return found
    if _is_id(text) and (by_id := tasks.filter(pk=int(text)).first()):
        return by_id
    where = f" in {project.name}" if project is not None else ""
    raise NotResolved(f"There is no task {text[:200]!r}{where}.")


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19


def _only(found: QuerySet[M], what: str, text: str) -> M | None:
    """The single match, None for no match; several are named."""
    matches = list(found[: MAX_CANDIDATES + 1])
    if len(matches) <= 1:
        return matches[0] if matches else None
    listed = "\n".join(f"  {match.pk}  {match}" for match in matches[:MAX_CANDIDATES])
    more = "\n  and more" if len(matches) > MAX_CANDIDATES else ""
    raise NotResolved(f"Several {what}s are meant by {text[:200]!r}; name one by its id:\n{listed}{more}")


def _nothing(what: str, text: str, names: list[str]) -> str:
    near = nearest(text, names)
    return f"There is no {what} {text[:200]!r}." + (f" Did you mean {near!r}?" if near else "")
