"""Connecting a project of a platform: checked first, then stored, the key encrypted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.db import transaction

from audit.live.platforms import conditions, seal
from audit.live.policy import set_media
from audit.live.schedules import add_usual
from audit.log.append import append_in_transaction
from audit.log.create import create_project
from audit.models import Media, Project, Source
from audit.sources.base import FoundProject, SourceError, SourceEvent
from audit.sources.origins import PLATFORMS
from audit.sources.platform import Platform
from exportsite.nearest import nearest
from exportsite.text import visible_line

MAX_NAME = 200


class ConnectRefused(Exception):
    """A connection that can't be as it was asked for; the text says why."""


@dataclass(frozen=True, slots=True)
class Connected:
    """The project, whether it is new, and what the platform does not tell."""

    project: Project
    new: bool
    cannot_tell: tuple[str, ...]


def connect(
    kind: str, *, url: str, account: str, external_id: str, key: str, name: str = "", ca_file: str = "", media: str = ""
) -> Connected:
    """Check the connection by asking for the project, then store source, key and project; again: the key is replaced.

    The project gets the usual schedules, switched on. `media` sets what becomes of the files that people look at.
    Raises ConnectRefused, or SourceError when the check fails: nothing is stored then.
    """
    platform, address = _platform(kind, url, account)
    _check_id("--project", external_id)
    if len(name) > MAX_NAME or visible_line(name) != name:
        raise ConnectRefused(f"a project's name has at most {MAX_NAME} characters, none of them invisible")
    live = platform.open(address, key, account, external_id, conditions(ca_file))
    try:
        details = live.check()
        settings = [event for event in live.project_events() if event.type == "project.updated"]
    finally:
        live.close()
    with transaction.atomic():
        source = _source(kind, address, account, key, ca_file)
        project, new = _project(source, external_id, name or details.name or external_id, settings)
        if media:
            set_media(None, project, Media(media))
    return Connected(project, new, live.cannot_tell)


def projects(kind: str, *, url: str, account: str, key: str, ca_file: str = "") -> Iterator[FoundProject]:
    """The projects that the key may see there. Raises ConnectRefused, or SourceError."""
    platform, address = _platform(kind, url, account)
    yield from platform.projects(address, key, account, conditions(ca_file))


def _platform(kind: str, url: str, account: str) -> tuple[Platform, str]:
    """The kind of platform, and its address in one spelling."""
    platform = PLATFORMS.get(kind)
    if platform is None:
        close = nearest(kind, PLATFORMS)
        hint = f"did you mean {close}?" if close else f"kinds: {', '.join(PLATFORMS)}"
        raise ConnectRefused(f'there is no kind "{visible_line(kind[:60])}" of platforms to read from; {hint}')
    if platform.account:
        _check_id("--org", account)
    elif account:
        raise ConnectRefused(f"--org is not used: {platform.title} needs no account besides the key")
    if not (url or platform.url):
        raise ConnectRefused(f"--url is missing: {platform.title} has no address that all its users share")
    return platform, _normal(url or platform.url)


def _check_id(option: str, value: str) -> None:
    if not value.strip() or value != visible_line(value) or len(value) > MAX_NAME:
        raise ConnectRefused(f"{option} is no id: it has 1 to {MAX_NAME} characters, none of them invisible")


def _source(kind: str, url: str, account: str, key: str, ca_file: str) -> Source:
    host = urlsplit(url).netloc
    found = {"kind": kind, "base_url": url, "account": account}
    source, _ = Source.objects.get_or_create(**found, defaults={"name": f"{host}/{account}" if account else host})
    seal(source, key)
    source.ca_file = ca_file
    source.save(update_fields=["key_id", "credentials", "ca_file"])
    return source


def _project(source: Source, external_id: str, name: str, settings: Sequence[SourceEvent]) -> tuple[Project, bool]:
    """The project and whether it is new. Its log begins with its settings: of what it says, nothing is made up."""
    project = Project.objects.filter(source=source, external_id=external_id).first()
    if project is not None:
        return project, False
    project = create_project(source, external_id, name)
    append_in_transaction(project.log, settings)
    add_usual(project)
    project.refresh_from_db()
    return project, True


def _normal(url: str) -> str:
    """One spelling of an address, so that one platform is one source. Raises SourceError for what is none."""
    try:
        parts = urlsplit(url.strip())
        host = parts.netloc.lower()
    except ValueError as error:
        raise SourceError("address", f"this is no address: {error}") from None
    return f"{parts.scheme.lower()}://{host}{parts.path.rstrip('/')}"
