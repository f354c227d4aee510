"""What a request for an export or a report names: projects, sizes of logs, a task."""

from __future__ import annotations

import json
from typing import Any

from rest_framework.request import Request

from audit import access
from audit.models import Project, Role, Scope, Task
from exports.wanted import MOST_PROJECTS
from exportsite.problems import FieldProblem, WrongRequest


def projects_named(body: dict[str, Any]) -> list[int]:
    """The projects that the body names: one as `project`, or several as `projects`."""
    if ("project" in body) == ("projects" in body):
        text = "“project” (a whole number) or “projects” (a list of them) is missing: give one of the two."
        if "project" in body:
            text = "“project” and “projects” both say of what it is: give one of the two."
        raise WrongRequest(FieldProblem("project", "required" if "project" not in body else "invalid", text))
    if "project" in body:
        return [body["project"]]
    if not body["projects"]:
        raise WrongRequest(FieldProblem("projects", "required", "“projects” is empty: name at least one."))
    return whole_numbers("projects", body["projects"])


def whole_numbers(name: str, value: object) -> list[int]:
    """The whole numbers of a member; WrongRequest when one of them is none."""
    items: list[Any] = value if isinstance(value, list) else [value]
    for item in items[: MOST_PROJECTS + 1]:
        if type(item) is not int or not 0 <= item < 2**62:
            said = json.dumps(item, ensure_ascii=False)[:100]
            raise WrongRequest(FieldProblem(name, "invalid", f"“{name}” has {said}, which is no whole number."))
    if len(items) > MOST_PROJECTS:
        text = f"“{name}” names {len(items)}; at most {MOST_PROJECTS} projects go into one export."
        raise WrongRequest(FieldProblem(name, "too_many", text))
    return items


def project_asked(request: Request, pk: int) -> Project:
    """The project, of which the user may ask for exports and reports."""
    found = Project.objects.filter(pk=pk).first()
    if found is None or not access.sees(request.user, pk):
        raise WrongRequest(FieldProblem("project", "unknown", f"There is no project {pk}."))
    access.require(request.user, found, Role.MANAGER, Scope.EXPORT)
    return found


def task_asked(project: Project, pk: int) -> Task:
    """The project's task of this id; WrongRequest when there is none."""
    found = Task.objects.filter(pk=pk, project=project).first()
    if found is None:
        raise WrongRequest(FieldProblem("task", "unknown", f"The project {project.pk} has no task {pk}."))
    return found
