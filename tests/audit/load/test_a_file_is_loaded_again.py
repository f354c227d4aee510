from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from audit.log.append import Appender
from audit.log.envelope import Envelope
from audit.models import Checkpoint, Log, Project, SyncRun, Task
from audit.sync import LoadResult

Load = Callable[..., LoadResult]
Held = Callable[[Project], list[Envelope]]
HEAD = "task,event,time,title\n"
ROWS = [f"t{n % 40},A,2024-01-01T00:{n // 60:02}:{n % 60:02}Z,name {n}\n" for n in range(400)]


@pytest.mark.parametrize("name", ["review.xes", "review.csv", "review.ndjson"])
def test_the_same_file_adds_nothing(load: Load, golden: Path, name: str) -> None:
    first, second = load(golden / name), load(golden / name)
    assert (second.found, second.added, second.already) == (first.found, 0, first.found)
    assert second.log_size == first.log_size
    assert Checkpoint.objects.count() == 1


def test_a_file_that_grew_adds_what_is_new(load: Load, held: Held) -> None:
    load(HEAD + "".join(ROWS[:300]))
    result = load(HEAD + "".join(ROWS))
    # Each row brings a name, too.
    assert (result.recorded, result.already, result.added) == (400, 2 * 300 + 1, 100 + 100)
    assert len({event.source_key for event in held(result.project)}) == result.log_size


def test_a_file_in_another_order_adds_nothing(load: Load) -> None:
    load(HEAD + "".join(ROWS))
    assert load(HEAD + "".join(sorted(ROWS))).added == 0


def test_the_same_events_in_another_kind_of_file_are_known_but_for_what_the_kind_says(load: Load, golden: Path) -> None:
    load(golden / "review.csv")
    assert load(golden / "review.ndjson").added == 0
    assert load(golden / "review.xes").added == 2  # the attributes of the log, and of one trace


def test_what_the_file_calls_a_task_now_is_added_once(load: Load) -> None:
    old, new = "t,A,2024-01-01T00:00:00Z,old\n", "t,A,2024-01-01T00:00:01Z,new\n"
    load(HEAD + old)
    assert load(HEAD + old + new).added == 2
    assert load(HEAD + old + new).added == 0
    assert Task.objects.get().name == "new"


@pytest.mark.parametrize("batches", [0, 1, 3])
def test_after_a_crash_between_batches_the_same_load_adds_the_rest(
    load: Load, held: Held, monkeypatch: pytest.MonkeyPatch, batches: int
) -> None:
    whole = load(HEAD + "".join(ROWS), project="Whole")
    written = 0
    flush = Appender.flush

    def crash(appender: Appender) -> None:
        nonlocal written
        if written == batches:
            raise RuntimeError("the power is gone")
        written += 1
        flush(appender)

    monkeypatch.setattr("audit.log.append.BATCH", 100)
    with monkeypatch.context() as patch:
        patch.setattr(Appender, "flush", crash)
        with pytest.raises(RuntimeError):
            load(HEAD + "".join(ROWS))
    project = Project.objects.get(name="Review")
    assert Log.objects.get(project=project).size == batches * 100
    assert "RuntimeError" in SyncRun.objects.get(project=project).error_text

    result = load(HEAD + "".join(ROWS))
    assert (result.already, result.found) == (batches * 100, whole.found)
    told, wanted = ([(e.task, e.n, e.type, e.occurred_at) for e in held(p)] for p in (result.project, whole.project))
    assert told == wanted


def test_a_crash_before_the_end_was_told_is_made_good(load: Load, held: Held, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: object) -> None:
        raise RuntimeError("the power is gone")

    with monkeypatch.context() as patch:
        patch.setattr("audit.sync._completed", crash)
        with pytest.raises(RuntimeError):
            load(HEAD + "".join(ROWS))
    result = load(HEAD + "".join(ROWS))
    assert result.added == 0
    assert [event.type for event in held(result.project)].count("sync.completed") == 1
    assert load(HEAD + "".join(ROWS)).log_size == result.log_size


def test_an_event_with_its_own_id_is_known_by_it(load: Load) -> None:
    head = "task,event,time,event_id\n"
    load(head + "t,A,2024-01-01T00:00:00Z,e1\n")
    assert load(head + "t,A,2024-01-01T00:00:00Z,e1\nt,A,2024-01-01T00:00:00Z,e2\n").added == 1


def test_a_line_that_comes_twice_with_its_id_is_recorded_once(load: Load) -> None:
    row = "t,A,2024-01-01T00:00:00Z,e1\n"
    result = load(f"task,event,time,event_id\n{row}{row}")
    assert (result.recorded, result.added, result.already) == (2, 2, 1)
