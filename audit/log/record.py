"""The pass by index: envelopes, the columns beside them, what they disclose, the tree over them and its checkpoints."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from audit.eventtypes import TYPES
from audit.files import MEDIA_KEPT, files_of, store
from audit.log import read
from audit.log.checkpoint import vkey
from audit.log.envelope import Envelope, EnvelopeError, commit, unseal, unstamp
from audit.log.erasure import read as erasure_of
from audit.log.fold import LABEL_TYPES
from audit.log.merkle import leaf_hash
from audit.log.note import Checkpoint as Statement
from audit.log.note import NoteError, open_note
from audit.log.problems import Result
from audit.log.projects import ProjectFold, zone_of
from audit.log.tree import TreeCheck
from audit.models import Checkpoint, Disclosure, Event, Log, Person, Project, Source
from audit.models.log import INDEX_BITS
from audit.sources import reading

BATCH = 2_048
READ_BY = frozenset({"n", "type", "task"})
"""Columns that say what is read of an event and in which order, so that wrong ones lead astray."""
SHOWN = 10
"""Rows of one kind of surplus that are named."""

Progress = Callable[[str, int, int], None]


class Record:
    """Checks a log in its own order, and gathers what the other passes need to know."""

    def __init__(self, log: Log, result: Result, progress: Progress = lambda step, done, total: None) -> None:
        self.log = log
        self.result = result
        self.progress = progress
        self.reading = reading(log.project.source.kind)
        self.zone = zone_of(log)
        self.store = store()
        self.received = ""
        self.complete = False
        """Whether all events were there: only then is what none of them says a sign of anything."""
        self.pseudonyms = dict(Person.objects.filter(project=log.project).values_list("id", "pseudonym"))
        self.known = set(self.pseudonyms.values())
        self.disclosed = _Lookahead(read.disclosures(log, 0, log.size))
        self.missing: dict[int, set[str]] = {}
        self.kept: set[int] = set()
        self.erased: dict[int, set[str]] = {}
        self.erasures: dict[str, int] = {}
        """Index of the first event that erased each person."""
        self.named: dict[str, tuple[int, str]] = {}
        """Index and receipt of the first event that names each person."""
        # A project as nobody has said anything of it yet, to be told all that the log says.
        bare = Project(source=Source(kind=log.project.source.kind), name=log.project.name)
        self.project = ProjectFold(bare, self.reading)

    def check(self) -> None:
        """Read the whole log once."""
        if self.log.size < 0:
            self.result.fault(-1, f"the log says it has {self.log.size} events")
            return
        tree = TreeCheck(self.log, self.result, self._statements())
        leaves: list[bytes] = []
        for expected, event in enumerate(read.events(self.log, 0, self.log.size)):
            index = event.id - self.log.event_id(0)
            if index != expected:
                self.result.fault(expected, "the event is missing")
                tree.report()
                return
            leaves.append(leaf_hash(event.envelope))
            self._event(index, event)
            if len(leaves) == BATCH or tree.is_signed(index + 1):
                tree.extend(leaves)
                leaves = []
                self.progress("events", index + 1, self.log.size)
            self.result.events += 1
        tree.extend(leaves)
        if self.result.events != self.log.size:
            self.result.fault(self.result.events, f"the log says it has {self.log.size} events; the rest is missing")
        tree.finish()
        self.complete = self.result.events == self.log.size
        self._check_head()
        self._check_surplus()
        if self.complete:  # Else the erasure may be among what is missing.
            self._check_missing()
        self._compare_project()

    def _event(self, index: int, event: read.StoredEvent) -> None:
        fault = self.result.fault
        disclosed = self._disclosures(event)
        try:
            envelope = unseal(event.envelope)
            unstamp(envelope.received_at)
        except EnvelopeError as problem:
            fault(index, str(problem))
            return
        if envelope.log != self.log.origin:
            fault(index, f"the event is of another log, {envelope.log}")
        if envelope.type not in TYPES:
            fault(index, f"{envelope.type!r} is not a type of event")
        if envelope.received_at < self.received:
            fault(index, "it was received before the event in front of it")
        self.received = envelope.received_at
        for pseudonym in (envelope.actor, envelope.assignee):
            if pseudonym is not None:
                self.named.setdefault(pseudonym, (index, envelope.received_at))
                if pseudonym not in self.known:
                    fault(index, f"it names the person {pseudonym}, of whom there is no row", "people")
        self._columns(index, event, envelope)
        content = disclosed.get("content")
        payload = content.data if content else None
        self._commits(index, envelope, disclosed)
        if payload is not None and (envelope.type in LABEL_TYPES or envelope.type in ("task.updated", MEDIA_KEPT)):
            self._files(index, bytes(payload))
        if envelope.type == "privacy.erased" and payload is not None:
            self._erasure(index, payload)
        try:
            self.project.take(envelope, payload)
        except Exception as problem:  # A reading may trip over anything in bytes that no source sent.
            fault(index, f"what it says of the project can't be read: {problem}")

    def _columns(self, index: int, event: read.StoredEvent, envelope: Envelope) -> None:
        """The columns beside the envelope must say what it says."""
        try:
            text = envelope.occurred_at
            instant = self.reading.instant(text, self.zone) if text else unstamp(envelope.received_at)
        except Exception as problem:  # As above.
            self.result.fault(index, f"its time can't be read: {problem}")
            instant = event.occurred_at
        actor = None
        if event.actor_id is not None:
            actor = self.pseudonyms.get(event.actor_id, f"person {event.actor_id}, who is not of this project")
        for name, stored, hashed in (
            ("n", event.n, envelope.n),
            ("type", event.type, envelope.type),
            ("source_type", event.source_type, envelope.source_type),
            ("stage", event.stage, envelope.stage or ""),
            ("occurred_at", event.occurred_at, instant),
            ("actor", actor, envelope.actor),
            ("task", "none" if event.task_id is None else "one", "none" if envelope.task is None else "one"),
        ):
            if stored != hashed:
                text = f"its column {name} is {stored!r}, the envelope says {hashed!r}"
                self.result.fault(index, text, "log" if name in READ_BY else "column")

    def _disclosures(self, event: read.StoredEvent) -> dict[str, read.StoredDisclosure]:
        found: dict[str, read.StoredDisclosure] = {}
        while (row := self.disclosed.head) is not None and row.event_id <= event.id:
            found[row.group] = row
            self.disclosed.take()
        return found

    def _commits(self, index: int, envelope: Envelope, found: dict[str, read.StoredDisclosure]) -> None:
        fault = self.result.fault
        for group, stated in (("content", envelope.content), ("text", envelope.text)):
            row = found.pop(group, None)
            if row is None:
                if stated is not None:
                    self.missing.setdefault(index, set()).add(group)
                continue
            self.result.disclosures += 1
            if group == "text":
                self.kept.add(index)
            if row.key_id is not None:
                fault(index, f"its {group} is said to be encrypted with the key {row.key_id!r}; payloads are not")
            if stated is None:
                fault(index, f"a {group} is stored, and the envelope commits to none")
            elif commit(bytes(row.salt), bytes(row.data)) != stated:
                fault(index, f"its {group} is not what the envelope commits to")
        for group in found:
            fault(index, f"a disclosure of an unknown group {group!r} is stored")

    def _files(self, index: int, payload: bytes) -> None:
        """The kept files that the payload states are there, byte for byte."""
        for file in files_of(payload).kept:
            self.result.files += 1
            if (problem := self.store.problem(file.stored)) is not None:
                self.result.fault(index, problem, "files")

    def _erasure(self, index: int, content: bytes) -> None:
        try:
            erasure = erasure_of(content)
        except ValueError as problem:
            self.result.fault(index, f"the erasure can't be read: {problem}")
            return
        self.erasures.setdefault(erasure.person, index)
        for gone in erasure.indices:
            if not 0 <= gone < index:
                self.result.fault(index, f"it accounts for payloads of index {gone}, which is not in front of it")
                continue
            self.erased.setdefault(gone, set()).update(erasure.groups)
            if "text" in erasure.groups and gone in self.kept:
                self.result.fault(gone, f"its text is stored, although index {index} says that it was erased")

    def _check_missing(self) -> None:
        for index, groups in self.missing.items():
            accounted = self.erased.get(index, set())
            for group in sorted(groups - accounted):
                self.result.fault(index, f"its {group} is gone, and no erasure accounts for it")
            self.result.erased += len(groups & accounted)

    def _check_head(self) -> None:
        log, fault = self.log, self.result.fault
        if not log.origin.endswith(f"/{log.uuid}"):
            fault(-1, f"the log's uuid is {log.uuid}, its origin is {log.origin}")
        if not self.received:
            if log.received_at is not None and not log.size:
                fault(-1, "the head has a time of receipt, and the log no event")
        elif unstamp(self.received) != log.received_at:
            fault(-1, "the head's time of the last receipt is not that of the last event")

    def _check_surplus(self) -> None:
        """Rows that lie in the log's range of ids and are none of its events."""
        log = self.log
        first, behind, end = log.event_id(0), log.event_id(log.size), log.event_id(1 << INDEX_BITS)
        if Event.objects.filter(id__gte=behind, id__lt=end).exists():
            self.result.fault(log.size, "there are events behind the end of the log")
        if Disclosure.objects.filter(event_id__gte=behind, event_id__lt=end).exists():
            self.result.fault(log.size, "there are disclosures behind the end of the log")
        others = Event.objects.filter(id__gte=first, id__lt=behind).exclude(log=log).order_by("id")
        for event_id, other in others.values_list("id", "log_id")[:SHOWN]:
            self.result.fault(event_id - first, f"its column log is {other}, the envelope is of log {log.pk}", "column")
        strays = Event.objects.filter(log=log).exclude(id__gte=first, id__lt=end).order_by("id")
        for event_id in strays.values_list("id", flat=True)[:SHOWN]:
            self.result.fault(-1, f"the event {event_id} is filed under this log, and its id is not of it")

    def _statements(self) -> dict[int, Statement]:
        """What the checkpoints state, by size; a bad signature is a problem."""
        found: dict[int, Statement] = {}
        try:
            key = vkey(self.log)
        except ValueError as problem:
            self.result.fault(-1, f"the log's origin is no name that signs: {problem}")
            return found
        for size, note in Checkpoint.objects.filter(log=self.log).order_by("size").values_list("size", "note"):
            try:
                stated = Statement.parse(open_note(note, key))
            except (NoteError, ValueError) as problem:
                self.result.fault(-1, f"the checkpoint of size {size} does not hold: {problem}")
                continue
            if stated.origin != self.log.origin or stated.size != size:
                self.result.fault(-1, f"the checkpoint of size {size} is of {stated.origin}, size {stated.size}")
                continue
            found[stated.size] = stated
            self.result.checkpoints += 1
        return found

    def _compare_project(self) -> None:
        told, stored = self.project.project, self.log.project
        for name, stated, held in (
            ("name", told.name, stored.name),
            ("description", told.description, stored.description),
            ("stages", list(self.project.stages), stored.stages),
            ("zone", told.source.zone or stored.source.zone, stored.source.zone),
        ):
            if stated != held:
                self.result.fault(-1, f"the project's {name} is {held!r}, its log says {stated!r}", "projection")


class _Lookahead:
    """An iterator whose next item can be looked at before it is taken."""

    def __init__(self, items: Iterator[read.StoredDisclosure]) -> None:
        self.items = items
        self.head = next(items, None)

    def take(self) -> None:
        self.head = next(self.items, None)
