"""Who sees an export or a report, and may do something with it: whoever may in every project that it shows.

What `audit.access` says of a project, said of all of them: an export of several exists for nobody who lacks one.
"""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from audit import access
from audit.access import Asker
from audit.models import Project, Role, Scope
from exports.models import Export
from exports.models.product import Product
from exportsite.keyset import Condition

OF_PROJECT = "%s = ANY(project_id || others)"
"""The condition of lists that an export is of a project, as its first or as another one."""


def sees(user: Asker, run: Product) -> bool:
    """Whether the user may see all that the run shows."""
    return all(access.sees(user, pk) for pk in run.project_ids)


def may(user: Asker, run: Product, needed: Role, scope: Scope = Scope.READ) -> bool:
    """Whether the user has at least this role, and the token they came with this scope, in each of its projects."""
    return all(access.may(user, project, needed, scope) for project in _projects(run))


def require(user: Asker, run: Product, needed: Role, scope: Scope = Scope.READ) -> None:
    """Raise Http404 when the user may not see the run, PermissionDenied when they may not do this with it."""
    for project in _projects(run):
        access.require(user, project, needed, scope)


def conditions(user: Asker, model: type[Product]) -> list[Condition]:
    """What a list of runs has to ask so that the user sees only what they may; nothing: all of it."""
    found = access.condition(user)
    if found and model is Export:
        ((_, (ids,)),) = found
        found = [*found, ("others <@ %s::bigint[]", (ids,))]
    return found


def visible(user: Asker, model: type[Product]) -> QuerySet[Any]:
    """The runs that the user may see."""
    projects = access.projects(user)
    if issubclass(model, Export) and access.condition(user):
        seen = list(projects.values_list("pk", flat=True))
        return model._default_manager.filter(project__in=projects, others__contained_by=seen)
    return model._default_manager.filter(project__in=projects)


def _projects(run: Product) -> list[Project]:
    return run.projects() if isinstance(run, Export) and run.others else [run.project]
