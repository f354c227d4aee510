"""Loading bytes as a file into a project, and reading back what the log holds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from audit.log.envelope import Envelope, unseal
from audit.models import Disclosure, Event, Project
from audit.sources.files import FileOptions
from audit.sync import LoadResult, load_file

GOLDEN = Path(__file__).parents[2] / "golden" / "eventlogs"


@pytest.fixture
def golden() -> Path:
    """Where the small event logs are."""
    return GOLDEN


@pytest.fixture
def load(db: None, tmp_path: Path) -> Callable[..., LoadResult]:
    """Load a path, or content as a file named `log`, into the project "Review"."""

    def run(content: Path | bytes | str, project: str = "Review", **options: Any) -> LoadResult:
        path = content if isinstance(content, Path) else tmp_path / "log"
        if not isinstance(content, Path):
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return load_file(str(path), project, FileOptions.parse(**options))

    return run


def envelopes(project: Project) -> list[Envelope]:
    """What the project's log holds, in its order."""
    rows = Event.objects.filter(log__project=project).order_by("id").values_list("envelope", flat=True)
    return [unseal(bytes(row)) for row in rows]


def contents(project: Project) -> list[bytes | None]:
    """The stored payloads of the log's events, in its order."""
    ids = Event.objects.filter(log__project=project).order_by("id").values_list("id", flat=True)
    kept = dict(Disclosure.objects.filter(event__in=list(ids), group="content").values_list("event_id", "data"))
    return [bytes(kept[pk]) if pk in kept else None for pk in ids]


@pytest.fixture
def held() -> Callable[[Project], list[Envelope]]:
    """`envelopes`, for tests."""
    return envelopes


@pytest.fixture
def payloads() -> Callable[[Project], list[bytes | None]]:
    """`contents`, for tests."""
    return contents


@pytest.fixture
def operator(db: None, settings: Any, tmp_path: Path) -> Client:
    """A browser of somebody who operates the service; what is sent goes below a folder of the test's own."""
    settings.UPLOADS, settings.INCOMING = tmp_path / "uploads", tmp_path / "incoming"
    user = User.objects.create_user("olu")
    user.groups.add(Group.objects.get_or_create(name="operator")[0])
    client = Client()
    client.force_login(user)
    return client
