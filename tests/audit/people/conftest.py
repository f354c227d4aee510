"""A source with a project, and sessions on it."""

from __future__ import annotations

import pytest

from audit.log.create import create_project
from audit.models import Project, Source
from audit.people import People
from audit.sources.base import PersonRef

RENE = PersonRef("u/17", email="rene@example.org", name="René Dubois")


def session(project: Project) -> People:
    """What an append to the project's log works with."""
    return People(project, project.log, project.source)


@pytest.fixture
def source(db) -> Source:
    return Source.objects.create(kind="file", name="Clinic")


@pytest.fixture
def project(source) -> Project:
    return create_project(source, "lungs", "Lungs")
