"""`manage.py trail`: a task's history in the terminal."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from audit.models import Project, Task
from tests.factories import AMARA, make_event, make_project, time_event, worked_task


@pytest.fixture
def project(db: None) -> Project:
    return make_project(worked_task("T1"))


def trail(*words: str, **options: object) -> str:
    out = StringIO()
    call_command("trail", *words, stdout=out, **options)
    return out.getvalue()


def test_it_tells_what_happened_with_the_entry_that_holds_it(project: Project) -> None:
    shown = trail("T1")
    assert "    5  2026-03-02 09:30:00Z  Rejected by Mei Tanaka at Review, back to Label\n" in shown
    assert "entry 4, review.rejected" in shown
    assert "       | Lesion 2 is missing.\n" in shown
    assert "30:00 active" in shown


def test_it_gives_local_time_where_the_source_wrote_an_offset(db: None) -> None:
    make_project([make_event("T1", occurred_at="2026-03-02T10:00:00+02:00")])
    assert "2026-03-02 10:00:00+02:00" in trail("T1")


def test_it_says_that_no_time_was_recorded(db: None) -> None:
    make_project([make_event("T1", occurred_at=None, instant=None)])
    assert "no time recorded" in trail("T1")


def test_it_has_no_colour_unless_on_a_terminal_or_asked(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b" not in trail("T1")
    assert "\x1b[1m" in trail("T1", force_color=True)
    assert "\x1b" not in trail("T1", no_color=True)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    assert "\x1b[1m" in trail("T1")
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in trail("T1")


def test_it_shows_control_characters_instead_of_obeying_them(db: None) -> None:
    hostile = "\x1b[2J\u202egnp\r\n\x07"
    make_project([make_event("T1", "comment.added", text=hostile, stage="\x1b]0;x\x07", source_type="a\nb")])
    shown = trail("T1")
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert "⟦U+001B⟧[2J⟦U+202E⟧gnp" in shown
    assert "a⟦U+000A⟧b" in shown


def test_json_holds_the_whole_trail_in_the_apis_shape(project: Project) -> None:
    found = json.loads(trail("T1", "--json"))
    assert found["external_id"] == "T1"
    assert [event["n"] for event in found["events"]] == list(range(1, 9))
    assert found["events"][4]["sentence"] == "Rejected by Mei Tanaka at Review, back to Label"


def test_it_reads_on_past_a_page(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("audit.management.commands.trail.PAGE", 3)
    make_project([make_event("T1", "task.saved", minute) for minute in range(10)])
    assert [event["n"] for event in json.loads(trail("T1", "--json"))["events"]] == list(range(1, 11))


def test_active_time_is_the_one_that_holds_now(db: None) -> None:
    make_project([time_event("T1", 1, 60_000), time_event("T1", 2, 90_000, AMARA, type_="time.revised")])
    shown = trail("T1")
    assert "active 1:30" in shown.splitlines()[1]
    assert shown.count(" active") == 2


@pytest.mark.parametrize("words", [["T9"], ["T1", "--project", "nowhere"], ["9" * 40]])
def test_what_is_not_there_ends_with_exit_code_2(project: Project, words: list[str]) -> None:
    with pytest.raises(CommandError, match="There is no") as caught:
        trail(*words)
    assert caught.value.returncode == 2


def test_what_may_mean_several_ends_with_exit_code_2_and_names_them(project: Project) -> None:
    other = make_project(worked_task("T1"))
    with pytest.raises(CommandError, match="may mean several tasks") as caught:
        trail("T1")
    assert caught.value.returncode == 2
    for task in Task.objects.all():
        assert f"\n  {task.pk}  " in str(caught.value)
    assert "T1" in trail("T1", "--project", other.name)
