"""A project of told labels."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.exports.formats.told import Project, registered


@pytest.fixture
def project(monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    yield from registered(monkeypatch)
