"""One's own tokens: made and shown once, revoked."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from audit import access, apitokens
from audit.models import ApiToken, Project, Scope
from exportsite.sent import ONCE, new_token, once

PROJECTS = 100
"""Projects that the form offers; a token for others is made by command."""
DAYS = 90
"""For how long a token is good, unless told otherwise."""
_MEANINGS = {
    Scope.READ: "read projects, tasks, events, and all exports and reports",
    Scope.EXPORT: "ask for exports and reports, and download those",
    Scope.SYNC: "ask for syncs",
}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """The form for a new token; its answer shows the secret, this once."""
    user = _user(request)
    offered = list(access.projects(user).order_by("name", "id")[:PROJECTS])
    problem = ""
    if request.method == "POST":
        secrets: list[str] = []

        def make() -> ApiToken:
            token, secret = _made(request, user, offered)
            secrets.append(secret)
            return token

        try:
            token = once(request, ApiToken, make)
        except apitokens.BadToken as refused:
            problem = str(refused)
        else:
            shown = {
                "place": "account",
                "token": token,
                "secret": secrets[0] if secrets else "",
                "api": request.build_absolute_uri("/api/v1/"),
            }
            return render(request, "account/token_made.html", shown)
    context = {
        "place": "account",
        "problem": problem,
        "once": request.POST.get(ONCE) or new_token(),
        "name": request.POST.get("name", ""),
        "scopes": [(scope.value, _MEANINGS[scope], _chosen(request, scope)) for scope in Scope],
        "offered": [(project, str(project.pk) in request.POST.getlist("project")) for project in offered],
        "limited": request.POST.get("where") == "some",
        "ends": request.POST.get("ends", f"{timezone.now() + timedelta(days=DAYS):%Y-%m-%d}"),
    }
    return render(request, "account/token_new.html", context, status=400 if problem else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def revoking(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask whether a token of one's own shall be good for nothing from now on; POST does it."""
    user = _user(request)
    token = ApiToken.objects.filter(user=user, pk=pk).first()
    if token is None:
        raise Http404("You have no such token.")
    if request.method == "POST":
        apitokens.revoke(token, user)
        return redirect(reverse("account") + "?done=revoked")
    return render(request, "account/token_revoke.html", {"place": "account", "token": token})


def _made(request: HttpRequest, user: User, offered: list[Project]) -> tuple[ApiToken, str]:
    chosen = request.POST.getlist("project")
    some = [project for project in offered if str(project.pk) in chosen]
    return apitokens.make(
        user,
        request.POST.get("name", ""),
        [Scope(value) for value in request.POST.getlist("scope") if value in Scope.values],
        projects=some if request.POST.get("where") == "some" else None,
        ends_at=_end(request.POST.get("ends", "").strip()),
        by=user,
    )


def _end(text: str) -> datetime | None:
    """The end of that day (UTC); nothing given: never."""
    if not text:
        return None
    try:
        return datetime.combine(date.fromisoformat(text) + timedelta(days=1), time(), timezone.get_default_timezone())
    except (ValueError, OverflowError):
        raise apitokens.BadToken(f"“{text[:40]}” is no day; write it as YYYY-MM-DD, or leave it empty.") from None


def _chosen(request: HttpRequest, scope: Scope) -> bool:
    return scope.value in request.POST.getlist("scope") if request.method == "POST" else scope is Scope.READ


def _user(request: HttpRequest) -> User:
    """Who signed in: LoginRequiredMiddleware lets nobody else come here."""
    assert isinstance(request.user, User)
    return request.user
