"""What was killed half-way is put right by the next command."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from exportsite import postgres
from exportsite.postgres import cluster, place

from .conftest import Holder

LINUX = pytest.mark.skipif(not Path("/proc/self/cwd").exists(), reason="processes are known by /proc")


def postmaster(home: Path) -> Path:
    return place.find_place(home).data / "postmaster.pid"


def kill_server(home: Path) -> None:
    os.kill(int(postmaster(home).read_text().split("\n")[0]), signal.SIGKILL)


def test_a_server_whose_holder_was_killed_is_joined_and_then_stopped(home: Path, hold: Callable[[], Holder]) -> None:
    holder = hold()
    url = holder.url()
    process = postmaster(home).read_text().split("\n")[0]
    holder.kill()
    with postgres.ensure(home) as server:
        assert server.url == url
        assert postmaster(home).read_text().split("\n")[0] == process
    assert not postmaster(home).exists()


def test_what_was_committed_is_there_after_the_server_was_killed_while_writing(home: Path) -> None:
    server = postgres.ensure(home)
    committed: list[int] = []
    going = threading.Event()

    def write() -> None:
        with psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute("CREATE TABLE written (number integer)")
            for number in range(10**9):
                connection.execute("INSERT INTO written VALUES (%s)", [number])
                committed.append(number)
                if number == 50:
                    going.set()

    def write_until_killed() -> None:
        with pytest.raises(psycopg.OperationalError):
            write()

    writer = threading.Thread(target=write_until_killed)
    writer.start()
    assert going.wait(60)
    kill_server(home)
    writer.join(60)
    with postgres.ensure(home) as again, psycopg.connect(again.url) as connection:
        found = [number for (number,) in connection.execute("SELECT number FROM written ORDER BY 1")]
    # The one after the last may have been committed without an answer.
    assert found[: len(committed)] == committed
    assert len(found) - len(committed) in {0, 1}
    server.close()


@LINUX
def test_the_number_of_a_killed_server_may_be_another_programs_by_now(home: Path) -> None:
    with postgres.ensure(home, durable=False):
        file = postmaster(home).read_text()
    bystander = os.posix_spawn("/bin/sleep", ["sleep", "600"], {}, setsid=True)
    try:
        postmaster(home).write_text(f"{bystander}\n" + file.split("\n", 1)[1])
        with postgres.ensure(home, durable=False) as server, psycopg.connect(server.url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        assert os.waitpid(bystander, os.WNOHANG) == (0, 0), "the bystander was stopped"
    finally:
        os.kill(bystander, signal.SIGKILL)
        os.waitpid(bystander, 0)


@LINUX
def test_stopping_a_server_that_is_gone_signals_nobody(home: Path) -> None:
    with postgres.ensure(home, durable=False) as server:
        file = postmaster(home).read_text()
    bystander = os.posix_spawn("/bin/sleep", ["sleep", "600"], {}, setsid=True)
    try:
        postmaster(home).write_text(f"{bystander}\n" + file.split("\n", 1)[1])
        cluster.stop(server.place, lambda text: None)
        assert os.waitpid(bystander, os.WNOHANG) == (0, 0), "the bystander was stopped"
    finally:
        os.kill(bystander, signal.SIGKILL)
        os.waitpid(bystander, 0)


def test_a_half_made_data_directory_is_made_anew(home: Path) -> None:
    server = place.find_place(home).server
    (server / "data.new" / "base").mkdir(parents=True)
    (server / "data.new" / "PG_VERSION").write_text("15\n")
    (server / "password.new").write_text("left")
    with postgres.ensure(home, durable=False):
        assert not (server / "data.new").exists()
        assert not (server / "password.new").exists()


def test_a_holder_whose_server_was_killed_leaves_in_peace(home: Path, hold: Callable[[], Holder]) -> None:
    holder = hold()
    holder.url()
    kill_server(home)
    assert holder.leave() == 0


def test_a_lost_password_is_said_with_what_to_do(home: Path) -> None:
    with postgres.ensure(home, durable=False):
        pass
    (home / "postgres" / "password").write_text("another")
    with pytest.raises(postgres.PostgresUnavailable, match=r"(?s)refuses the password in .*Restore that file"):
        postgres.ensure(home, durable=False)
    assert not postmaster(home).exists()


def test_recovery_is_waited_for_and_said(home: Path) -> None:
    said: list[str] = []
    patience = cluster.Patience(said.append)
    patience.wait("the server is starting")
    assert said == []
    patience.began -= 3
    patience.wait("the server is starting")
    patience.wait("the server is starting")
    assert said == ["the server is starting (3 s)"]


@LINUX
def test_a_server_that_can_not_stop_is_ended(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = postgres.ensure(home)
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept (number integer)")
        found = connection.execute("SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'").fetchone()
    assert found is not None
    os.kill(found[0], signal.SIGSTOP)  # It has the last word when a server stops.
    monkeypatch.setattr(cluster, "STOP_SECONDS", 0.3)
    server.close()
    assert not cluster._processes_in(place.find_place(home).data)
    with postgres.ensure(home) as again, psycopg.connect(again.url) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)
