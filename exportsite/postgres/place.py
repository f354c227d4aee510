"""Where a private server lives: its directories, its socket, its password, and the account it runs under.

LABELTRAIL_HOME/postgres holds the locks, the password and the server's log. The data directory and the socket are
beside them, except where PostgreSQL cannot use that: root's server runs as `nobody`, who may not reach a home under a
0700 directory (then a machine directory holds them), and a socket's path has at most 107 bytes (then it is in a
private directory under /tmp).
No permission is changed outside directories made here.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import itertools
import os
import pwd
import secrets
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict
from urllib.parse import quote

from exportsite.postgres.binaries import PostgresUnavailable

MACHINE_DIRECTORY = Path("/var/lib/labeltrail")
SHORT_DIRECTORY = Path("/tmp")  # noqa: S108 - short on every machine; what is made in it is private and checked
# sun_path of <sys/un.h>, without the closing NUL.
SOCKET_PATH_BYTES = 103 if sys.platform == "darwin" else 107
PORT = 5432
USER = "labeltrail"
DATABASE = "labeltrail"

Say = Callable[[str], None]


class RunAs(TypedDict, total=False):
    """The arguments of `subprocess` that choose the account; none when the server runs as ourselves."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True)
class Place:
    """The files of one private server."""

    own: Path
    """LABELTRAIL_HOME/postgres: ours alone (root's, when root started it)."""
    server: Path
    """Holds the data directory; the same as `own`, or a machine directory."""
    uid: int
    gid: int

    @property
    def data(self) -> Path:
        return self.server / "data"

    @property
    def log(self) -> Path:
        return self.own / "server.log"

    @property
    def socket(self) -> Path:
        """The directory of the socket; the same at every start, so that an address once handed on stays right."""
        directory = self.server / "run"
        if len(os.fsencode(directory / f".s.PGSQL.{PORT}")) <= SOCKET_PATH_BYTES:
            return directory
        return SHORT_DIRECTORY / f"labeltrail-{self.uid}-{_digest(self.server)}"

    @property
    def password(self) -> str:
        return (self.own / "password").read_text()

    @property
    def run_as(self) -> RunAs:
        if self.uid == os.geteuid():
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def url(self, database: str = DATABASE) -> str:
        """The server's address, as DATABASE_URL takes it."""
        socket = quote(str(self.socket), safe="")
        return f"postgresql://{USER}:{quote(self.password)}@/{database}?host={socket}&port={PORT}"

    def reaches(self, path: Path) -> bool:
        """Whether the server's account may enter the directory, or run the program, by the kernel's judgement."""
        return subprocess.run(["test", "-x", path], cwd="/", check=False, **self.run_as).returncode == 0

    def directory(self, path: Path) -> Path:
        """Make a directory that belongs to the server's account alone."""
        with contextlib.suppress(FileExistsError):
            path.mkdir(mode=0o700)
        # Anyone can be first with a name under /tmp: only a true directory of ours will do.
        found = path.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {os.geteuid(), self.uid}:
            raise PostgresUnavailable(
                f"{path} belongs to someone else. Remove it, or set LABELTRAIL_HOME to another (shorter) path."
            )
        os.chown(path, self.uid, self.gid, follow_symlinks=False)
        path.chmod(0o700)
        return path


def address(home: Path) -> str:
    """The DATABASE_URL of the home's private server, running or not; nothing is started."""
    return find_place(home).url()


def find_place(home: Path) -> Place:
    """The place of the home's server, made when it is not there yet.

    Raises PostgresUnavailable when it belongs to another user, or cannot be made.
    """
    own = home.absolute() / "postgres"
    with explained(own):
        own.mkdir(parents=True, exist_ok=True)
        owner = own.stat().st_uid
        if owner != os.geteuid():
            raise PostgresUnavailable(
                f"{own} belongs to user {owner}, and this is user {os.geteuid()}. Run the command as that user, "
                "set LABELTRAIL_HOME to a directory of your own, or set DATABASE_URL."
            )
        own.chmod(0o711 if owner == 0 else 0o700)
        with exclusive(own / "start.lock"):
            _make_password(own / "password")
            return _choose(own)


@contextlib.contextmanager
def explained(own: Path) -> Iterator[None]:
    """Say of an error of the file system which directory it was about, and what to do."""
    try:
        yield
    except OSError as problem:
        raise PostgresUnavailable(
            f"The private PostgreSQL's directory {own} cannot be used: {problem}. "
            "Set LABELTRAIL_HOME to a directory you can write, or set DATABASE_URL."
        ) from problem


@contextlib.contextmanager
def exclusive(path: Path, wait: Callable[[], None] | None = None) -> Iterator[None]:
    """Hold an exclusive lock on the file; `wait` is called once when somebody else has it."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if wait:
                wait()
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _choose(own: Path) -> Place:
    record = own / "server-directory"
    server = Path(record.read_text()) if record.exists() else own
    place = Place(own, server, *_account(server / "data"))
    if place.reaches(server):
        return place
    if server != own or place.data.exists():
        raise PostgresUnavailable(
            f"The private PostgreSQL runs as user {place.uid}, who cannot reach {server}: "
            "a directory above it is closed. Open that one (chmod o+x), set LABELTRAIL_HOME to another directory, "
            "or set DATABASE_URL."
        )
    made = _machine_directory(own)
    record.write_text(str(made))
    return Place(own, made, place.uid, place.gid)


def _account(data: Path) -> tuple[int, int]:
    """(uid, gid) of the server: ourselves; for root (PostgreSQL refuses it) the data's owner, or `nobody`."""
    if os.geteuid() != 0:
        return os.geteuid(), os.getegid()
    if data.exists():
        found = data.stat()
        return found.st_uid, found.st_gid
    nobody = pwd.getpwnam("nobody")
    return nobody.pw_uid, nobody.pw_gid


def _machine_directory(own: Path) -> Path:
    """A new directory outside of the home. One that is there already is a deleted home's: its password went with it."""
    if not MACHINE_DIRECTORY.exists():
        MACHINE_DIRECTORY.mkdir(parents=True)
        MACHINE_DIRECTORY.chmod(0o755)
    for number in itertools.count(1):
        made = MACHINE_DIRECTORY / f"{_digest(own)}-{number}"
        with contextlib.suppress(FileExistsError):
            made.mkdir()
            made.chmod(0o711)
            return made
    raise AssertionError("itertools.count ended")


def _make_password(path: Path) -> None:
    with contextlib.suppress(FileExistsError):
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(32))


def _digest(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path.resolve())).hexdigest()[:12]
