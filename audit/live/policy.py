"""What becomes of the files that people look at in a project (`audit.models.Media`), and who changed that."""

from __future__ import annotations

from django.db import transaction

from audit import servicelog
from audit.access import Asker
from audit.models import Media, Project
from audit.sources.origins import PLATFORMS, origin

WORDS = {
    Media.REFERENCE: ("Only named", "their addresses are recorded; the files stay at the platform"),
    Media.ON_EXPORT: (
        "Fetched when an export asks for them",
        "then kept, so that the same export has the same bytes again",
    ),
    Media.KEEP: ("Kept", "every sync fetches those of each new version of a task"),
}
"""Each policy for people: what it is called, and what it means."""


class NoPolicy(Exception):
    """A project that has no media to decide about; the text says why."""


def set_media(user: Asker | None, project: Project, media: Media) -> bool:
    """Change the policy; whether it was another one. Raises NoPolicy for a project that is not read over an API.

    Files that are kept stay kept.
    """
    if project.source.kind not in PLATFORMS:
        raise NoPolicy(
            f'"{project.name}" ({origin(project.source.kind)}) is not read over an API: its files name media and hold '
            "none"
        )
    with transaction.atomic():
        changed = Project.objects.filter(pk=project.pk).exclude(media=media).update(media=media)
        if changed:
            servicelog.note(user, "media.changed", str(media.value), project=project)
    project.media = media
    return bool(changed)
