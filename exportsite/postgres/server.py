"""Sharing one private server between the commands that run at the same time, and stopping it with the last.

Holding is a shared lock on `holders.lock`: the kernel drops it with the process, however that ends. Starting, joining
and stopping happen under the exclusive `start.lock`, so nobody joins a server that is being stopped, and two starters
make one server.
"""

from __future__ import annotations

import fcntl
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

from exportsite.postgres import cluster
from exportsite.postgres.place import Place, Say, exclusive, explained, find_place


class Server:
    """A hold on a running private server, until `close`. As a context manager it closes at the end of the block."""

    def __init__(self, place: Place, descriptor: int, say: Say) -> None:
        self.place = place
        self.url = place.url()
        self._descriptor: int | None = descriptor
        self._process = os.getpid()
        self._say = say

    def close(self) -> None:
        """Let go; the last to do so stops the server. Doing it twice changes nothing.

        A forked child shares its parent's hold: its close drops the child's share, and leaves the server to the parent.
        """
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is None:
            return
        if os.getpid() != self._process:
            os.close(descriptor)
            return
        with exclusive(self.place.own / "start.lock"):
            _leave(self.place, descriptor, self._say)

    def __enter__(self) -> Server:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def ensure(
    home: Path, *, durable: bool = True, say: Say | None = None, variables: Mapping[str, str] | None = None
) -> Server:
    """Join the private server of `home`, or start it. Hold the result for as long as the database is needed.

    `durable=False` is for tests: a crash of the machine loses the data. `say` gets a line when something takes long
    (default: stderr). `variables` (default: the environment) may name binaries. Raises PostgresUnavailable.
    """
    say = say or _tell
    place = find_place(home)
    with (
        explained(place.own),
        exclusive(place.own / "start.lock", lambda: say("another command starts or stops the server; waiting for it")),
    ):
        descriptor = os.open(place.own / "holders.lock", os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        try:
            if not cluster.join(place, say):
                cluster.start(place, durable=durable, say=say, variables=os.environ if variables is None else variables)
        except BaseException:
            _leave(place, descriptor, say)
            raise
    return Server(place, descriptor, say)


def _leave(place: Place, descriptor: int, say: Say) -> None:
    """Let go of the hold, and stop the server when it was the last. The caller has `start.lock`.

    The question is asked with a new descriptor: a forked child may have a share in the old one, and a lock on that one
    would be granted in spite of the child.
    """
    os.close(descriptor)
    asking = os.open(place.own / "holders.lock", os.O_RDWR)
    try:
        fcntl.flock(asking, fcntl.LOCK_EX | fcntl.LOCK_NB)
        cluster.stop(place, say)
    except BlockingIOError:
        return
    finally:
        os.close(asking)


def _tell(text: str) -> None:
    print(f"PostgreSQL: {text}", file=sys.stderr, flush=True)
