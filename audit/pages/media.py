"""What becomes of a project's media: the section of the page of syncs, and where its form is sent to."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from audit import access
from audit.live.policy import WORDS, NoPolicy, set_media
from audit.models import Media, Project, Role
from audit.sources.origins import PLATFORMS
from exportsite.problems import FieldProblem, WrongRequest, unknown


def choices(project: Project) -> list[tuple[str, str, str, bool]] | None:
    """Each policy: its value, how it is called, what it means, whether it holds. None where none can be chosen."""
    if project.source.kind not in PLATFORMS:
        return None
    return [(media.value, *WORDS[media], project.media == media) for media in Media]


@require_POST
def media(request: HttpRequest, pk: int) -> HttpResponse:
    """Set the policy."""
    project = access.project(request.user, pk)
    access.require(request.user, project, Role.MANAGER)
    asked = request.POST.get("policy", "")
    if asked not in Media.values:
        raise WrongRequest(unknown("policy", asked, "The policy", Media.values))
    try:
        set_media(request.user, project, Media(asked))
    except NoPolicy as error:
        raise WrongRequest(FieldProblem("policy", "inapplicable", f"{error}.")) from error
    return HttpResponseRedirect(reverse("project-sync", args=[pk]) + "?saved=1#media")
