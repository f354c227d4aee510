"""How a command comes to its database, and what it says when it cannot."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from exportsite import env, launch, postgres

from .conftest import CHECKOUT


@pytest.fixture
def shell(home: Path, plain_environment: dict[str, str]) -> dict[str, str]:
    """A shell's environment, with a home that is nobody else's."""
    return plain_environment | {"LABELTRAIL_HOME": str(home)}


def command(shell: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, CHECKOUT / "manage.py", *arguments],
        env=shell,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )


@pytest.mark.parametrize(
    "arguments",
    [["help"], ["version"], ["check"], ["makemigrations", "--check", "--dry-run"], ["migrate", "--help"]],
    ids=" ".join,
)
def test_a_command_that_needs_no_database_starts_none(arguments: list[str], shell: dict[str, str], home: Path) -> None:
    done = command(shell, *arguments)
    assert done.returncode == 0, done.stderr
    assert not (home / "postgres").exists()


def test_a_command_that_needs_a_database_has_one_and_stops_it(shell: dict[str, str], home: Path) -> None:
    done = command(
        shell, "shell", "--command", "from django.db import connection; connection.ensure_connection(); print('ok')"
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("ok\n")
    assert (home / "postgres" / "data").exists()
    assert not (home / "postgres" / "data" / "postmaster.pid").exists()


def test_a_command_that_is_asked_to_end_stops_its_server(shell: dict[str, str], home: Path) -> None:
    running = subprocess.Popen(
        [
            sys.executable,
            CHECKOUT / "manage.py",
            "shell",
            "--command",
            "print('here', flush=True); import time; time.sleep(600)",
        ],
        env=shell,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert running.stdout
    while "here" not in running.stdout.readline():
        assert running.poll() is None
    running.terminate()
    assert running.wait() == 128 + signal.SIGTERM
    assert not (home / "postgres" / "data" / "postmaster.pid").exists()
    running.stdout.close()


def test_database_url_wins_and_nothing_is_started(shell: dict[str, str], home: Path) -> None:
    done = command(
        shell | {"DATABASE_URL": "postgresql://user:secret@127.0.0.1:1/elsewhere?connect_timeout=2"},
        "migrate",
        "--check",
    )
    assert done.returncode != 0
    assert "127.0.0.1" in done.stderr
    assert not (home / "postgres").exists()


def test_production_never_starts_a_private_server(shell: dict[str, str], home: Path) -> None:
    done = command(shell | {"LABELTRAIL_PRODUCTION": "1"}, "migrate")
    assert done.returncode == 2
    assert "  DATABASE_URL is not set\n" in done.stderr
    assert not (home / "postgres").exists()


def test_production_refuses_a_private_servers_address(shell: dict[str, str], home: Path) -> None:
    private = {"LABELTRAIL_PRIVATE_POSTGRES": "1", "DATABASE_URL": postgres.address(home)}
    done = command(shell | private | {"LABELTRAIL_PRODUCTION": "1"}, "check")
    assert done.returncode == 2
    assert "LABELTRAIL_PRODUCTION=1 refuses the private PostgreSQL" in done.stderr


def test_wrong_settings_are_one_message_without_a_traceback(shell: dict[str, str]) -> None:
    done = command(shell | {"LABELTRAIL_REPORT_MEMORY_MIB": "much", "DATABASE_URL": "mysql://root@host/name"}, "check")
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "These settings are missing or wrong:",
        "  LABELTRAIL_REPORT_MEMORY_MIB='much': expected a whole number",
        "  DATABASE_URL='mysql://root@host/name': expected postgresql://user:password@host:port/name; "
        "PostgreSQL is the only database",
    ]


def test_a_machine_without_postgresql_gets_one_message_without_a_traceback(
    shell: dict[str, str], tmp_path: Path
) -> None:
    done = command(shell | {"LABELTRAIL_PG_BIN": str(tmp_path)}, "migrate")
    assert done.returncode == 2
    assert (
        done.stderr
        == f"LABELTRAIL_PG_BIN={tmp_path}: no working initdb and postgres in it. Name PostgreSQL's bin directory.\n"
    )


def test_a_web_server_without_a_database_is_told_both_ways(shell: dict[str, str], home: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import exportsite.wsgi"],
        cwd=CHECKOUT,
        env=shell,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "DATABASE_URL is not set: set it to postgresql://" in done.stderr
    assert "manage.py up" in done.stderr
    assert not (home / "postgres").exists()


def test_a_child_holds_the_server_it_was_given_and_outlives_its_parent(
    shell: dict[str, str], home: Path, tmp_path: Path
) -> None:
    script = (
        "import os, sys, pathlib\n"
        "from exportsite import launch\n"
        "launch.hold_private_server(os.environ)\n"
        "print('held', flush=True)\n"
        "sys.stdin.read()\n"
    )
    with postgres.ensure(home, durable=False) as server:
        child = subprocess.Popen(
            [sys.executable, "-c", script],
            cwd=CHECKOUT,
            env=shell | {"DATABASE_URL": server.url, "LABELTRAIL_PRIVATE_POSTGRES": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert child.stdin
        assert child.stdout
        assert child.stdout.readline() == "held\n"
    with psycopg.connect(server.url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    child.stdin.close()
    assert child.wait() == 0
    child.stdout.close()
    assert not (home / "postgres" / "data" / "postmaster.pid").exists()


@pytest.mark.parametrize(
    ("line", "needed"),
    [
        ("manage.py", False),
        ("manage.py --version", False),
        ("manage.py sync --help", False),
        ("manage.py sync", True),
        ("manage.py check", False),
        ("manage.py check --database default", True),
        ("manage.py check --database=default", True),
        ("manage.py verify archive.zip", False),
        ("manage.py verify --project=lungs", True),
        ("manage.py spectacular", False),
        ("manage.py doctor", False),
    ],
)
def test_which_commands_need_a_database(line: str, needed: bool) -> None:
    assert launch.needs_database(line.split()) is needed


def test_a_wrong_production_switch_starts_nothing() -> None:
    variables = {"LABELTRAIL_PRODUCTION": "perhaps"}
    assert launch.hold_private_server(variables) is None
    assert "DATABASE_URL" not in variables


def test_the_address_is_handed_on(home: Path) -> None:
    variables = {"LABELTRAIL_HOME": str(home)}
    server = launch.hold_private_server(variables)
    assert server is not None
    try:
        assert variables["DATABASE_URL"] == server.url
        assert variables["LABELTRAIL_PRIVATE_POSTGRES"] == "1"
        assert env.database(server.url)["NAME"] == "labeltrail"
    finally:
        server.close()


def test_a_command_on_a_database_without_tables_says_what_makes_them(shell: dict[str, str]) -> None:
    done = command(shell, "export", "Nobody's", "--format", "coco")
    assert (done.returncode, done.stdout) == (2, "")
    *_, said = done.stderr.strip().split("\n")
    assert said == "The database's tables: none yet. `manage.py up` makes them; so does `manage.py migrate`"
    assert "Traceback" not in done.stderr


def test_a_command_that_cannot_reach_its_database_says_which_and_why(shell: dict[str, str]) -> None:
    done = command(
        shell | {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/x"}, "export", "Nobody's", "--format", "coco"
    )
    assert done.returncode == 2
    assert done.stderr.startswith("The database can't be reached: ")
    assert "127.0.0.1" in done.stderr
    assert done.stderr.strip().endswith("Start that server, or correct DATABASE_URL")


def test_other_problems_of_a_database_are_shown_with_their_place_in_the_code(shell: dict[str, str]) -> None:
    code = "from django.db import connection; connection.cursor().execute('SELECT 1/0')"
    done = command(shell, "shell", "--command", code)
    assert done.returncode == 1
    assert "Traceback" in done.stderr
    assert "division by zero" in done.stderr
