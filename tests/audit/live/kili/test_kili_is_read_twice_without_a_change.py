"""A full pass holds all that Kili tells; the next one adds nothing."""

from __future__ import annotations

import pytest

from audit.live.run import sync
from audit.models import Mode, Project
from tests.audit.live.kili.compare_kili import differences
from tests.audit.live.kili.conftest import connected
from tests.fakes.kili import FakeKili
from tests.fakes.kili_story import CARS, CLIPS, LEGACY


@pytest.mark.parametrize("external_id", [CARS, CLIPS, LEGACY])
@pytest.mark.parametrize("closed", ["", "schema", "rights"])
def test_a_second_pass_adds_nothing(db: None, fake: FakeKili, external_id: str, closed: str) -> None:
    fake.closed = closed
    project = connected(fake, external_id)
    assert sync(project, Mode.FULL).state == "succeeded"
    assert differences(project, fake) == []
    again = sync(project, Mode.FULL)
    assert (again.added, again.result["diverged"]) == (0, 0)
    assert sync(project, Mode.INCREMENTAL).added == 0


def test_what_labels_say_may_be_kept_elsewhere(project: Project, fake: FakeKili) -> None:
    fake.in_files = True
    sync(project, Mode.FULL)
    assert fake.asked("file") > 0
    assert differences(project, fake) == []
    fake.in_files = False
    assert sync(project, Mode.FULL).added == 0, "where it is kept is no change of it"
