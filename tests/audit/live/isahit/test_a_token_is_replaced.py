"""A token that ends while a project is read is replaced, and nothing is lost."""

from __future__ import annotations

from audit.live.run import sync
from audit.models import Mode, Project
from tests.audit.live.isahit.compare import differences
from tests.fakes.isahit import FakeIsahit


def test_a_token_that_ends_between_two_pages_is_replaced(project: Project, fake: FakeIsahit) -> None:
    fake.fail("tasks", after=2, times=1, status=401)
    before = fake.asked("login")
    sync(project, Mode.FULL)
    assert fake.asked("login") == before + 2, "one to begin with, and another"
    assert differences(project, fake) == []
