"""Environment variables: typed, and all that is wrong is said at once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from exportsite import env


def test_what_is_absent_or_empty_has_its_default() -> None:
    reader = env.Env({"EMPTY": ""})
    assert reader.read("ABSENT", env.integer(1, 9), 5) == 5
    assert reader.read("EMPTY", env.boolean, True) is True
    reader.check()


def test_every_missing_and_wrong_value_is_named_in_one_error() -> None:
    reader = env.Env({"SIZE": "eleven", "SWITCH": "perhaps"})
    assert reader.read("SIZE", env.integer(1, 9), 5) == 5
    reader.read("SWITCH", env.boolean, False)
    reader.read("NEEDED", env.words, [], required=True)
    with pytest.raises(env.WrongSettings) as problem:
        reader.check()
    assert problem.value.problems == [
        "SIZE='eleven': expected a whole number",
        "SWITCH='perhaps': expected one of 1, true, yes, on, 0, false, no, off",
        "NEEDED is not set",
    ]


@pytest.mark.parametrize("raw", ["0", "10", "1.5", ""])
def test_a_number_outside_its_range_is_refused(raw: str) -> None:
    with pytest.raises(ValueError, match="expected a whole number"):
        env.integer(1, 9)(raw)


@pytest.mark.parametrize(
    ("raw", "value"), [("1", True), ("Yes", True), (" on ", True), ("FALSE", False), ("off", False)]
)
def test_switches_are_read_in_any_case(raw: str, value: bool) -> None:
    assert env.boolean(raw) is value


def test_a_list_ignores_blanks_and_empty_items() -> None:
    assert env.words(" a, b,,c ") == ["a", "b", "c"]


@pytest.mark.parametrize("raw", ["", "a..b", "ex_ample.org", "exämple.org", "a/b"])
def test_a_host_that_is_no_name_is_refused(raw: str) -> None:
    with pytest.raises(ValueError, match="expected a host name"):
        env.host_name(raw)


def test_a_host_is_lower_case() -> None:
    assert env.host_name("Trail.Example.ORG") == "trail.example.org"


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 40 characters"):
        env.long_secret("x" * 39)
    assert env.long_secret("x" * 40)


def test_a_database_address_is_taken_apart() -> None:
    found = env.database("postgresql://user:p%40ss%2Fword@db.example.org:5433/trail?sslmode=verify-full")
    assert (found["USER"], found["PASSWORD"], found["HOST"], found["PORT"], found["NAME"]) == (
        "user",
        "p@ss/word",
        "db.example.org",
        "5433",
        "trail",
    )
    assert found["OPTIONS"] == {"sslmode": "verify-full"}


def test_a_database_behind_a_socket_is_a_directory() -> None:
    found = env.database("postgresql://user:secret@/trail?host=%2Frun%2Fpostgres%20ql&port=5432")
    assert (found["HOST"], found["PORT"], found["OPTIONS"]) == ("/run/postgres ql", "5432", {})


@pytest.mark.parametrize("raw", ["mysql://root@host/name", "sqlite:///file", "name"])
def test_another_database_is_refused(raw: str) -> None:
    with pytest.raises(ValueError, match="PostgreSQL is the only database"):
        env.database(raw)


def test_a_database_address_without_a_name_is_refused() -> None:
    with pytest.raises(ValueError, match="names no database"):
        env.database("postgresql://user@host")


def test_a_database_port_that_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match=r"[Pp]ort"):
        env.database("postgresql://user@host:many/name")


def test_home_is_var_in_the_checkout_unless_it_is_named() -> None:
    assert env.home({}) == env.BASE_DIR / "var"
    assert env.home({"LABELTRAIL_HOME": ""}) == env.BASE_DIR / "var"
    assert env.home({"LABELTRAIL_HOME": "~/trail"}) == Path.home() / "trail"


@pytest.mark.parametrize(("available", "most", "found"), [(True, 1, 1), (True, 2, 2), (True, 8, 3), (False, 8, 1)])
def test_as_many_processes_as_cores_but_not_too_many(
    monkeypatch: pytest.MonkeyPatch, available: bool, most: int, found: int
) -> None:
    monkeypatch.setattr(env.os, "sched_getaffinity", lambda pid: {0, 5, 7}, raising=False)
    monkeypatch.setattr(env.forks, "AVAILABLE", available)
    monkeypatch.setattr(env, "granted", lambda: sys.maxsize)
    assert env.cores(most) == found


def test_no_more_processes_than_a_container_is_granted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(env.os, "sched_getaffinity", lambda pid: set(range(64)), raising=False)
    monkeypatch.setattr(env.forks, "AVAILABLE", True)
    monkeypatch.setattr(env, "granted", lambda: 2)
    assert env.cores(8) == 2


@pytest.mark.parametrize(
    ("files", "found"),
    [
        ({}, sys.maxsize),
        ({"cpu.max": "max 100000\n"}, sys.maxsize),
        ({"cpu.max": "200000 100000\n"}, 2),
        ({"cpu.max": "150000 100000\n"}, 2),
        ({"cpu.max": "50000 100000\n"}, 1),
        ({"cpu.max": "of another shape"}, sys.maxsize),
        ({"cpu.max": ""}, sys.maxsize),
        ({"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"}, sys.maxsize),
        ({"cpu/cpu.cfs_quota_us": "250000\n", "cpu/cpu.cfs_period_us": "100000\n"}, 3),
        ({"cpu/cpu.cfs_quota_us": "250000\n"}, sys.maxsize),
    ],
)
def test_what_a_container_is_granted_is_what_the_kernel_says(tmp_path: Path, files: dict[str, str], found: int) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    assert env.granted(tmp_path) == found


@pytest.mark.parametrize("raw", ["0", "-1", "65", "9" * 30, "9" * 9_000, "many", "2.5", "1e9"])
def test_processes_of_an_export_are_a_number(raw: str) -> None:
    name = "LABELTRAIL_EXPORT_PROCESSES"
    code = f"import os; os.environ[{name!r}] = {raw!r}; import exportsite.settings"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=env.BASE_DIR)
    assert done.returncode == 1
    assert f"{name}={raw!r}: expected a whole number" in done.stderr
