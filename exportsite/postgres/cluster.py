"""One data directory and the server on it: made, started, asked, stopped.

Callers hold `start.lock`: see `server`.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import psycopg
from psycopg import pq, sql

from exportsite.postgres.binaries import Binaries, PostgresUnavailable, find_binaries
from exportsite.postgres.place import DATABASE, PORT, USER, Place, Say

LOG_BYTES = 10 * 1024 * 1024
POLL_SECONDS = 0.05
STOP_SECONDS = 60.0
"""After which a server that does not stop is ended at once: it replays its log at its next start."""

SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # Statements hold what people wrote; the log must not.
    "log_min_error_statement": "panic",
    "log_checkpoints": "off",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "wal_compression": "on",
    # Compiling costs more than it saves on short keyset queries.
    "jit": "off",
}
THROW_AWAY = {"shared_buffers": "128MB", "fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class Patience:
    """Says what is waited for: after two seconds, then every ten."""

    def __init__(self, say: Say) -> None:
        self.say = say
        self.began = time.monotonic()
        self.next = 2.0

    def wait(self, text: str) -> None:
        waited = self.waited()
        if waited >= self.next:
            self.say(f"{text} ({waited:.0f} s)")
            self.next = waited + 10
        time.sleep(POLL_SECONDS)

    def waited(self) -> float:
        """Seconds."""
        return time.monotonic() - self.began


def state(place: Place) -> pq.Ping:
    """OK: takes connections. REJECT: there, but starting, recovering or stopping. NO_RESPONSE: not there."""
    conninfo = psycopg.conninfo.make_conninfo(
        host=str(place.socket), port=PORT, user=USER, dbname="postgres", connect_timeout=5
    )
    return pq.Ping(pq.PGconn.ping(conninfo.encode()))


def join(place: Place, say: Say) -> bool:
    """True when a server runs on the data and takes connections; False when none runs and one may be started.

    A server whose starter or stopper was killed may be half-way: its end, or its readiness, is waited for.
    """
    patience = Patience(say)
    while (answer := state(place)) != pq.Ping.OK:
        users = _processes_in(place.data)
        if answer == pq.Ping.NO_RESPONSE and not users:
            _forget_killed_server(place)
            return False
        patience.wait(
            f"waiting for the server on {place.data}"
            + (f", process {min(users)}, to be ready or gone" if users else "")
        )
    return True


def start(place: Place, *, durable: bool, say: Say, variables: Mapping[str, str]) -> None:
    """Make the data directory when there is none, start a server on it, wait until it answers, and make the database.

    There is no time limit: recovery after a crash takes as long as it takes, and says so. Raises PostgresUnavailable
    with the server's own words when it ends instead.
    """
    binaries = _binaries(place, variables)
    if not place.data.exists():
        _initialise(place, binaries, durable=durable, say=say)
    place.directory(place.socket)
    settings = SETTINGS | {"unix_socket_directories": str(place.socket)} | ({} if durable else THROW_AWAY)
    arguments = [argument for name, value in settings.items() for argument in ("-c", f"{name}={value}")]
    if place.log.exists() and place.log.stat().st_size > LOG_BYTES:
        place.log.replace(place.log.with_suffix(".log.1"))
    with open(os.open(place.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as log:
        log_start = log.tell()
        # A session of its own: the terminal's Ctrl-C is for the command, not for a server that others may hold as well.
        process = subprocess.Popen(
            [binaries.program("postgres"), "-D", place.data, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd="/",
            env=_environment(),
            start_new_session=True,
            **place.run_as,
        )
    patience = Patience(say)
    while state(place) != pq.Ping.OK:
        if process.poll() is not None:
            said = place.log.read_bytes()[log_start:].decode(errors="replace").strip()
            raise PostgresUnavailable(f"PostgreSQL {binaries} did not start on {place.data}. It said:\n{said}")
        patience.wait("the server is starting; after a crash it first replays its log")
    _make_database(place)


def stop(place: Place, say: Say) -> None:
    """Stop the server, if one answers, and wait until it is gone."""
    file = place.data / "postmaster.pid"
    try:
        process = int(file.read_text().split("\n", 1)[0])
        # The number may be a killed server's, and in use again: only what is known to be this server is stopped.
        known = process in _processes_in(place.data) if _has_proc() else state(place) != pq.Ping.NO_RESPONSE
        if not known:
            return
        os.kill(process, signal.SIGINT)
    except (FileNotFoundError, ProcessLookupError):
        return
    patience, asked_again = Patience(say), False
    while _processes_in(place.data) if _has_proc() else file.exists():
        patience.wait("the server is stopping")
        # One that is asked while it replays its log after a crash may wait for ever (seen with PostgreSQL 15).
        if patience.waited() > STOP_SECONDS and not asked_again:
            asked_again = True
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGQUIT)


def _binaries(place: Place, variables: Mapping[str, str]) -> Binaries:
    """The preferred binaries that fit the data, at a path the server's account can run."""
    found = find_binaries(variables)
    version_file = place.data / "PG_VERSION"
    major = int(version_file.read_text()) if version_file.exists() else None
    fitting = [binaries for binaries in found if major in {None, binaries.major}]
    if not fitting:
        raise PostgresUnavailable(
            f"The data in {place.data} was made by PostgreSQL {major}; found are only:\n"
            + "".join(f"  {binaries}\n" for binaries in found)
            + f"Install PostgreSQL {major} or set LABELTRAIL_PG_BIN to its bin directory; "
            "or move the data directory away to begin with an empty one."
        )
    for binaries in fitting:
        if place.reaches(Path(binaries.program("postgres"))):
            return binaries
        if binaries.relocatable:
            return binaries.copied_to(place.server / f"postgresql-{binaries.version}")
    raise PostgresUnavailable(
        f"User {place.uid}, as whom the private PostgreSQL runs, may not run any of these:\n"
        + "".join(f"  {binaries}\n" for binaries in fitting)
        + "Install PostgreSQL where every user reaches it, or set DATABASE_URL."
    )


def _initialise(place: Place, binaries: Binaries, *, durable: bool, say: Say) -> None:
    """A new data directory. It gets its name when it is whole: what a killed initdb left is removed."""
    unfinished = place.server / "data.new"
    secret = place.server / "password.new"
    shutil.rmtree(unfinished, ignore_errors=True)
    place.directory(unfinished)
    secret.unlink(missing_ok=True)
    descriptor = os.open(secret, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "w") as file:
        file.write(place.password)
        os.fchown(file.fileno(), place.uid, place.gid)
    if durable:
        say(f"making a private server (PostgreSQL {binaries.version}) in {place.server}")
    arguments = ["--encoding=UTF8", "--locale=C", "--data-checksums", "--auth=scram-sha-256", f"--username={USER}"]
    try:
        made = subprocess.run(
            [
                binaries.program("initdb"),
                f"--pgdata={unfinished}",
                f"--pwfile={secret}",
                *arguments,
                *([] if durable else ["--no-sync"]),
            ],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            env=_environment(),
            start_new_session=True,
            **place.run_as,
        )
    finally:
        secret.unlink(missing_ok=True)
    if made.returncode:
        raise PostgresUnavailable(f"PostgreSQL {binaries} could not make {place.data}. It said:\n{made.stderr.strip()}")
    unfinished.rename(place.data)


def _make_database(place: Place) -> None:
    try:
        with psycopg.connect(place.url("postgres"), autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
    except psycopg.OperationalError as problem:
        raise PostgresUnavailable(
            f"The private PostgreSQL on {place.data} refuses the password in {place.own / 'password'}: {problem}\n"
            f"Restore that file; or move {place.data} away to begin with an empty one."
        ) from problem


def _forget_killed_server(place: Place) -> None:
    """Remove the process file of a server that was killed, when it is certain that none of its processes is left.

    PostgreSQL itself refuses to start while the number in the file is in use: by an unreaped child, or, after a restart
    of the machine or container, by a program that has nothing to do with it.
    """
    if _has_proc():
        (place.data / "postmaster.pid").unlink(missing_ok=True)


def _processes_in(data: Path) -> list[int]:
    """The processes of a server on the data: all of them work in that directory. Empty where there is no /proc."""
    if not _has_proc():
        return []
    found = []
    directory = str(data.resolve())
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if os.readlink(entry / "cwd") == directory and (entry / "comm").read_text().strip() == "postgres":
                    found.append(int(entry.name))
            except OSError:
                continue  # Over since, a zombie, or another user's.
    return found


def _has_proc() -> bool:
    return sys.platform == "linux" and Path("/proc/self/cwd").exists()


def _environment() -> dict[str, str]:
    """Nothing of ours but PATH: a server inherits no PG* variable, no secret and no locale."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}
