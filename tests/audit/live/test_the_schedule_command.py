"""`manage.py schedule`: shows, sets, pauses and removes; what makes no sense is refused in words."""

from __future__ import annotations

import json
from datetime import time
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from audit.models import Project, Schedule
from tests.factories import make_project


def run(*words: object) -> str:
    said = StringIO()
    call_command("schedule", *map(str, words), stdout=said, stderr=StringIO())
    return said.getvalue()


def rules() -> dict[str, tuple[object, ...]]:
    return {one.mode: (one.minutes, one.at, one.zone, one.weekday) for one in Schedule.objects.all()}


def test_without_options_it_shows_what_is_set_and_when_it_is_due(project: Project) -> None:
    first, second = run(project.pk).splitlines()
    assert "incremental every 15 minutes, next 20" in first
    assert "full daily at 02:00 (UTC), next 20" in second
    assert second.endswith("02:00:00 UTC")


@pytest.mark.parametrize(
    ("words", "mode", "rule"),
    [
        (("--every", "30m"), "incremental", (30, None, "", None)),
        (("--every", "2h"), "incremental", (120, None, "", None)),
        (("--every", "45"), "incremental", (45, None, "", None)),
        (("--every", "1d", "--mode", "full"), "full", (1440, None, "", None)),
        (("--daily", "02:30", "--zone", "Europe/Berlin"), "full", (None, time(2, 30), "Europe/Berlin", None)),
        (("--weekly", "mon", "02:00", "--zone", "UTC"), "full", (None, time(2, 0), "UTC", 0)),
        (("--weekly", "Sunday", "23:59", "--zone", "Asia/Tokyo"), "full", (None, time(23, 59), "Asia/Tokyo", 6)),
    ],
)
def test_a_rule_is_set(project: Project, words: tuple[str, ...], mode: str, rule: tuple[object, ...]) -> None:
    before = rules()
    assert "next 20" in run(project.pk, *words)
    assert rules() == {**before, mode: rule}


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("--every", "soon"), "no length of time"),
        (("--every", "0"), "0 minutes can't be"),
        (("--every", "90d"), "from 1 to 44,640"),
        (("--every", "30m", "--zone", "UTC"), "--zone goes with"),
        (("--daily", "25:00", "--zone", "UTC"), "no time of day"),
        (("--daily", "02:00"), "a zone, such as"),
        (("--daily", "02:00", "--zone", "Europe/Atlantis"), "no time zone"),
        (("--weekly", "mno", "02:00", "--zone", "UTC"), "did you mean mon"),
        (("--zone", "UTC"), "--zone goes with"),
        (("--every", "5", "--off"), "not allowed with"),
    ],
)
def test_what_makes_no_sense_is_refused(project: Project, words: tuple[str, ...], text: str) -> None:
    before = rules()
    with pytest.raises(CommandError, match=text) as refused:
        run(project.pk, *words)
    assert refused.value.returncode in (1, 2)
    assert rules() == before


def test_a_schedule_is_paused_and_resumed(project: Project) -> None:
    assert run(project.pk, "--pause").count("paused") == 2
    assert run(project.pk, "--resume", "--mode", "full").count("paused") == 1
    with pytest.raises(CommandError, match="No such schedule is paused"):
        run(project.pk, "--resume", "--mode", "full")


def test_a_schedule_is_removed(project: Project) -> None:
    assert "incremental" not in run(project.pk, "--off", "--mode", "incremental")
    assert "no schedule; it is read when somebody asks for it" in run(project.pk, "--off")
    with pytest.raises(CommandError, match="nothing was changed") as refused:
        run(project.pk, "--off")
    assert refused.value.returncode == 1


def test_it_prints_one_object(project: Project) -> None:
    run(project.pk, "--off", "--mode", "full")
    told = json.loads(run(project.pk, "--json"))
    assert told["project"]["id"] == project.pk
    assert told["schedules"]["full"] is None
    assert told["schedules"]["incremental"]["words"] == "every 15 minutes"


def test_a_file_project_has_none(db: None) -> None:
    project = make_project(name="From a file")
    with pytest.raises(CommandError, match="not read over an API") as refused:
        run(project.pk, "--every", "5")
    assert refused.value.returncode == 2
