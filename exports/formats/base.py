"""What a format is: it declares what it takes, and writes what it is given, item by item, into an archive.

No database here, nor in the formats: what they see are these plain values, so that each can be tested on its own.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import IO, ClassVar, Protocol, TypeVar

import msgspec
from msgspec.structs import replace

from audit.log.envelope import Envelope
from exports.archive.build import Archive, Target

R = TypeVar("R")

Value = str | bool | tuple[str, ...]
"""A parameter's value: a text, whether a flag is set, or several texts."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a format. `filtered_default` is the default when filters leave something out.

    It takes one of `choices`, any text where there are none, and `several` of them where that is said; they are written
    with commas between in `default`, and may come so.
    """

    name: str
    choices: tuple[str, ...]
    default: str
    help: str
    filtered_default: str = ""
    several: bool = False

    @property
    def is_flag(self) -> bool:
        """Whether the value is true or false."""
        return set(self.choices) == {"true", "false"}

    def default_for(self, *, filtered: bool) -> Value:
        """The value when none is given."""
        text = (filtered and self.filtered_default) or self.default
        if self.several:
            return split(text)
        return text == "true" if self.is_flag else text


def split(text: str) -> tuple[str, ...]:
    """Texts with commas between."""
    return tuple(dict.fromkeys(word for part in text.split(",") if (word := part.strip())))


def flag(name: str, default: bool, help_: str) -> Parameter:
    """A parameter that is true or false."""
    return Parameter(name, ("true", "false"), "true" if default else "false", help_)


def helped(parameters: tuple[Parameter, ...], **helps: str) -> tuple[Parameter, ...]:
    """The parameters, some of them by name with another help: what they mean for one format."""
    return tuple(dataclasses.replace(one, help=helps[one.name]) if one.name in helps else one for one in parameters)


AUDIT = Parameter(
    "audit",
    ("all", "selection", "none"),
    "all",
    "what of the log comes along: every entry, the selected ones with proofs, or its checkpoint only",
    filtered_default="selection",
)
"""The parameter that every format of events has."""

PEOPLE = Parameter(
    "people", ("names", "pseudonyms"), "names", "people by what is known of them, or by their pseudonyms only"
)


@dataclass(frozen=True, slots=True)
class ProjectInfo:
    """A project as of the snapshot. `details` is the payload of its newest `project.updated` event, people put back.

    `dated` is when the snapshot's newest event was recorded (ISO 8601, UTC): the date of everything that is made of it.
    `media_kept` says whether the files that people look at are kept: as they are read, or as an export asks for them.
    """

    source: str
    external_id: str
    name: str
    origin: str
    details: bytes | None = None
    dated: str = ""
    media_kept: bool = False
    media_kinds: frozenset[str] | None = None
    """Kinds of the media that its tasks are about; None where that can't be told at once."""
    texts_told: bool | None = None
    """Whether the text of any of them is in the record; None where that can't be told at once, or they have none."""


@dataclass(frozen=True, slots=True)
class Unfit:
    """Why a format can't be written with a parameter's value: the parameter's name, and the reason for people."""

    parameter: str
    text: str


@dataclass(frozen=True, slots=True)
class EventRow:
    """An event. `instant` is what `occurred_at` means, None when the source recorded no time.

    `content` and `text` are None when not asked for, never given, or erased. In `content` people are put back unless
    the export shows pseudonyms.
    """

    index: int
    envelope: Envelope
    instant: datetime | None
    late: bool
    content: bytes | None
    text: bytes | None


@dataclass(frozen=True, slots=True)
class Trail:
    """A task as of the snapshot, and its selected events by `n`. `details`: payload of its newest `task.updated`.

    `events` must be read before the next trail is asked for.
    """

    task: str
    number: int
    name: str
    stage: str
    events: Iterator[EventRow]
    details: bytes | None = None


@dataclass(frozen=True, slots=True)
class TimeRow:
    """Active time as of the snapshot: milliseconds of a person on a task at a stage. `actor` is a pseudonym."""

    index: int
    task: str
    stage: str
    cycle: int | None
    actor: str | None
    milliseconds: int
    started_at: datetime | None
    ended_at: datetime | None
    occurred_at: datetime


class LabelRow(msgspec.Struct, frozen=True, gc=False):
    """A label as of the snapshot: its version, and its payload, people put back unless pseudonyms were asked for.

    `author` is a pseudonym; `kind`, `step` and the rest are those of `audit.models.LabelVersion`. Exports make and hand
    on millions of them, so they are Structs, as annotations are.
    """

    external_id: str
    number: int
    kind: str
    author: str | None
    created_at: datetime | None
    milliseconds: int | None
    step: str
    skipped: bool
    sent_back: bool
    index: int
    content: bytes


class LabelledTask(msgspec.Struct, frozen=True, gc=False):
    """A task as of the snapshot with its labels by (created_at, external id, number), those without a time first.

    `details` is the payload of its newest `task.updated`; `latest` are the ids of the labels that its source calls the
    latest. `told` are events of the types that `Reads.told` asks for, by `n`, whatever the filters: the source's own
    type and the payload of each, empty where there is none.
    """

    task: str
    number: int
    name: str
    stage: str
    status: str
    details: bytes | None
    latest: tuple[str, ...]
    labels: tuple[LabelRow, ...]
    told: tuple[tuple[str, bytes], ...] = ()
    assignee: frozenset[str] = frozenset()
    """All that is known of whom it is given to: pseudonym, and unless only these are shown, id, e-mail and name."""


def without_payload(row: LabelRow) -> LabelRow:
    """The row without what the label says: all that is left of it is little."""
    return replace(row, content=b"")


def without_payloads(task: LabelledTask) -> LabelledTask:
    """The task and its labels without what the source told of them."""
    return replace(task, details=None, labels=tuple(map(without_payload, task.labels)), told=())


class NoMedium(FileNotFoundError):
    """A file that people look at can't be put in; the text says why."""


class Snapshot(Protocol):
    """What a format reads: one state of one project, in a defined order, as it comes."""

    @property
    def project(self) -> ProjectInfo:
        """The project."""

    def trails(self) -> Iterable[Trail]:
        """Tasks by number; without filters every task, else those with selected events."""

    def times(self) -> Iterable[TimeRow]:
        """Active time of the selected events, by task number, then index."""

    def labelled(self) -> Iterable[LabelledTask]:
        """Tasks by number with their labels; without filters every task, else those with selected events."""

    def each(self, make: Callable[[LabelledTask], R]) -> Generator[R, None, None]:
        """What `make` makes of each of the same tasks, in their order, perhaps in another process: it may use
        `project`, `file` and `person` of this snapshot, and what it changes is lost. The generator has to be closed.
        """

    def file(self, content: bytes, name: str) -> IO[bytes]:
        """A kept file of a payload, by the name that the payload gives it. Raises FileNotFoundError."""

    def medium(self, task: LabelledTask, name: str) -> IO[bytes]:
        """A file that people look at (`Medium.files`) of the task that came last. Raises NoMedium."""

    def person(self, pseudonym: str | None) -> str | None:
        """How a person is to be called: e-mail, else name, else id, else pseudonym."""


@dataclass(frozen=True, slots=True)
class Reads:
    """What a format reads of a snapshot; what it does not read is not fetched.

    `kinds` are the check values it counts: of tasks, events, active_times, labels. `payloads` and `texts` are the
    disclosures of its events, `details` those of its tasks and the project. `told` are types of events that come with
    a task's labels, but for those whose source's own type is among `untold`.
    """

    kinds: tuple[str, ...] = ("tasks", "events")
    derived: bool = True
    payloads: bool = False
    texts: bool = True
    details: bool = False
    told: tuple[str, ...] = ()
    untold: tuple[str, ...] = ()


Written = Mapping[str, int]
"""How many items of each kind were written."""

Progress = Callable[[int], None]
"""Told how many tasks are done."""

MediaOf = Callable[[LabelledTask], Iterable[str]]
"""The files that people look at (`Medium.files`) which a format will ask for of a task."""


class Files(Protocol):
    """Where a format puts files."""

    def file(self, path: str) -> AbstractContextManager[Target]:
        """Add a file; its bytes are written in the block, piece by piece."""


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of several projects that become one file: what is read, and where its bad items are noted."""

    archive: Archive
    snapshot: Snapshot


@dataclass(frozen=True, slots=True)
class Together:
    """What was written of each of several projects, and what the one file of all of them has."""

    each: Sequence[Written]
    all: Written


class Format:
    """A format. Instances hold nothing: all state of an export lives in its `write`.

    With `beside`, its one file goes beside the archive, under the archive's name. With `merges`, several projects make
    one such file (`merge`); else each has a folder of its own.
    """

    slug: ClassVar[str]
    title: ClassVar[str]
    extension: ClassVar[str] = "zip"
    beside: ClassVar[bool] = False
    merges: ClassVar[bool] = False
    parameters: ClassVar[tuple[Parameter, ...]]

    def refusal(self, project: ProjectInfo) -> str:
        """Why the format can't hold this project; empty when it can."""
        return ""

    def refuses(self, project: ProjectInfo, values: Mapping[str, Value]) -> Iterable[Unfit]:
        """What of the parameters, each of them valid, the format can't do together or for this project."""
        return ()

    def reads(self, values: Mapping[str, Value]) -> Reads:
        """What the format will read with these parameters."""
        raise NotImplementedError

    def media(self, project: ProjectInfo, values: Mapping[str, Value]) -> MediaOf | None:
        """Which files that people look at the format will ask for with these parameters; None: none at all."""
        return None

    def write(self, archive: Archive, snapshot: Snapshot, values: Mapping[str, Value], progress: Progress) -> Written:
        """Write the format's files; what could not be written is skipped by name in the archive."""
        raise NotImplementedError

    def apart(self, projects: Sequence[ProjectInfo]) -> str:
        """Why these projects can't become one file; empty when they can. Asked only of a format that `merges`."""
        return ""

    def merge(
        self, files: Files, projects: Sequence[OneOf], values: Mapping[str, Value], progress: Progress
    ) -> Together:
        """Write the one file of several projects. For a format that `merges`."""
        raise NotImplementedError
