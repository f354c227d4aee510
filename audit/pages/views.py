"""Saved views: the filters of a list kept under a name, by whoever keeps them."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from audit import access
from audit.models import Listing, Person, Project, SavedView
from audit.queries.asked import asked
from audit.queries.filters import EVENT_FILTERS, TASK_FILTERS
from exportsite.problems import FieldProblem, WrongRequest
from exportsite.sent import see

MOST = 30
"""Views of a list that somebody can keep."""
LONGEST = 60
"""Characters of a view's name."""
KNOWN = {Listing.TASKS: TASK_FILTERS, Listing.EVENTS: EVENT_FILTERS}


@dataclass(frozen=True, slots=True)
class Kept:
    """A saved view as a list offers it: its address, and whether it is what the list shows now."""

    name: str
    address: str
    now: bool


def kept(request: HttpRequest, project: Project, of: Listing) -> list[Kept]:
    """The views that the user keeps of this list of this project, by name."""
    found = _views(request).filter(project=project, listing=of).order_by("name").values_list("name", "query")
    shown = _filters(request.GET.urlencode())
    return [Kept(name, f"?{query}", _filters(query) == shown) for name, query in found]


@require_http_methods(["GET", "HEAD", "POST"])
def views(request: HttpRequest, pk: int, of: str) -> HttpResponse:
    """The views that the user keeps of a list; POST keeps one more, or lets go of one."""
    project = access.project(request.user, pk)
    if of not in Listing.values:
        raise Http404(f"There is no list of {of[:100]}.")
    which = Listing(of)
    problems: list[FieldProblem] = []
    query = request.POST.get("query", request.GET.urlencode())
    name = request.POST.get("name", "").strip()
    if request.method == "POST" and "remove" in request.POST:
        removed = request.POST["remove"]
        if removed.isascii() and removed.isdigit() and len(removed) < 19:
            _views(request).filter(project=project, listing=which, pk=int(removed)).delete()
        return see(reverse("views", args=[pk, of]))
    if request.method == "POST":
        try:
            saved = _save(request, project, which, name, query)
            return redirect(f"{reverse(of, args=[pk])}?{saved.query}")
        except WrongRequest as error:
            problems = list(error.problems)
    context = {
        "project": project,
        "of": of,
        "found": _views(request).filter(project=project, listing=which).order_by("name"),
        "query": query,
        "name": name,
        "problems": problems,
        "longest": LONGEST,
    }
    return render(request, "audit/views.html", context, status=400 if problems else 200)


def _save(request: HttpRequest, project: Project, of: Listing, name: str, query: str) -> SavedView:
    """Keep the filters of a query string. Raises WrongRequest when they are none, or the name is no new one."""
    given = QueryDict(query, mutable=True)
    for key in ("cursor", "limit"):
        given.pop(key, None)
    people = asked(given, KNOWN[of], project).filters.people
    problem = ""
    if not name or len(name) > LONGEST:
        problem = f"A view needs a name of at most {LONGEST} characters."
    elif not any(value.strip() for _, values in given.lists() for value in values):
        problem = "There is no filter to keep. Choose filters in the list first, then keep them."
    elif _views(request).filter(project=project, listing=of).count() >= MOST:
        problem = f"You keep {MOST} views of this list, which is all there is room for. Let go of one first."
    if problem:
        raise WrongRequest(FieldProblem("name", "invalid", problem))
    kept = QueryDict(mutable=True)
    for key, values in given.lists():
        kept.setlist(key, [value for value in values if value.strip()])
    if people:  # As pseudonyms: a view is kept when a person has to be erased.
        kept.setlist("person", [one.pseudonym for one in Person.objects.filter(pk__in=people).order_by("pk")])
    try:
        with transaction.atomic():
            return SavedView.objects.create(
                user=_user(request),
                project=project,
                listing=of,
                name=name.replace("\0", "\ufffd"),
                query=kept.urlencode(),
            )
    except IntegrityError:
        text = f"You have a view called “{name}” already. Choose another name, or let go of that one."
        raise WrongRequest(FieldProblem("name", "taken", text)) from None


def _views(request: HttpRequest) -> QuerySet[SavedView]:
    return SavedView.objects.filter(user=_user(request))


def _user(request: HttpRequest) -> User:
    """Who signed in: LoginRequiredMiddleware lets nobody else come here."""
    assert isinstance(request.user, User)
    return request.user


def _filters(query: str) -> set[tuple[str, str]]:
    """What a query string filters by."""
    found = QueryDict(query)
    return {
        (name, value)
        for name, values in found.lists()
        for value in values
        if value.strip() and name not in ("cursor", "limit")
    }
