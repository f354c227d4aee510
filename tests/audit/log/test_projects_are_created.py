"""A project's id at its source fits into the index that tells projects apart, or is refused in words."""

from __future__ import annotations

import pytest

from audit.log.create import LONGEST_ID, create_project
from audit.models import Project, Source


@pytest.fixture
def source(db: None) -> Source:
    return Source.objects.create(kind="file", name="Liver")


def test_the_longest_id_is_kept(source: Source) -> None:
    assert create_project(source, "é" * (LONGEST_ID // 2), "Liver").external_id == "é" * (LONGEST_ID // 2)


@pytest.mark.parametrize("external_id", ["", "x" * (LONGEST_ID + 1), "é" * (LONGEST_ID // 2 + 1)])
def test_one_that_is_too_long_is_refused(source: Source, external_id: str) -> None:
    with pytest.raises(ValueError, match="a project's id has 1 to 2,000 bytes"):
        create_project(source, external_id, "Liver")
    assert not Project.objects.exists()
