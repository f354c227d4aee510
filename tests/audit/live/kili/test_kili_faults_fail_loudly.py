"""Whatever goes wrong on the way: a run completes fully or fails in words, and the next one ends with all there is."""

from __future__ import annotations

import json
from typing import Any

import pytest

from audit.live.run import sync
from audit.models import Event, Mode, Project, SyncRun
from exportsite.jobs import RunFailed
from tests.audit.live.kili.compare_kili import same
from tests.fakes.kili import FakeKili
from tests.fakes.kili_story import tell

ALWAYS = 1_000
ASSETS, EVENTS, ISSUES, FILE = "^assets$", "^Events$", "^issues$", "^file$"

PASSING: dict[str, dict[str, Any]] = {
    "too many requests, ask later": {"status": 429, "headers": {"Retry-After": "0"}},
    "a server's error": {"status": 500},
    "a dropped connection": {"drop": True},
    "half an answer": {"truncate": True},
    "too short a length": {"length": 40},
    "no JSON": {"body": b"<html>busy</html>"},
    "a slow answer in pieces": {"delay": 0.02, "pieces": 5},
}
LASTING: dict[str, tuple[dict[str, Any], str]] = {
    "too many requests": ({"status": 429}, "busy"),
    "a server's error": ({"status": 500}, "unavailable"),
    "half an answer": ({"truncate": True}, "unavailable"),
    "errors without data": ({"errors": [{"message": "Internal error"}]}, "refused"),
    "errors with data": ({"errors": [{"message": "Internal error"}], "data": {"data": []}}, "refused"),
    "no data": ({"body": b'{"data":null}'}, "answer"),
    "nothing asked for": ({"data": {"data": None}}, "answer"),
    "no list": ({"data": {"data": {"no": "list"}}}, "answer"),
    "an expired key": ({"status": 401}, "key"),
    "an expired key, in words": (
        {"errors": [{"message": "Invalid token", "extensions": {"code": "UNAUTHENTICATED"}}]},
        "key",
    ),
    "another API": ({"body": json.dumps({"data": {"data": [{"no": "asset"}]}}).encode()}, "answer"),
    "more than was asked for": ({"edit": lambda answer: {"data": {"data": answer["data"]["data"] * 60}}}, "answer"),
}


FEW = ("a server's error", "a dropped connection", "half an answer")


@pytest.mark.parametrize(
    ("operation", "fault"),
    [(ASSETS, fault) for fault in PASSING] + [(other, fault) for other in (EVENTS, FILE) for fault in FEW],
)
def test_a_passing_fault_is_overcome(project: Project, fake: FakeKili, operation: str, fault: str) -> None:
    fake.in_files = operation == FILE
    fake.fail(operation, after=1, times=2, **PASSING[fault])
    assert sync(project, Mode.FULL).state == "succeeded"
    assert fake.faults[0].times < 2, "the fault came"
    same(project, fake)


@pytest.mark.parametrize(
    ("fault", "after"), [(fault, 1) for fault in LASTING] + [("a server's error", 0), ("errors with data", 0)]
)
def test_a_lasting_fault_fails_the_run_and_the_next_one_completes(
    project: Project, fake: FakeKili, fault: str, after: int
) -> None:
    how, code = LASTING[fault]
    fake.fail(ASSETS, after=after, times=ALWAYS, **how)
    with pytest.raises(RunFailed):
        sync(project, Mode.FULL)
    run = SyncRun.objects.get()
    assert (run.state, run.error_code) == ("failed", code)
    assert run.error_text
    assert fake.key not in run.error_text
    project.refresh_from_db()
    assert (project.complete_at, project.watermark) == (None, None), "what is not complete is not called so"
    came = Event.objects.filter(log__project=project).exclude(task=None).count()
    assert (came > 0) == (after > 0), "what came before the fault is kept"
    fake.faults.clear()
    assert sync(project, Mode.FULL).state == "succeeded"
    same(project, fake)


@pytest.mark.parametrize("operation", [EVENTS, ISSUES, "^countAssets$", "^projectUsers$", "^projects$"])
def test_no_part_may_be_missing(project: Project, fake: FakeKili, operation: str) -> None:
    fake.fail(operation, after=operation == EVENTS, times=ALWAYS, errors=[{"message": "Internal error"}])
    with pytest.raises(RunFailed, match="Internal error"):
        sync(project, Mode.FULL)
    fake.faults.clear()
    sync(project, Mode.FULL)
    same(project, fake)


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
    same(project, fake)


def test_rows_that_move_between_pages_come_once_and_none_is_missed(project: Project, fake: FakeKili) -> None:
    told = fake.projects[project.external_id]

    def gone(answer: Any) -> Any:
        told.assets.pop(0)  # All others move up: the first of the next page is in none.
        return answer

    fake.fail(ASSETS, edit=gone)
    assert sync(project, Mode.FULL).state == "succeeded"
    same(project, fake)

    def come(answer: Any) -> Any:
        told.assets.insert(0, tell(told, 8_000))
        told.assets.pop()
        return answer

    fake.fail(ASSETS, edit=come)
    assert sync(project, Mode.FULL).state == "succeeded"
    same(project, fake)


def test_an_asset_that_a_listing_leaves_out_is_asked_for(project: Project, fake: FakeKili) -> None:
    def without(answer: Any) -> Any:
        del answer["data"]["data"][3]
        return {"data": {"data": [*answer["data"]["data"], answer["data"]["data"][0]]}}

    fake.fail(ASSETS, edit=without)
    assert sync(project, Mode.FULL).state == "succeeded"
    assert [asked["where"].get("idIn") for name, asked in fake.requests if name == "assets"][-1] is not None
    same(project, fake)


def test_events_that_come_twice_and_out_of_order_are_each_held_once(project: Project, fake: FakeKili) -> None:
    def stirred(answer: Any) -> Any:
        rows = answer["data"]["data"]
        return {"data": {"data": [*reversed(rows[:-1]), *rows[:1]]}}

    fake.fail(EVENTS, times=ALWAYS, edit=stirred)
    sync(project, Mode.FULL)
    fake.faults.clear()
    sync(project, Mode.FULL)
    same(project, fake)


def test_an_event_log_that_was_emptied_meanwhile_is_read_anew(project: Project, fake: FakeKili) -> None:
    told = fake.projects[project.external_id]

    def purged(answer: Any) -> Any:
        told.events[:4] = []
        told.assets.pop(0)
        return answer

    fake.fail(ASSETS, edit=purged)
    assert sync(project, Mode.FULL).state == "succeeded"
    same(project, fake)


def test_a_failed_incremental_pass_keeps_its_watermark(project: Project, fake: FakeKili) -> None:
    sync(project, Mode.FULL)
    project.refresh_from_db()
    mark = project.watermark
    fake.fail(ASSETS, times=ALWAYS, status=500)
    with pytest.raises(RunFailed):
        sync(project, Mode.INCREMENTAL)
    project.refresh_from_db()
    assert project.watermark == mark
