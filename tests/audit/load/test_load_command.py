from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from audit.management.commands.load import Command
from audit.staging import Staging

Run = Callable[..., str]
ROW = "task,event,time\n1,A,2024-01-01T00:00:00Z\n"


@pytest.fixture
def run(db: None) -> Run:
    """What the command writes to stdout."""

    def call(*arguments: object) -> str:
        out = io.StringIO()
        call_command("load", *map(str, arguments), stdout=out, stderr=io.StringIO())
        return out.getvalue()

    return call


def failure(run: Run, *arguments: object) -> tuple[int, str]:
    with pytest.raises(CommandError) as caught:
        run(*arguments)
    return caught.value.returncode, str(caught.value)


def test_the_result_is_one_line(run: Run, golden: Path) -> None:
    out = run(golden / "review.csv", "--project", "Review")
    assert out.startswith("project ")
    assert out.endswith(" Review: 8 events found, 8 added, 0 already there; log size 9\n")
    assert run(golden / "review.csv", "--project", "Review").endswith(
        "8 events found, 0 added, 8 already there; log size 9\n"
    )


def test_the_result_is_one_object_when_asked_for(run: Run, golden: Path) -> None:
    told = json.loads(run(golden / "review.xes", "--project", "Review", "--json"))
    assert told.pop("project")["name"] == "Review"
    assert told == {"found": 9, "recorded": 6, "added": 9, "already": 0, "log_size": 10}


def test_columns_are_listed_without_a_load(run: Run, golden: Path) -> None:
    out = run(golden / "review.csv", "--list-columns")
    assert "kind csv\ntask         task_id\nevent        event_type\n" in out
    assert json.loads(run(golden / "review.ndjson", "--list-columns", "--json")) == {
        "kind": "ndjson",
        "fields": {
            "task": ["taskId"],
            "event": ["eventType"],
            "time": ["createdAt"],
            "actor": ["updatedBy"],
            "assignee": ["assignee"],
            "stage": ["stage"],
            "text": ["comment"],
            "duration_ms": ["timeSpentMs"],
        },
        "columns": [
            "taskId",
            "eventType",
            "createdAt",
            "assignee",
            "stage",
            "updatedBy",
            "score",
            "timeSpentMs",
            "comment",
        ],
    }


def test_a_mapping_that_no_event_needed_is_told(db: None, golden: Path) -> None:
    err = io.StringIO()
    call_command(
        "load",
        str(golden / "review.csv"),
        "--project",
        "R",
        "--map",
        "open=task.started",
        stdout=io.StringIO(),
        stderr=err,
    )
    assert 'No event needed --map for "open"' in err.getvalue()


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("--zone", "Europe/Pariss"), 'there is no time zone "Europe/Pariss"'),
        (("--column", "actr=x"), 'there is no field "actr" (nearest: actor)'),
        (("--map", "x=task.savd"), "(nearest: task.saved)"),
        (("--kind", "cvs"), '--kind: there is no kind "cvs" (nearest: csv)'),
        (("--active-time", "pair"), "(nearest: pairs)"),
    ],
)
def test_a_wrong_request_ends_with_2(run: Run, golden: Path, arguments: tuple[str, ...], text: str) -> None:
    code, said = failure(run, golden / "review.csv", "--project", "Review", *arguments)
    assert code == 2
    assert text in said


def test_a_missing_project_is_a_wrong_request(run: Run, golden: Path) -> None:
    assert failure(run, golden / "review.csv") == (
        2,
        "--project NAME is missing: the project into which the file is loaded",
    )


def test_a_bad_file_ends_with_1_and_names_the_line(run: Run, tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(ROW + "1,A,soon\n")
    code, said = failure(run, tmp_path / "log.csv", "--project", "Review")
    assert code == 1
    assert said.startswith(f'{tmp_path / "log.csv"}, line 3: "soon" is not a time')


def test_a_busy_project_ends_with_1(run: Run, golden: Path) -> None:
    with Staging() as other:
        other.hold("Review")
        assert failure(run, golden / "review.csv", "--project", "Review")[0] == 1


def test_an_interrupt_ends_with_3(run: Run, golden: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("audit.management.commands.load.load_file", interrupted)
    code, said = failure(run, golden / "review.csv", "--project", "Review")
    assert code == 3
    assert "What was recorded stays" in said


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["log", "--projct=x"], "there is no option --projct; did you mean --project?"),
        (["log", "more"], "what is more?"),
    ],
)
def test_an_unknown_option_is_named_with_the_nearest(arguments: list[str], text: str) -> None:
    err = io.StringIO()
    with pytest.raises(SystemExit) as caught:
        Command(stderr=err).run_from_argv(["manage.py", "load", *arguments])
    assert caught.value.code == 2
    assert text in err.getvalue()


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_goes_to_a_terminal_only(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(1_000_000))
    monkeypatch.setattr("audit.management.commands.load.time.monotonic", lambda: float(next(clock)))
    (tmp_path / "log.csv").write_text("task,event,time\n" + "1,A,2024-01-01T00:00:00Z\n" * 3_000)
    told = []
    for stream in (Terminal(), io.StringIO()):
        out = io.StringIO()
        call_command("load", str(tmp_path / "log.csv"), "--project", "Review", stdout=out, stderr=stream)
        assert "reading" not in out.getvalue()
        told.append(stream.getvalue())
    assert "\rreading: 2,000 events, " in told[0]
    assert "recording: 3,000 events, " in told[0]
    assert told[1] == ""
