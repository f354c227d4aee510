"""Who may see and do what. Every page, and every operation of the API, asks here and nowhere else.

A project that somebody may not see does not exist for them: 404. What they may see but not do is 403. A superuser, and
whoever is in a group of Django's that is called like a role, has that role in every project. A user who came with a
token is further limited to its scopes and projects.
"""

from __future__ import annotations

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404

from audit.models import ApiToken, Membership, Project, Role, Scope, Task
from exportsite.keyset import Condition

SERVICE = "service"
"""The kind of source of the service's own log, which no list of projects shows."""
Asker = AbstractBaseUser | AnonymousUser


def projects(user: Asker) -> QuerySet[Project]:
    """The projects that the user may see, without the service's own log."""
    return _within(user, Project.objects.exclude(source__kind=SERVICE))


def project(user: Asker, pk: int) -> Project:
    """The project with its source and log; Http404 when there is none with this id for the user."""
    found = _with_service(user).filter(pk=pk).select_related("source", "log").first()
    if found is None:
        raise Http404(f"There is no project {pk}.")
    return found


def task(user: Asker, pk: int) -> Task:
    """The task with its project, source and log; Http404 when there is none with this id for the user."""
    found = Task.objects.filter(pk=pk).select_related("project__source", "project__log", "assignee").first()
    if found is None or not _with_service(user).filter(pk=found.project_id).exists():
        raise Http404(f"There is no task {pk}.")
    return found


def sees(user: Asker, project_id: int | None) -> bool:
    """Whether the user may see a project. What belongs to none yet, only those who see all of them may."""
    if project_id is None:
        return everywhere(user) is not None and _limit(user) is None
    return _with_service(user).filter(pk=project_id).exists()


def role(user: Asker, project: Project) -> Role | None:
    """The user's role in the project; None when they may not see it. A token's scopes do not count here."""
    if not (isinstance(user, User) and sees(user, project.pk)):
        return None
    found = [everywhere(user)]
    given = Membership.objects.filter(user_id=user.pk, project=project).values_list("role", flat=True).first()
    found.append(Role(given) if given else None)
    return max((one for one in found if one is not None), key=lambda one: one.rank, default=None)


def may(user: Asker, project: Project, needed: Role, scope: Scope = Scope.READ) -> bool:
    """Whether the user has at least this role in the project, and the token they came with, if any, this scope."""
    has = role(user, project)
    return has is not None and has.covers(needed) and _in_scope(user, scope)


def require(user: Asker, project: Project, needed: Role, scope: Scope = Scope.READ) -> None:
    """Raise Http404 when the user may not see the project, PermissionDenied when they may not do this in it."""
    has = role(user, project)
    if has is None:
        raise Http404(f"There is no project {project.pk}.")
    if not has.covers(needed):
        raise PermissionDenied(f"This needs the role {needed.label.lower()} in the project; yours is {has.value}.")
    if not _in_scope(user, scope):
        raise PermissionDenied(f"The token lacks the scope “{scope.value}”.")


def require_operator(user: Asker) -> None:
    """Raise PermissionDenied unless the user operates the whole service, and did not come with a token."""
    if not operates(user):
        raise PermissionDenied("This needs the role operator in all projects.")


def operates(user: Asker) -> bool:
    """Whether the user operates the whole service: sources, users, tokens, its own log."""
    return everywhere(user) is Role.OPERATOR and token_of(user) is None


def everywhere(user: Asker) -> Role | None:
    """The role that the user has in every project."""
    if not (isinstance(user, User) and user.is_active):
        return None
    if user.is_superuser:
        return Role.OPERATOR
    names = _group_names(user)
    return max((one for one in Role if one.value in names), key=lambda one: one.rank, default=None)


def condition(user: Asker, column: str = "project_id") -> list[Condition]:
    """What a list has to ask of its table's column so that the user sees only what they may; nothing: all of it."""
    if everywhere(user) is not None and _limit(user) is None:
        return []
    ids = list(_with_service(user).order_by("id").values_list("id", flat=True))
    return [(f"{column} = ANY(%s)", (ids,))]


def name_of(user: Asker) -> str:
    """Who asks, for a run's `created_by`: the user's name, and that of the token."""
    token = token_of(user)
    name = user.get_username()
    return f"{name}, token “{token.name}”" if token is not None else name


def token_of(user: Asker) -> ApiToken | None:
    """The token that the user came with; None: they signed in."""
    return getattr(user, "api_token", None)


def come_with(user: User, token: ApiToken) -> User:
    """The user, limited to what the token is good for."""
    user.api_token = token  # type: ignore[attr-defined]
    return user


def _with_service(user: Asker) -> QuerySet[Project]:
    return _within(user, Project.objects.all()) if operates(user) else projects(user)


def _within(user: Asker, found: QuerySet[Project]) -> QuerySet[Project]:
    if not (isinstance(user, User) and user.is_active):
        return found.none()
    if everywhere(user) is None:
        found = found.filter(memberships__user=user)
    limit = _limit(user)
    return found if limit is None else found.filter(pk__in=limit)


def _limit(user: Asker) -> QuerySet[Project] | None:
    """The projects that the token is limited to; None: it is not."""
    token = token_of(user)
    return token.projects.order_by() if token is not None and token.limited else None


def _in_scope(user: Asker, scope: Scope) -> bool:
    token = token_of(user)
    return token is None or scope in token.scopes


def _group_names(user: User) -> frozenset[str]:
    """The names of the user's groups, asked for once a request: the user is read anew with each."""
    known: frozenset[str] | None = getattr(user, "_group_names", None)
    if known is None:
        known = frozenset(user.groups.values_list("name", flat=True))
        user._group_names = known  # type: ignore[attr-defined]
    return known
