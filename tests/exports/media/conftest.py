"""A platform with pictures, its project read, and exports of it looked into."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from audit.demo.redbrick import Clock, FakeRedBrick, World
from audit.demo.redbrick.scripts import AGREEMENT
from audit.live.run import sync
from audit.models import Event, Media, Mode, Project
from audit.sources import web
from exports.models import Export
from exports.run import make_export
from tests.audit.live.conftest import connected

TASKS = 8


@pytest.fixture
def fake(settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FakeRedBrick]:
    """The platform; waiting between attempts takes no time."""
    settings.SOURCE_ALLOW_HOSTS = ["127.0.0.1"]
    settings.LABELTRAIL_ARTEFACTS = tmp_path / "artefacts"
    settings.LABELTRAIL_FILES = tmp_path / "files"
    monkeypatch.setattr(web, "FIRST_WAIT", 0.0)
    with FakeRedBrick(World(TASKS, Clock(), labels=True)) as server:
        yield server


@pytest.fixture
def project(db: None, fake: FakeRedBrick) -> Project:
    """Its project of pictures, read without them; exports may fetch them."""
    found = connected(fake, AGREEMENT.id)
    sync(found, Mode.FULL)
    Project.objects.filter(pk=found.pk).update(media=Media.ON_EXPORT)
    fake.requests.clear()
    return Project.objects.get(pk=found.pk)


def exported(project: Project, format_: str = "coco", **more: Any) -> Export:
    """An export with its media."""
    return make_export(project, format_, parameters={"with_assets": "true"}, **more)


def members(export: Export) -> dict[str, bytes]:
    """What is in its archive."""
    with zipfile.ZipFile(export.files[0]["path"]) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def pictures(export: Export) -> dict[str, bytes]:
    """The media in it, by their names."""
    return {name: data for name, data in members(export).items() if name.endswith(".png")}


def errors(export: Export) -> list[dict[str, Any]]:
    """What was left out of it."""
    return [json.loads(line) for line in members(export)["errors.ndjson"].splitlines()]


def kept() -> int:
    """How many events say that media were kept."""
    return Event.objects.filter(type="media.kept").count()
