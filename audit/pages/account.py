"""Signing in and out, one's own account, and the first page of an auditor."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib.auth import logout, update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import PasswordChangeForm
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audit import access, servicelog
from audit.models import Membership, Project, Role
from audit.pages.visits import VISITS, visits_of
from audit.signin import Refused, sign_in

PROJECTS = 50


@dataclass(frozen=True, slots=True)
class Held:
    """A role that somebody has, where, and who gave it when."""

    role: Role
    project: Project | None
    given_by: str = ""
    since: datetime | None = None


@login_not_required
@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def signing_in(request: HttpRequest) -> HttpResponse:
    """The page to sign in. 429 while an account or address rests after wrong passwords."""
    following = _following(request)
    if request.user.is_authenticated:
        return redirect(following or "dashboard")
    context: dict[str, object] = {
        "next": following,
        "host": settings.LABELTRAIL_HOST,
        "nobody": not User.objects.exists(),
    }
    if request.method != "POST":
        return render(request, "account/sign_in.html", context)
    name = request.POST.get("username", "").strip()
    try:
        user = sign_in(request, name, request.POST.get("password", ""))
    except Refused as refused:
        status = 429 if refused.until else 200
        return render(request, "account/sign_in.html", {**context, "refused": refused, "name": name}, status=status)
    reads_only = not user.is_superuser and _highest(user) is Role.AUDITOR
    return redirect(following or ("welcome" if reads_only else "dashboard"))


@require_POST
def signing_out(request: HttpRequest) -> HttpResponse:
    """Sign out."""
    servicelog.note(request.user, "access.signed_out")
    logout(request)
    return redirect("sign-in")


@never_cache
@require_safe
def account(request: HttpRequest) -> HttpResponse:
    """One's own account: roles, tokens, and the latest of what was recorded of one's visits."""
    user = _user(request)
    context = {
        "place": "account",
        "held": _held(user),
        "tokens": user.api_tokens.prefetch_related("projects").order_by("-created_at"),
        "visits": visits_of(user, 5),
        "operates": access.operates(user),
        "service": servicelog.service_project(),
    }
    return render(request, "account/account.html", context)


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """Change one's own password; sessions elsewhere end with it."""
    user = _user(request)
    form = PasswordChangeForm(user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        form.save()
        servicelog.note(user, "user.password_changed", of=user)
        update_session_auth_hash(request, user)
        return redirect(reverse("account") + "?done=password")
    return render(request, "account/password.html", {"place": "account", "form": form})


@never_cache
@require_safe
def visits(request: HttpRequest) -> HttpResponse:
    """What was recorded of one's visits, the newest first."""
    found = visits_of(_user(request), VISITS)
    return render(request, "account/visits.html", {"place": "account", "visits": found, "most": VISITS})


@never_cache
@require_safe
def welcome(request: HttpRequest) -> HttpResponse:
    """The first page of somebody who came to read: what this is, what may be read, what is recorded of the visit."""
    user = _user(request)
    found = list(access.projects(user).select_related("log").order_by("-id")[: PROJECTS + 1])
    held = _held(user)
    given = next((one for one in held if one.given_by), None)
    context = {
        "projects": found[:PROJECTS],
        "more": len(found) > PROJECTS,
        "only": found[0] if len(found) == 1 else None,
        "given": given,
        "tasks": sum(project.tasks for project in found),
        "events": sum(project.log.size for project in found),
    }
    return render(request, "account/welcome.html", context)


def _user(request: HttpRequest) -> User:
    """Who signed in: LoginRequiredMiddleware lets nobody else come here."""
    assert isinstance(request.user, User)
    return request.user


def _following(request: HttpRequest) -> str:
    """Where to go afterwards, as far as it is on this site."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if safe else ""


def _held(user: User) -> list[Held]:
    everywhere = access.everywhere(user)
    found = [Held(everywhere, None)] if everywhere is not None else []
    given = Membership.objects.filter(user=user).select_related("project").order_by("project__name", "id")
    return [*found, *(Held(Role(one.role), one.project, one.given_by, one.created_at) for one in given)]


def _highest(user: User) -> Role | None:
    return max((one.role for one in _held(user)), key=lambda role: role.rank, default=None)
