"""Labelbox's streamable exports: begun, waited for, and read chunk by chunk by byte offsets.

A result is NDJSON in several files; offsets count its bytes over all of them, both ends inclusive. A chunk goes into a
temporary file before its lines are handed out, so that memory does not grow with it, and one that breaks is fetched
again, with a new address when the old one has expired.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import IO, Any

import msgspec

from audit.sources.base import SourceError
from audit.sources.labelbox import wire
from audit.sources.labelbox.client import LabelboxClient
from audit.sources.web import NOTHING_LOST

RESULT, ERRORS = "RESULT", "ERRORS"
FIRST_POLL = 0.5
LONGEST_POLL = 10.0
LONGEST_EXPORT = 2 * 3600.0
"""Seconds after which an export that is not ready is given up; the SDK waits as long."""
ATTEMPTS = 3
"""How often a chunk's address is asked for; each is tried several times."""
SHOWN = 3
"""Data rows that are named in the error for those that could not be exported."""

_WHAT = "the export of its data rows"


class _Begun(msgspec.Struct):
    taskId: str  # noqa: N815 - these are the wire's names


class _User(msgspec.Struct):
    id: str


class _Task(msgspec.Struct):
    status: str
    createdAt: str | None = None  # noqa: N815
    errors: Any = None


class _Header(msgspec.Struct):
    totalSize: int  # noqa: N815
    totalLines: int  # noqa: N815


class _Span(msgspec.Struct):
    start: int
    end: int


class _Chunk(msgspec.Struct):
    offsets: _Span
    file: str


@dataclass(frozen=True, slots=True)
class Export:
    """An export that is ready. `created_at` is the platform's own time when it was begun, as it writes it."""

    id: str
    created_at: str | None


def exported(
    client: LabelboxClient, of: str, asked: Mapping[str, object], check: Callable[[], None] = lambda: None
) -> Export:
    """Begin an export of a Project, a Slice or of the Catalog and wait until it is ready, calling `check` meanwhile.

    Raises SourceError, and what `check` raises.
    """
    field, mutation = wire.export_mutation(of)
    begun = client.decoded(client.ask(mutation, {"input": asked}, field, what=_WHAT), _Begun, _WHAT)
    user = client.decoded(client.ask(wire.USER, {}, "user", what="the key's user"), _User, "the key's user")
    until = client.how.clock() + LONGEST_EXPORT
    wait = FIRST_POLL
    while True:
        check()
        task = _task(client, begun.taskId, user.id)
        if task.status == "COMPLETE":
            return Export(begun.taskId, task.createdAt)
        if task.status != "IN_PROGRESS":
            raise SourceError(
                "unavailable" if task.status == "FAILED" else "refused",
                f"Labelbox began the export {begun.taskId} and it ended as {client.web.shown(task.status)}"
                f"{f' ({client.web.shown(task.errors)})' if task.errors else ''}. {NOTHING_LOST}",
            )
        if client.how.clock() > until:
            raise SourceError(
                "unavailable",
                f"Labelbox's export {begun.taskId} was not ready after {LONGEST_EXPORT / 3600:.0f} hours. "
                f"{NOTHING_LOST}",
            )
        client.how.sleep(wait)
        wait = min(wait * 2, LONGEST_POLL)


def lines(client: LabelboxClient, export: Export, stream: str = RESULT) -> Iterator[bytes]:
    """The export's lines without their ends; none when it has no such stream. Raises SourceError for a part missing."""
    where = {"where": {"id": export.id}, "streamType": stream}
    header = _header(client, where)
    if header is None:
        return
    offset, count, rest = 0, 0, b""
    while offset < header.totalSize:
        with TemporaryFile() as file:
            offset = _chunk(client, where, offset, file)
            for line in file:
                rest += line
                if rest.endswith(b"\n"):
                    count += 1
                    yield rest[:-1]
                    rest = b""
    if rest:
        count += 1
        yield rest
    if offset != header.totalSize or count != header.totalLines:
        raise client.web.nonsense(
            _WHAT,
            f"it has {count:,} lines and {offset:,} bytes, and was to have {header.totalLines:,} and "
            f"{header.totalSize:,}",
        )


def total_lines(client: LabelboxClient, export: Export) -> int:
    """How many lines the export has. Raises SourceError."""
    header = _header(client, {"where": {"id": export.id}, "streamType": RESULT})
    return 0 if header is None else header.totalLines


def raise_errors(client: LabelboxClient, export: Export) -> None:
    """Raise SourceError when the platform could not export some data rows."""
    failed = 0
    said: list[str] = []
    for line in lines(client, export, ERRORS):
        failed += 1
        if len(said) < SHOWN:
            said.append(client.web.shown(line.decode(errors="replace")))
    if failed:
        raise SourceError(
            "answer",
            f"Labelbox could not export {failed:,} data rows: {'; '.join(said)}. All others are in the record; what is "
            "there can't be called complete. Mend or remove these data rows at Labelbox, then sync again",
        )


def _header(client: LabelboxClient, where: Mapping[str, object]) -> _Header | None:
    raw = client.ask(wire.HEADER, where, "task", "exportMetadataHeader", what=_WHAT)
    return client.decoded(raw, _Header | None, _WHAT)  # type: ignore[arg-type]  # msgspec takes unions


def _task(client: LabelboxClient, id_: str, user: str) -> _Task:
    asked = {"param_0": id_, "param_1": user}
    raw = client.ask(wire.TASK, asked, "user", "createdTasks", what=_WHAT)
    found = client.decoded(raw, list[_Task], _WHAT)
    if len(found) != 1:
        raise client.web.nonsense(_WHAT, f"there are {len(found)} exports of the id {id_}")
    return found[0]


def _chunk(client: LabelboxClient, where: Mapping[str, object], offset: int, file: IO[bytes]) -> int:
    """Put the chunk that has this byte into the file, to be read from that byte on; where the next one begins."""
    problem: SourceError | None = None
    for _ in range(ATTEMPTS):
        raw = client.ask(wire.CHUNK, {**where, "offset": str(offset)}, "task", "exportFileFromOffset", what=_WHAT)
        chunk = client.decoded(raw, _Chunk, _WHAT)
        first, last = chunk.offsets.start, chunk.offsets.end
        if not first <= offset <= last:
            raise client.web.nonsense(_WHAT, f"asked for byte {offset:,} it gave bytes {first:,} to {last:,}")
        try:
            size = client.fetch(chunk.file, f"bytes {first:,} to {last:,} of {_WHAT}", file)
        except SourceError as error:
            if error.code not in {"missing", "refused"}:
                raise
            problem = error  # Its address may have expired.
            continue
        if size == last - first + 1:
            file.seek(offset - first)
            return last + 1
        problem = client.web.nonsense(_WHAT, f"bytes {first:,} to {last:,} came as {size:,} bytes")
    assert problem is not None
    raise problem
