"""The log as a reader sees it: checkpoints, entries with what they disclose, and proofs."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from audit.log import checkpoint as checkpoints
from audit.log import merkle, note, proof
from audit.log.envelope import commit
from audit.models import Checkpoint, Disclosure, Event, Log, Project, Task
from audit.queries.records import EventRow, event_rows
from audit.queries.scans import EVENT_COLUMNS


@dataclass(frozen=True, slots=True)
class Standing:
    """What a checkpoint says, checked now: `problem` is empty when its signature and the log's root hold."""

    checkpoint: Checkpoint
    stated: note.Checkpoint | None
    problem: str

    @property
    def root(self) -> str:
        """The root it states, base64; empty when the note can't be read."""
        return base64.b64encode(self.stated.root).decode() if self.stated else ""


@dataclass(frozen=True, slots=True)
class Step:
    """One hash of an inclusion proof: which side it is joined on, and which entries (first to last) it covers."""

    level: int
    side: str
    hash: bytes
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Inclusion:
    """The proof that an entry is in the tree of `size`; `problem` is empty when it leads to `root`."""

    index: int
    size: int
    leaf: bytes
    root: bytes
    steps: tuple[Step, ...]
    problem: str


@dataclass(frozen=True, slots=True)
class Opened:
    """Bytes that an envelope commits to. `holds`: their hash with the salt is the commit in the envelope."""

    group: str
    data: bytes
    salt: bytes
    commit: str
    holds: bool


def newest_checkpoint(log: Log) -> Checkpoint | None:
    """The checkpoint of the greatest size."""
    return Checkpoint.objects.filter(log=log).order_by("-size").first()


def checkpoints_before(log: Log, size: int | None, limit: int) -> tuple[list[Checkpoint], int | None]:
    """Checkpoints from the greatest size down, from below `size` on; and where the next page starts."""
    found = Checkpoint.objects.filter(log=log).order_by("-size")
    if size is not None:
        found = found.filter(size__lt=size)
    rows = list(found[: limit + 1])
    return rows[:limit], rows[limit - 1].size if len(rows) > limit else None


def standing(log: Log, checkpoint: Checkpoint) -> Standing:
    """Check the checkpoint's signature, and its root against the log's tree as it is stored now."""
    try:
        return Standing(checkpoint, checkpoints.check(log, checkpoint), "")
    except (checkpoints.CheckpointError, merkle.TileError) as error:
        return Standing(checkpoint, _read(checkpoint), str(error))


def _read(checkpoint: Checkpoint) -> note.Checkpoint | None:
    """What a checkpoint's text says, signature aside."""
    try:
        return note.Checkpoint.parse(checkpoint.note.partition("\n\n")[0] + "\n")
    except note.NoteError:
        return None


def stated_root(checkpoint: Checkpoint) -> str:
    """The root in a checkpoint's text, base64; empty when it can't be read. Nothing is checked."""
    stated = _read(checkpoint)
    return base64.b64encode(stated.root).decode() if stated else ""


def entry(project: Project, index: int) -> EventRow | None:
    """The event at an index of the project's log."""
    log = project.log
    if not 0 <= index < log.size:
        return None
    return _first(project, list(Event.objects.filter(pk=log.event_id(index)).values(*EVENT_COLUMNS)))


def entries(project: Project, start: int, end: int) -> list[EventRow]:
    """The events of the project's log from index `start` to before `end`, by index."""
    log = project.log
    within = Event.objects.filter(pk__gte=log.event_id(start), pk__lt=log.event_id(end))
    return event_rows(project, list(within.order_by("pk").values(*EVENT_COLUMNS)))


def event_of(task: Task, n: int) -> EventRow | None:
    """The task's event of this number."""
    return _first(task.project, list(Event.objects.filter(task=task, n=n).values(*EVENT_COLUMNS)[:1]))


def _first(project: Project, rows: Sequence[dict[str, object]]) -> EventRow | None:
    return event_rows(project, rows)[0] if rows else None


def opened(event: EventRow) -> list[Opened]:
    """What the event discloses, each checked against the commit in its envelope."""
    try:
        stated = msgspec.json.decode(event.envelope)
    except msgspec.MsgspecError:
        stated = {}
    rows = Disclosure.objects.filter(event_id=event.id).order_by("group").values_list("group", "salt", "data")
    found = []
    for group, salt, data in rows:
        salt, data = bytes(salt), bytes(data)
        made = commit(salt, data)
        found.append(Opened(group, data, salt, made, isinstance(stated, dict) and stated.get(group) == made))
    return found


def inclusion(log: Log, event: EventRow, checkpoint: Checkpoint | None) -> Inclusion | None:
    """The proof that the event is in the tree of the checkpoint; None when the checkpoint does not cover it.

    The proof is checked against the root that the checkpoint states, from the bytes of the envelope on.
    """
    if checkpoint is None or event.index >= checkpoint.size:
        return None
    leaf = merkle.leaf_hash(event.envelope)
    held = standing(log, checkpoint)
    root = held.stated.root if held.stated else b""
    try:
        path = merkle.inclusion_proof(event.index, checkpoint.size, proof.tile_reader(log))
    except (merkle.TileError, ValueError) as error:
        return Inclusion(event.index, checkpoint.size, leaf, root, (), str(error))
    steps = tuple(
        Step(level, side, hash_, first, last)
        for level, (hash_, (side, first, last)) in enumerate(
            zip(path, _siblings(event.index, checkpoint.size), strict=True), start=1
        )
    )
    problem = held.problem
    try:
        merkle.verify_inclusion(leaf, event.index, checkpoint.size, path, root)
    except (merkle.ProofError, ValueError) as error:
        problem = problem or str(error)
    return Inclusion(event.index, checkpoint.size, leaf, root, steps, problem)


def _siblings(index: int, size: int) -> list[tuple[str, int, int]]:
    """For each hash of an audit path, lowest first: its side, and the first and last leaf below it (RFC 6962 2.1.1)."""
    found = []
    start, end = 0, size
    while end - start > 1:
        middle = start + (1 << (end - start - 1).bit_length() - 1)
        if index < middle:
            found.append(("right", middle, end - 1))
            end = middle
        else:
            found.append(("left", start, middle - 1))
            start = middle
    return found[::-1]
