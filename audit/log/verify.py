"""Checking a whole log against itself: what is stored must be what was hashed, signed and numbered.

`verify(log)` reads everything once by index (envelopes, disclosures, tree, checkpoints) and once by task (numbers,
source keys, projections), in memory that does not grow with the log, and names the first index that does not hold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from audit.log import read
from audit.log.checkpoint import CheckpointError, vkey
from audit.log.envelope import Envelope, EnvelopeError, commit, unseal, unstamp
from audit.log.erasure import read as erasure_of
from audit.log.merkle import Edge, Tile, leaf_hash
from audit.log.note import Checkpoint as Statement
from audit.log.note import NoteError, open_note
from audit.log.projects import ProjectFold
from audit.log.trails import check_trails
from audit.models import Checkpoint, Log, Person, Project, Source
from audit.models import Tile as StoredTile
from audit.people import check_identities
from audit.sources import reading

MAX_PROBLEMS = 100
BATCH = 2_048

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """Something that does not hold: at an index of the log, or (-1) with the log as a whole."""

    index: int
    text: str

    def __str__(self) -> str:
        return f"index {self.index}: {self.text}" if self.index >= 0 else self.text


@dataclass(slots=True)
class Result:
    """What was checked, and what did not hold. `erased` counts payloads that an erasure accounts for."""

    size: int
    events: int = 0
    disclosures: int = 0
    erased: int = 0
    checkpoints: int = 0
    tasks: int = 0
    people: int = 0
    problems: list[Problem] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        return not self.problems

    def fault(self, index: int, text: str) -> None:
        """Note a problem; past a hundred they are no longer kept, the log is broken anyway."""
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(Problem(index, text))


def verify(log: Log, progress: Progress = lambda step, done, total: None) -> Result:
    """Check all of `log`; the problems come ordered by index, those of the log as a whole first."""
    with read.snapshot():
        log = Log.objects.select_related("project__source").get(pk=log.pk)
        result = Result(size=log.size)
        _ByIndex(log, result, progress).run()
        result.tasks = check_trails(log, result.fault, progress)
        result.people = check_identities(log.project, lambda text: result.fault(-1, text))
    result.problems.sort()
    return result


class _ByIndex:
    """The pass in the log's own order."""

    def __init__(self, log: Log, result: Result, progress: Progress) -> None:
        self.log = log
        self.result = result
        self.progress = progress
        self.reading = reading(log.project.source.kind)
        self.zone = log.project.source.zone
        self.edge = Edge()
        self.received = ""
        self.pseudonyms = dict(Person.objects.filter(project=log.project).values_list("id", "pseudonym"))
        self.disclosed = _Lookahead(read.disclosures(log, 0, log.size))
        self.missing: dict[int, set[str]] = {}
        self.erased: dict[int, set[str]] = {}
        # A project as nobody has said anything of it yet, to be told all that the log says.
        bare = Project(source=Source(kind=log.project.source.kind), name=log.project.name)
        self.project = ProjectFold(bare, self.reading)

    def run(self) -> None:
        checkpoints = self._statements()
        leaves: list[bytes] = []
        for expected, event in enumerate(read.events(self.log, 0, self.log.size)):
            index = event.id - self.log.event_id(0)
            if index != expected:
                self.result.fault(expected, "the event is missing")
                return
            leaves.append(leaf_hash(event.envelope))
            self._event(index, event)
            if len(leaves) == BATCH or index + 1 in checkpoints:
                self._extend(leaves)
                leaves = []
                self._checkpoint(checkpoints.get(index + 1))
                self.progress("events", index + 1, self.log.size)
            self.result.events += 1
        self._extend(leaves)
        self._ends(checkpoints)

    def _ends(self, checkpoints: dict[int, Statement]) -> None:
        fault = self.result.fault
        if self.result.events != self.log.size:
            fault(self.result.events, f"the log says it has {self.log.size} events; the rest is missing")
        if next(read.events(self.log, self.log.size, 1 << 40), None) is not None:
            fault(self.log.size, "there are events behind the end of the log")
        if self.edge.encode() != bytes(self.log.edge):
            fault(-1, "the unfinished tiles in the log's head are not those of its events")
        if self.log.received_at is not None and self.received != "" and unstamp(self.received) != self.log.received_at:
            fault(-1, "the head's time of the last receipt is not that of the last event")
        for size in checkpoints:
            if size > self.log.size:
                fault(-1, f"a checkpoint of size {size} was signed, and the log has only {self.log.size} events")
        self._tile_count()
        for index, groups in self.missing.items():
            for group in groups - self.erased.get(index, set()):
                fault(index, f"its {group} is gone, and no erasure accounts for it")
            self.result.erased += len(groups & self.erased.get(index, set()))
        self._compare_project()

    def _event(self, index: int, event: read.StoredEvent) -> None:
        fault = self.result.fault
        content = self._disclosures(index, event)
        try:
            envelope = unseal(event.envelope)
            received = unstamp(envelope.received_at)
        except EnvelopeError as problem:
            fault(index, str(problem))
            return
        if envelope.log != self.log.origin:
            fault(index, f"the event is of another log, {envelope.log}")
        if envelope.received_at < self.received:
            fault(index, "it was received before the event in front of it")
        self.received = envelope.received_at
        self._columns(index, event, envelope, received)
        data = content.get("content")
        payload = bytes(data.data) if data else None
        self._commits(index, envelope, content)
        if envelope.type == "privacy.erased" and payload is not None:
            self._erasure(index, payload)
        self.project.take(envelope, payload)

    def _columns(self, index: int, event: read.StoredEvent, envelope: Envelope, received: datetime) -> None:
        """The columns beside the envelope must say what it says."""
        try:
            instant = self.reading.instant(envelope.occurred_at, self.zone) if envelope.occurred_at else received
        except ValueError as problem:
            self.result.fault(index, f"its time can't be read: {problem}")
            instant = event.occurred_at
        actor = self.pseudonyms.get(event.actor_id) if event.actor_id is not None else None
        for name, stored, hashed in (
            ("n", event.n, envelope.n),
            ("type", event.type, envelope.type),
            ("source_type", event.source_type, envelope.source_type),
            ("stage", event.stage, envelope.stage or ""),
            ("occurred_at", event.occurred_at, instant),
            ("actor", actor, envelope.actor),
            ("task", event.task_id is None, envelope.task is None),
        ):
            if stored != hashed:
                self.result.fault(index, f"its column {name} is {stored!r}, the envelope says {hashed!r}")

    def _disclosures(self, index: int, event: read.StoredEvent) -> dict[str, read.StoredDisclosure]:
        found: dict[str, read.StoredDisclosure] = {}
        while (row := self.disclosed.peek()) is not None and row.event_id <= event.id:
            found[row.group] = row
            self.disclosed.take()
        return found

    def _commits(self, index: int, envelope: Envelope, found: dict[str, read.StoredDisclosure]) -> None:
        fault = self.result.fault
        for group in ("content", "text"):
            stated = getattr(envelope, group)
            row = found.pop(group, None)
            if row is None and stated is not None:
                self.missing.setdefault(index, set()).add(group)
            elif row is not None and stated is None:
                fault(index, f"a {group} is stored, and the envelope commits to none")
            elif row is not None and commit(bytes(row.salt), bytes(row.data)) != stated:
                fault(index, f"its {group} is not what the envelope commits to")
            elif row is not None:
                self.result.disclosures += 1
        for group in found:
            fault(index, f"a disclosure of an unknown group {group!r} is stored")

    def _erasure(self, index: int, content: bytes) -> None:
        try:
            erasure = erasure_of(content)
        except ValueError as problem:
            self.result.fault(index, f"the erasure can't be read: {problem}")
            return
        for gone in erasure.indices:
            self.erased.setdefault(gone, set()).update(erasure.groups)

    def _extend(self, leaves: list[bytes]) -> None:
        for tile in self.edge.extend(leaves):
            self._tile(tile)

    def _tile(self, tile: Tile) -> None:
        rows = StoredTile.objects.filter(log=self.log, level=tile.level, index=tile.index)
        stored = rows.values_list("hashes", flat=True).first()
        first = tile.index << (8 * (tile.level + 1))
        if stored is None:
            self.result.fault(first, f"tile {tile.level}/{tile.index}, which begins here, is missing")
        elif bytes(stored) != tile.hashes:
            self.result.fault(first, f"tile {tile.level}/{tile.index}, which begins here, is not that of its events")

    def _tile_count(self) -> None:
        expected, size = 0, self.log.size
        while size := size // 256:
            expected += size
        if StoredTile.objects.filter(log=self.log).count() > expected:
            self.result.fault(-1, "there are tiles that the log's events do not make")

    def _statements(self) -> dict[int, Statement]:
        """What the checkpoints state, by size; a bad signature is a problem."""
        found: dict[int, Statement] = {}
        key = vkey(self.log)
        for row in Checkpoint.objects.filter(log=self.log).order_by("size"):
            try:
                stated = Statement.parse(open_note(row.note, key))
            except (NoteError, CheckpointError) as problem:
                self.result.fault(-1, f"the checkpoint of size {row.size} does not hold: {problem}")
                continue
            if stated.origin != self.log.origin or stated.size != row.size:
                self.result.fault(-1, f"the checkpoint of size {row.size} is of {stated.origin}, size {stated.size}")
                continue
            found[stated.size] = stated
            self.result.checkpoints += 1
        self._checkpoint(found.get(0))
        return found

    def _checkpoint(self, stated: Statement | None) -> None:
        if stated is not None and stated.root != self.edge.root():
            self.result.fault(
                max(stated.size - 1, -1), f"the root of the first {stated.size} events is not the one that was signed"
            )

    def _compare_project(self) -> None:
        told, stored = self.project.project, self.log.project
        for name, stated, held in (
            ("name", told.name, stored.name),
            ("description", told.description, stored.description),
            ("stages", list(self.project.stages), stored.stages),
            ("zone", told.source.zone, stored.source.zone),
        ):
            if stated != held:
                self.result.fault(-1, f"the project's {name} is {held!r}, its log says {stated!r}")


class _Lookahead:
    """An iterator whose next item can be looked at before it is taken."""

    def __init__(self, items: Iterator[read.StoredDisclosure]) -> None:
        self.items = items
        self.head = next(items, None)

    def peek(self) -> read.StoredDisclosure | None:
        return self.head

    def take(self) -> None:
        self.head = next(self.items, None)
