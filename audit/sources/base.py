"""What every source yields: plain facts, before they are numbered, hashed and stored.

What is made for every event is a struct: it makes and changes itself ten times as fast as a dataclass.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import IO, ClassVar, Literal, Protocol

import msgspec

from audit.annotations import Labelled, Medium, MediumKind
from audit.ontology import Ontology
from audit.sources.ahead import answers

TASKS_AT_A_TIME = 8
"""Tasks that are asked for by their ids at the same time."""

ActorKind = Literal["person", "service", "system", "unknown"]


class PersonRef(msgspec.Struct, frozen=True, gc=False):
    """A person as the source names them: its own id, and e-mail and name where it gives them."""

    external_id: str
    email: str | None = None
    name: str | None = None


class Version(msgspec.Struct, frozen=True, gc=False):
    """For an event that says how something at its source is now: a comment's text, a member's role, an active time.

    The log keeps the event when its newest event about the same `thing` (within the task; of the project when the event
    has none) says another `state`; so it does when a thing comes back to an earlier state. While it holds nothing about
    the thing, it keeps `first` in its place; nothing when that is None, since the thing is as it began.
    `thing` and `state` may name people: they go into a source key, which is computed with the project's secret.
    """

    thing: str
    state: str
    first: SourceEvent | None


class FileRef(msgspec.Struct, frozen=True, gc=False):
    """A file that a payload names. `name` is how it does, unique in the payload; `where` is for `LiveSource.file`.

    `what` names it in errors: "the mask of series CT of task 7". `media` files are what people look at, not what they
    drew: they are kept only where the project's policy says so.
    """

    name: str
    where: str
    what: str
    media: bool = False


class SourceEvent(msgspec.Struct, frozen=True, gc=False):
    """One fact as its source recorded it.

    `task` is the task's external id (None: a fact about the project). `source_key` is the platform's own event id, or
    None when it has none. `occurred_at` is the platform's own text and `instant` what it means (UTC), both None when
    the platform recorded no time. `content` is the payload as it came (JSON bytes), `text` what a person wrote.
    `people` are those whose id, e-mail or name the payload may hold, besides actor and assignee. `key_fields` tell
    apart what type, time, stage and person do not. With a `version` the key is computed from that alone.

    The `files` of an event are kept when the event is new: its `content`, a JSON object without a key "files", then
    gets one as its last: a list of {"name", "sha256", "bytes"} in the order of the names.

    `replaces` names conclusions that count no more once this event is in the log: a source may tell later what had to
    be concluded first. Each is the `source_key` of a derived event, or the `thing` of the version that it was.

    A label's events (`label.created`, `label.updated`, `label.deleted`) have a `version` whose thing is "label/" and
    the label's external id, and whose `first` is `label.created`; the actor is the label's author.
    """

    task: str | None
    type: str
    source_type: str
    occurred_at: str | None
    instant: datetime | None
    source_key: str | None = None
    actor: PersonRef | None = None
    actor_kind: ActorKind = "unknown"
    assignee: PersonRef | None = None
    stage: str | None = None
    to_stage: str | None = None
    cycle: int | None = None
    derived: bool = False
    content: bytes | None = None
    text: str | None = None
    people: tuple[PersonRef, ...] = ()
    key_fields: tuple[str, ...] = ()
    version: Version | None = None
    files: tuple[FileRef, ...] = ()
    replaces: tuple[str, ...] = ()

    def opening(self) -> SourceEvent | None:
        """The event as a log keeps it that holds nothing yet."""
        return self if self.version is None else self.version.first


@dataclass(frozen=True, slots=True)
class TaskDetails:
    """What the content of a `task.updated` (or `task.created`) event says of the task.

    `latest` are the ids of the labels that the source calls the latest; none where it does not say.
    """

    name: str | None = None
    latest: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LabelDetails:
    """What the content of a `label.*` event says of the label.

    `kind` is in capitals: DEFAULT (somebody's work), REVIEW, PREDICTION, INFERENCE, CONSENSUS, HONEYPOT, AUTOSAVE, or
    the platform's own word. `step` is the stage at which it was made; `milliseconds` how long that took.
    """

    external_id: str
    kind: str = "DEFAULT"
    created_at: datetime | None = None
    milliseconds: int | None = None
    step: str = ""
    skipped: bool = False
    sent_back: bool = False


@dataclass(frozen=True, slots=True)
class ActiveSpan:
    """What the content of a `time.recorded` or `time.revised` event says: milliseconds, and from when to when."""

    milliseconds: int
    started_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ProjectDetails:
    """What the content of a `project.updated` event says of the project."""

    name: str | None = None
    description: str | None = None
    stages: tuple[str, ...] | None = None
    zone: str | None = None


class Reading(Protocol):
    """How a source kind reads its own payloads back, for projections, `rebuild` and `verify`. Stateless.

    `names_latest`: payloads of tasks say which labels are the latest. Where they never do, nobody has to look.
    """

    names_latest: ClassVar[bool] = False

    def task_details(self, content: bytes) -> TaskDetails:
        """What a `task.updated` or `task.created` payload says."""
        ...

    def label_details(self, content: bytes) -> LabelDetails | None:
        """What a `label.created`, `label.updated` or `label.deleted` payload says of the label.

        None where such events only say that something happened to a label, as in event logs. Raises ValueError.
        """
        return None

    def active_span(self, content: bytes) -> ActiveSpan:
        """What a `time.recorded` or `time.revised` payload says."""
        ...

    def project_details(self, content: bytes) -> ProjectDetails:
        """What a `project.updated` payload says."""
        ...

    def instant(self, occurred_at: str, zone: str) -> datetime:
        """The UTC instant that a time text of this source means."""
        ...

    def settled(self, content: bytes) -> bytes:
        """The part of an event's payload that its source never changes: compared when the source is read again.

        Without volatile fields, what `Version`s follow, and how people are called now; equal bytes, equal fact. People
        may be tokens or not, as long as both sides are alike. Where nothing is known to change, it is the payload.
        """
        return content


ReadFile = Callable[[str], bytes]
"""The bytes of a file by the name that the payload gives it. Raises FileNotFoundError."""


def no_file(name: str) -> bytes:
    """For payloads without files."""
    raise FileNotFoundError(f"no file {name!r} was kept")


class Neutral(Protocol):
    """How a source kind says neutrally what its payloads hold. Stateless; what can't be represented is a problem.

    Payloads are those of events: `project` of the newest `project.updated`, `task` of the newest `task.updated`,
    `label` of a `label.*` event, each with its people's values put back or with their tokens.
    """

    keys_are_ids: ClassVar[bool] = False
    """Whether keys of classes and questions are numbers or ids that nobody reads."""

    def ontology(self, project: bytes) -> Ontology:
        """What can be said in the project. Raises ValueError for a payload without one."""
        ...

    def media(self, task: bytes) -> tuple[Medium, ...]:
        """The files that the task is about, in order."""
        ...

    def kinds(self, project: bytes) -> frozenset[MediumKind] | None:
        """The kinds of media of all tasks, where the project itself says so; else None."""
        return None

    def annotations(self, label: bytes, task: bytes, ontology: Ontology, read: ReadFile = no_file) -> Labelled:
        """What the label says. `read` gives the bytes of a kept file of the label's, where those say what it is."""
        ...


ErrorCode = Literal["key", "address", "tls", "missing", "refused", "busy", "unavailable", "answer"]


class SourceError(Exception):
    """Reading a platform failed. The text is for the person who reads the run: what failed, what to do.

    `code`: "key" (wrong, expired, of a wrong form), "address" (not an address to connect to), "tls" (not trusted),
    "missing" (no such project), "refused" (the platform says no to this request), "busy" (too many requests, after all
    waiting), "unavailable" (no or no whole answer, after all attempts), "answer" (an answer that makes no sense).
    """

    def __init__(self, code: ErrorCode, text: str) -> None:
        super().__init__(code, text)
        self.code = code
        self.text = text

    def __str__(self) -> str:
        return self.text


def nothing(*named: str | None) -> bool:
    """For what is told whole."""
    return False


@dataclass(frozen=True, slots=True)
class Untold:
    """What a platform does not tell this time, though the record may hold it: it is closed to this key, or too old.

    `event` gets a source type and the platform's text of a time (None: it has none), `label` a label's external id.
    Both say whether such a one may be missing without being gone.
    """

    event: Callable[[str, str | None], bool] = nothing
    label: Callable[[str], bool] = nothing


class TaskHistory(msgspec.Struct, frozen=True, gc=False):
    """A task with its complete history as the platform tells it now: oldest first, what has no time last.

    `labels` are the external ids of all labels that it has now, None when it does not tell of labels. One that the
    record lacks and no event tells is asked for by its id; so is one that the record has and that is not among them,
    which is gone when there is no answer. `untold` says of what the history is silent for once.
    """

    task: str
    events: tuple[SourceEvent, ...]
    labels: frozenset[str] | None = None
    untold: Untold | None = None


@dataclass(frozen=True, slots=True)
class TaskPage:
    """Some tasks in the platform's order. `clock` is the platform's own time when it answered, where it says so.

    `events` are of the project itself: those that a platform tells among the events of tasks.
    """

    histories: tuple[TaskHistory, ...]
    clock: datetime | None = None
    events: tuple[SourceEvent, ...] = ()


class LiveSource(Protocol):
    """One project at its platform, as a sync reads it. Every method may raise SourceError, also between two pages.

    What it yielded until then is right, but not complete: only an iterator that came to its end is. A page follows the
    other by the platform's cursor; a task that moved meanwhile may come twice or not at all, which the sync finds by
    `count` and `task`. Not for several threads, but for `task`, `label` and `file`: several may be asked for at a time.
    """

    cannot_tell: tuple[str, ...]
    """What this platform does not record or tell, one sentence each, for runs and reports."""

    def check(self) -> ProjectDetails:
        """Ask for the project, to see that address, key and ids are right; what the platform calls it."""
        ...

    def project_events(self) -> Iterator[SourceEvent]:
        """The project's settings (`project.updated`) and its members, those who left included."""
        ...

    def count(self) -> int:
        """How many tasks the platform says the project has now."""
        ...

    def task_pages(self, since: datetime | None = None) -> Iterator[TaskPage]:
        """All tasks, or those that the platform calls changed since then, each with its whole history."""
        ...

    def task(self, external_id: str) -> TaskHistory | None:
        """One task; None when the platform says that it does not exist."""
        ...

    def tasks(self, external_ids: Iterable[str]) -> Iterator[tuple[str, TaskHistory | None]]:
        """Each of these tasks as `task` tells it, in any order: several at a time, or many with one request."""
        return answers(self.task, external_ids, TASKS_AT_A_TIME)

    def time_pages(self) -> Iterator[tuple[SourceEvent, ...]]:
        """Active time of all tasks, as events of several tasks mixed; nothing when the platform keeps none."""
        ...

    def label(self, task: str, external_id: str) -> SourceEvent | None:
        """A label that a history names without its event; None when the platform has it no more."""
        return None

    def file(self, ref: FileRef, into: IO[bytes]) -> None:
        """Write the file's bytes into an empty file. Raises SourceError, also for one that is not whole."""
        raise SourceError("missing", f"this kind of source has no files, such as {ref.what}")

    def close(self) -> None:
        """Let go of connections."""
        ...


@dataclass(frozen=True, slots=True)
class FoundProject:
    """A project that a key may see at a platform."""

    external_id: str
    name: str
    description: str | None = None
