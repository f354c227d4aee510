"""What `doctor` finds, and what it tells one to do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import psycopg
import pytest
from django.core import checks
from django.core.management import call_command
from django.db import connection
from pytest_django import Settings

from exportsite import doctor, postgres
from exportsite.management.commands.doctor import line

from .conftest import CHECKOUT


def states(findings: list[doctor.Finding]) -> dict[str, str]:
    return {finding.name: finding.state for finding in findings}


def test_a_migrated_database_is_well(db: None) -> None:
    assert states(list(doctor.database(url_of_the_test_database()))) == {"database": "ok", "tables": "ok"}


def url_of_the_test_database() -> str:
    where = connection.settings_dict
    return psycopg.conninfo.make_conninfo(
        dbname=where["NAME"], user=where["USER"], password=where["PASSWORD"], host=where["HOST"], port=where["PORT"]
    )


def test_a_migration_that_was_not_applied_is_wrong_and_named(db: None) -> None:
    connection.ensure_connection()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'sessions' AND name = '0001_initial'")
    finding = doctor.migrations(connection.connection)
    assert (finding.state, finding.text) == ("wrong", "not applied: sessions.0001_initial")
    assert "manage.py migrate" in finding.advice


def test_an_empty_database_is_worth_a_look(home: Path) -> None:
    with postgres.ensure(home, durable=False) as server:
        findings = list(doctor.database(server.url))
    assert states(findings) == {"database": "ok", "tables": "look"}


def test_a_server_that_does_not_answer_is_wrong() -> None:
    [finding] = doctor.database("postgresql://user@127.0.0.1:1/name")
    assert finding.state == "wrong"
    assert "127.0.0.1" in finding.text
    assert "DATABASE_URL" in finding.advice


@pytest.mark.parametrize(("supported", "state"), [(range(90, 99), "wrong"), (range(7, 9), "look")])
def test_a_version_we_do_not_know_is_named(
    home: Path, monkeypatch: pytest.MonkeyPatch, supported: range, state: str
) -> None:
    with postgres.ensure(home, durable=False) as server:
        monkeypatch.setattr(postgres, "SUPPORTED", supported)
        finding = next(doctor.database(server.url))
    assert finding.state == state
    assert f"PostgreSQL {supported[0]} to {supported[-1]}" in finding.advice


def test_a_machine_without_postgresql_is_wrong_with_all_ways_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(variables: object) -> None:
        raise postgres.PostgresUnavailable("No PostgreSQL was found. Do one of these:\n  one way;\n  another.")

    monkeypatch.setattr(postgres, "find_binaries", none)
    monkeypatch.setenv("DATABASE_URL", "")
    [finding] = doctor.server()
    assert (finding.state, finding.text) == ("wrong", "No PostgreSQL was found. Do one of these:")
    assert finding.advice == "  one way;\n  another."


def test_a_key_directory_that_others_read_is_wrong(tmp_path: Path, settings: Settings) -> None:
    settings.LABELTRAIL_KEY_DIR = tmp_path / "keys"
    assert [finding.state for finding in doctor.key_directory()] == ["look"]
    settings.LABELTRAIL_KEY_DIR.mkdir(mode=0o700)
    assert [finding.state for finding in doctor.key_directory()] == ["ok"]
    settings.LABELTRAIL_KEY_DIR.chmod(0o750)
    [finding] = doctor.key_directory()
    assert finding.state == "wrong"
    assert "(0750)" in finding.text
    assert f"chmod 700 {tmp_path / 'keys'}" in finding.advice


@pytest.mark.parametrize(("free", "state"), [(10 * doctor.GIB, "ok"), (doctor.GIB, "look"), (1, "wrong")])
def test_free_space_is_judged(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch, free: int, state: str
) -> None:
    settings.LABELTRAIL_HOME = tmp_path / "not" / "made"
    settings.LABELTRAIL_ARTEFACTS = tmp_path
    monkeypatch.setattr("shutil.disk_usage", lambda path: SimpleNamespace(free=free))
    assert [finding.state for finding in doctor.home()] == [state, state]


def test_a_home_that_cannot_be_written_is_wrong(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    findings = list(doctor.home())
    assert [finding.state for finding in findings] == ["wrong", "wrong"]
    assert "LABELTRAIL_ARTEFACTS" in findings[1].advice


def test_a_missing_pango_is_wrong_and_prints_nothing(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    class Broken:
        @staticmethod
        def find_spec(name: str, *rest: object) -> None:
            if name == "weasyprint":
                print("a long text about libraries")
                raise OSError("cannot load library 'libpango-1.0-0'\nmore")

    monkeypatch.delitem(sys.modules, "weasyprint", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Broken, *sys.meta_path])
    [finding] = doctor.pango()
    assert (finding.state, finding.text) == ("wrong", "no PDF reports: cannot load library 'libpango-1.0-0'")
    assert capfd.readouterr() == ("", "")


def test_what_is_only_useful_is_worth_a_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name, **_: None)
    assert [finding.state for finding in (*doctor.fonts(), *doctor.browser())] == ["look", "look"]


def test_an_installation_without_test_tools_is_not_asked_for_a_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert list(doctor.browser()) == []


def test_a_failed_check_of_django_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [checks.Error("no key", hint="make one", id="site.E1"), checks.Warning("old key", id="site.W1")]
    monkeypatch.setattr(checks, "run_checks", lambda **_: found)
    findings = list(doctor.configuration())
    assert [(finding.state, finding.text) for finding in findings] == [
        ("wrong", "site.E1: no key"),
        ("look", "site.W1: old key"),
    ]
    assert findings[0].advice == "make one"


def test_advice_is_printed_below_what_is_not_well() -> None:
    assert line(doctor.Finding("keys", "ok", "/keys", "nothing")) == "ok     keys        /keys"
    assert line(doctor.Finding("keys", "wrong", "open", "close them")) == (
        "wrong  keys        open\n                   close them"
    )


def test_it_ends_with_one_when_something_is_wrong(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    finding = doctor.Finding("keys", "wrong", "open", "close them")
    monkeypatch.setattr(doctor, "CHECKS", (lambda: iter([finding]),))
    with pytest.raises(SystemExit) as end:
        call_command("doctor", json=True)
    assert end.value.code == 1
    assert json.loads(capsys.readouterr().out) == {
        "ok": False,
        "checks": [{"name": "keys", "state": "wrong", "text": "open", "advice": "close them"}],
    }


def test_a_new_installation_is_well(home: Path, plain_environment: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, CHECKOUT / "manage.py", "doctor", "--json"],
        env=plain_environment | {"LABELTRAIL_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    answer = json.loads(done.stdout)
    assert done.returncode == 0, answer
    assert answer["ok"] is True
    assert [each["name"] for each in answer["checks"]] == [
        "Python",
        "settings",
        "home",
        "artefacts",
        "keys",
        "PostgreSQL",
        "database",
        "tables",
        "Pango",
        "fonts",
        "browser",
    ]
