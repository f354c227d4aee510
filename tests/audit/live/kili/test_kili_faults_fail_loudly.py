"""Faults that Kili alone has; those that every platform may have are in the contract."""

from __future__ import annotations

from typing import Any

import pytest

from audit.live.run import sync
from audit.models import Event, Mode, Project
from exportsite.jobs import RunFailed
from tests.audit.live.kili.compare_kili import differences
from tests.fakes.kili import FakeKili
from tests.fakes.kili_story import tell

ALWAYS = 1_000
ASSETS, FILE = "^assets$", "^file$"


@pytest.mark.parametrize("how", [{"status": 404}, {"status": 403}, {"truncate": True}, {"body": b"<html>"}])
def test_a_label_whose_answer_can_not_be_fetched_is_never_an_empty_one(
    project: Project, fake: FakeKili, how: dict[str, Any]
) -> None:
    fake.in_files = True
    fake.fail(FILE, after=3, times=ALWAYS, **how)
    with pytest.raises(RunFailed, match=r"what label .* of asset .* says"):
        sync(project, Mode.FULL)
    assert not Event.objects.filter(log__project=project, type="label.created").exists()
    fake.faults.clear()
    sync(project, Mode.FULL)
    assert differences(project, fake) == []


def test_rows_that_move_between_pages_come_once_and_none_is_missed(project: Project, fake: FakeKili) -> None:
    told = fake.projects[project.external_id]

    def gone(answer: Any) -> Any:
        told.assets.pop(0)  # All others move up: the first of the next page is in none.
        return answer

    fake.fail(ASSETS, edit=gone)
    assert sync(project, Mode.FULL).state == "succeeded"
    assert differences(project, fake) == []

    def come(answer: Any) -> Any:
        told.assets.insert(0, tell(told, 8_000))
        told.assets.pop()
        return answer

    fake.fail(ASSETS, edit=come)
    assert sync(project, Mode.FULL).state == "succeeded"
    assert differences(project, fake) == []


def test_an_asset_that_a_listing_leaves_out_is_asked_for(project: Project, fake: FakeKili) -> None:
    left_out: list[Any] = []

    def without(answer: Any) -> Any:
        found = answer["data"]["data"]
        if left_out or len(found) < 4:  # Pages are asked for side by side: the last one may come first.
            return answer
        left_out.append(found.pop(3))
        return {"data": {"data": [*found, found[0]]}}

    fake.fail(ASSETS, times=ALWAYS, edit=without)
    assert sync(project, Mode.FULL).state == "succeeded"
    assert len(left_out) == 1
    assert any(asked["where"].get("idIn") for name, asked in fake.requests if name == "assets")
    assert differences(project, fake) == []


def test_an_event_log_that_was_emptied_meanwhile_is_read_anew(project: Project, fake: FakeKili) -> None:
    told = fake.projects[project.external_id]

    def purged(answer: Any) -> Any:
        told.events[:4] = []
        told.assets.pop(0)
        return answer

    fake.fail(ASSETS, edit=purged)
    assert sync(project, Mode.FULL).state == "succeeded"
    assert differences(project, fake) == []


def test_an_event_that_a_page_leaves_out_for_another_that_comes_twice_is_got_by_the_next_pass(
    project: Project, fake: FakeKili
) -> None:
    def stirred(answer: Any) -> Any:
        rows = answer["data"]["data"]
        return {"data": {"data": [*reversed(rows[:-1]), *rows[:1]]}}

    fake.fail("^Events$", times=ALWAYS, edit=stirred)
    sync(project, Mode.FULL)
    fake.faults.clear()
    sync(project, Mode.FULL)
    assert differences(project, fake) == []
