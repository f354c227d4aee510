"""Whatever goes wrong on the way: a run completes fully or fails in words, and the next one ends with all there is."""

from __future__ import annotations

import pytest

from audit.live.run import sync
from audit.models import Event, Mode, SyncRun
from exportsite.jobs import RunFailed
from tests.audit.live.contract.bench import ALWAYS, GRAPHQL, LASTING, PASSING, Bench
from tests.audit.live.contract.benches import BENCHES, OWN

DIALECT = ("redbrick", "kili", "labelbox")
TOGETHER = (
    ("too many requests", "too many requests, ask later", "a server's error", "a gateway's error"),
    ("a dropped connection", "half an answer", "no JSON", "a slow answer"),
    ("fewer bytes than announced", "more bytes than announced", "slow pieces"),
)
"""Faults that pass, as many as may come to one request, one after the other; what is only slow is its answer."""
EVERYWHERE = [(kind, fault) for kind in BENCHES for fault in (*LASTING, *(GRAPHQL if kind in DIALECT else ()))]


@pytest.mark.parametrize("faults", [pytest.param(faults, id=", ".join(faults)) for faults in TOGETHER])
def test_passing_faults_are_overcome_wherever_they_come(bench: Bench, faults: tuple[str, ...]) -> None:
    for fault in faults:
        bench.fake.fail(bench.pages, after=1, times=1, **PASSING[fault])
        for part in bench.parts:
            bench.fake.fail(part, **PASSING[fault])
    before = [found.times for found in bench.fake.faults]
    assert sync(bench.project, Mode.FULL).state == "succeeded"
    never = [found.operation for found, times in zip(bench.fake.faults, before, strict=True) if found.times == times]
    assert never == [], "each fault came"
    assert bench.differences() == []


@pytest.mark.parametrize(
    ("kind", "fault", "after"), [(kind, fault, place % 2) for place, (kind, fault) in enumerate(EVERYWHERE)]
)
def test_a_lasting_fault_fails_the_run_and_the_next_one_completes(bench: Bench, fault: str, after: int) -> None:
    how, code = (LASTING | GRAPHQL)[fault]
    bench.fake.fail(bench.pages, after=after + (bench.first or 0), times=ALWAYS, **how)
    run = failed(bench)
    assert run.error_code == code, run.error_text
    assert run.error_text
    assert bench.secret not in run.error_text
    assert (bench.project.complete_at, bench.project.watermark) == (None, None)
    if bench.first is not None:
        came = Event.objects.filter(log__project=bench.project).exclude(task=None).count()
        assert (came > 0) == (after > 0), "what came before the fault is kept"
    bench.fake.faults.clear()
    assert sync(bench.project, Mode.FULL).state == "succeeded"
    assert bench.differences() == []


@pytest.mark.parametrize(("kind", "fault"), [(kind, fault) for kind, faults in OWN.items() for fault in faults])
def test_a_fault_of_its_own_does_the_same(bench: Bench, fault: str) -> None:
    operation, how, code = bench.lasting[fault]
    bench.fake.fail(operation, times=ALWAYS, **how)
    run = failed(bench)
    assert run.error_code == code, run.error_text
    assert run.error_text
    assert bench.secret not in run.error_text
    assert (bench.project.complete_at, bench.project.watermark) == (None, None)
    bench.fake.faults.clear()
    assert sync(bench.project, Mode.FULL).state == "succeeded"
    assert bench.differences() == []


def test_each_passing_fault_is_tried() -> None:
    assert sorted(fault for faults in TOGETHER for fault in faults) == sorted(PASSING)


def test_each_fault_of_its_own_is_tried(bench: Bench, kind: str) -> None:
    assert set(OWN[kind]) == set(bench.lasting)


def test_no_part_may_be_missing(bench: Bench) -> None:
    for part in bench.parts:
        bench.fake.fail(part, times=ALWAYS, status=500)
        assert failed(bench).error_code == "unavailable", part
        assert bench.project.complete_at is None, part
        bench.fake.faults.clear()
    assert sync(bench.project, Mode.FULL).state == "succeeded"
    assert bench.differences() == []


def test_a_failed_incremental_pass_keeps_its_watermark(bench: Bench) -> None:
    sync(bench.project, Mode.FULL)
    bench.project.refresh_from_db()
    mark = bench.project.watermark
    assert mark is not None
    bench.fake.fail(".", times=ALWAYS, status=500)
    with pytest.raises(RunFailed):
        sync(bench.project, Mode.INCREMENTAL)
    bench.project.refresh_from_db()
    assert bench.project.watermark == mark


def failed(bench: Bench) -> SyncRun:
    """The run of a full pass, which fails; the project as the run leaves it."""
    with pytest.raises(RunFailed):
        sync(bench.project, Mode.FULL)
    bench.project.refresh_from_db()
    return SyncRun.objects.filter(state="failed").latest("pk")
