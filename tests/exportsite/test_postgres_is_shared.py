"""One server for all that run at the same time; it ends with the last of them."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from exportsite import postgres
from exportsite.postgres import cluster, place

from .conftest import Holder


def postmaster(home: Path) -> int:
    return int((place.find_place(home).data / "postmaster.pid").read_text().split("\n")[0])


def runs(home: Path) -> bool:
    return (place.find_place(home).data / "postmaster.pid").exists()


def test_it_starts_a_server_with_the_database_in_it(home: Path) -> None:
    with postgres.ensure(home, durable=False) as server, psycopg.connect(server.url) as connection:
        row = connection.execute(
            "SELECT current_database(), current_setting('server_encoding'), current_setting('data_checksums'),"
            " current_setting('listen_addresses'), datcollate FROM pg_database WHERE datname = current_database()"
        ).fetchone()
    assert row == ("labeltrail", "UTF8", "on", "", "C")


def test_it_refuses_who_does_not_know_the_password(home: Path) -> None:
    with postgres.ensure(home, durable=False) as server:
        password = server.place.password
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(server.url.replace(password, "guessed"))


def test_the_password_is_readable_by_its_owner_only(home: Path) -> None:
    postgres.address(home)
    assert (home / "postgres" / "password").stat().st_mode & 0o777 == 0o600


def test_a_second_holder_joins_and_the_last_one_stops_it(home: Path, hold: Callable[[], Holder]) -> None:
    first = postgres.ensure(home, durable=False)
    started = postmaster(home)
    second = hold()
    assert second.url() == first.url
    first.close()
    assert postmaster(home) == started
    assert second.leave() == 0
    assert not runs(home)


def test_two_that_start_at_once_get_one_server(home: Path, hold: Callable[[], Holder]) -> None:
    holders = [hold() for _ in range(4)]
    urls = {holder.url() for holder in holders}
    assert len(urls) == 1
    [line] = {psycopg_start_time(url) for url in urls}
    assert line
    assert [holder.leave() for holder in holders] == [0, 0, 0, 0]
    assert (home / "postgres" / "server.log").read_text().count("ready to accept connections") == 1
    assert not runs(home)


def psycopg_start_time(url: str) -> object:
    with psycopg.connect(url) as connection:
        return connection.execute("SELECT pg_postmaster_start_time()").fetchone()


def test_data_is_there_again_after_a_stop(home: Path) -> None:
    with postgres.ensure(home, durable=False) as server, psycopg.connect(server.url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
    with postgres.ensure(home, durable=False) as server, psycopg.connect(server.url) as connection:
        assert connection.execute("SELECT number FROM kept").fetchone() == (7,)


def test_closing_twice_does_not_take_the_server_from_others(home: Path) -> None:
    with postgres.ensure(home, durable=False):
        other = postgres.ensure(home)
        other.close()
        other.close()
        assert runs(home)


def test_a_forked_child_keeps_the_server_when_its_parent_leaves(home: Path) -> None:
    server = postgres.ensure(home, durable=False)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(writing)
        os.read(reading, 1)
        os._exit(0)
    try:
        server.close()
        assert runs(home)
    finally:
        os.close(reading)
        os.close(writing)
        os.waitpid(child, 0)


def test_a_forked_child_that_closes_leaves_the_server_to_its_parent(home: Path) -> None:
    with postgres.ensure(home, durable=False) as server:
        child = os.fork()
        if child == 0:
            server.close()
            os._exit(0)
        os.waitpid(child, 0)
        assert runs(home)
        with postgres.ensure(home):
            pass
        assert runs(home), "the child's close also let go of its parent's hold"


def test_the_server_is_in_a_session_of_its_own(home: Path) -> None:
    with postgres.ensure(home, durable=False):
        assert os.getsid(postmaster(home)) == postmaster(home) != os.getsid(0)


def test_ctrl_c_for_the_starter_leaves_the_server_to_the_others(home: Path, hold: Callable[[], Holder]) -> None:
    first = hold()
    first.url()
    with postgres.ensure(home) as server:
        os.killpg(first.process.pid, signal.SIGINT)
        first.process.wait()
        with psycopg.connect(server.url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    assert not runs(home)


def test_a_server_that_cannot_start_says_why_in_its_own_words(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(cluster.SETTINGS, "max_connections", "none")
    with pytest.raises(postgres.PostgresUnavailable, match='invalid value for parameter "max_connections"'):
        postgres.ensure(home, durable=False)
