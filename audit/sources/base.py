"""What every source yields: plain facts, before they are numbered, hashed and stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

import msgspec

ActorKind = Literal["person", "service", "system", "unknown"]


class PersonRef(msgspec.Struct, frozen=True, gc=False):
    """A person as the source names them: its own id, and e-mail and name where it gives them.

    A struct, because several are looked up in dictionaries for every event: it hashes itself five times as fast.
    """

    external_id: str
    email: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class SourceEvent:
    """One fact as its source recorded it.

    `task` is the task's external id (None: a fact about the project). `source_key` is the platform's own event id, or
    None when it has none. `occurred_at` is the platform's own text and `instant` what it means (UTC), both None when
    the platform recorded no time. `content` is the payload as it came (JSON bytes), `text` what a person wrote.
    `people` are those whose id, e-mail or name the payload may hold, besides actor and assignee. `key_fields` tell
    apart what type, time, stage and person do not.
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


@dataclass(frozen=True, slots=True)
class TaskDetails:
    """What the content of a `task.updated` (or `task.created`) event says of the task."""

    name: str | None = None


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
    """How a source kind reads its own payloads back, for projections, `rebuild` and `verify`. Stateless."""

    def task_details(self, content: bytes) -> TaskDetails:
        """What a `task.updated` or `task.created` payload says."""
        ...

    def active_span(self, content: bytes) -> ActiveSpan:
        """What a `time.recorded` or `time.revised` payload says."""
        ...

    def project_details(self, content: bytes) -> ProjectDetails:
        """What a `project.updated` payload says."""
        ...

    def instant(self, occurred_at: str, zone: str) -> datetime:
        """The UTC instant that a time text of this source means."""
        ...
