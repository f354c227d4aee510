from __future__ import annotations

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from audit.models import Project
from tests.factories import make_project, worked_task

Run = Callable[..., str]


@pytest.fixture
def run() -> Run:
    def call(*arguments: str) -> str:
        out = StringIO()
        call_command("verify", *arguments, stdout=out)
        return out.getvalue()

    return call


@pytest.fixture
def project(db: None) -> Project:
    return make_project(worked_task("A") + worked_task("B", 500))


@pytest.fixture
def archive(project: Project, tmp_path: Path) -> Path:
    path = tmp_path / "trail.zip"
    call_command("export", str(project.pk), "--format", "trail", "-o", str(path), stdout=StringIO())
    return path


def change(sql: str, *values: object) -> None:
    """Change a row behind the guard, as the database's owner can."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(sql, values)
        cursor.execute("SET LOCAL session_replication_role = origin")


def test_it_says_that_a_log_holds_and_what_was_checked(run: Run, project: Project) -> None:
    told = run("--project", project.name)
    assert "16 of 16" in told
    assert told.rstrip().endswith("HOLDS")
    assert project.log.origin in told


def test_it_names_the_first_index_that_does_not_hold(run: Run, project: Project) -> None:
    change("UPDATE audit_event SET stage = 'Elsewhere' WHERE id = %s", project.log.event_id(5))
    with pytest.raises(CommandError, match="index 5") as refused:
        run("--project", str(project.pk))
    assert refused.value.returncode == 1


def test_the_result_as_json(run: Run, project: Project) -> None:
    told = json.loads(run("--project", str(project.pk), "--json"))
    assert (told["holds"], told["events"], told["problems"]) == (True, 16, [])


def test_it_verifies_an_archive(run: Run, archive: Path) -> None:
    assert run(str(archive)).rstrip().endswith("HOLDS")


def test_it_refuses_a_changed_archive(run: Run, archive: Path) -> None:
    data = bytearray(archive.read_bytes())
    data[200] ^= 1
    archive.write_bytes(data)
    with pytest.raises(CommandError) as refused:
        run(str(archive))
    assert refused.value.returncode in (1, 2)


def test_it_compares_with_an_earlier_archive(run: Run, archive: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.zip"
    stranger = make_project(worked_task("C"))
    call_command("export", str(stranger.pk), "--format", "trail", "-o", str(other), stdout=StringIO())
    assert "HOLDS" in run(str(archive), "--earlier", str(archive))
    with pytest.raises(CommandError):
        run(str(archive), "--earlier", str(other))


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ((), "Name either"),
        (("a.zip", "--project", "x"), "Name either"),
        (("--project", "x", "--key", "k"), "--key and --earlier"),
        (("a.zip", "--json"), "--json and --queue go with"),
    ],
)
def test_it_refuses_a_request_that_says_too_little_or_too_much(run: Run, arguments: tuple[str, ...], text: str) -> None:
    with pytest.raises(CommandError, match=text) as refused:
        run(*arguments)
    assert refused.value.returncode == 2


def test_an_archive_that_is_not_there_is_named(run: Run, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"missing\.zip") as refused:
        run(str(tmp_path / "missing.zip"))
    assert refused.value.returncode == 2


def test_an_unknown_project_is_named(run: Run, db: None) -> None:
    with pytest.raises(CommandError, match="Nobody") as refused:
        run("--project", "Nobody")
    assert refused.value.returncode == 2
