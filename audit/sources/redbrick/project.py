"""What the project is made of: stages and what they are, people and what they are called; and the events about it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from audit.sources.base import PersonRef, SourceError, SourceEvent
from audit.sources.members import member_event
from audit.sources.redbrick.payload import actor_kind, facts
from audit.sources.values import Item, canonical, item, part, text

LABEL, REVIEW = "manual-labeling", "expert-review"
FEEDBACK, BEFORE_AND_AFTER = "feedback", "labelset-"
OUTPUT = "labelset-output"
GROUND_TRUTH = "END"

# What RedBrick calls its own stages: for tasks that went through one which the project has no more.
_OWN_STAGES = re.compile(r"Input|Output|Failed_Review(_\d+)?")


@dataclass(frozen=True)
class RedBrickProject:
    """A project as RedBrick tells it at one moment. `bricks` says of each stage, in their order, what it is."""

    id: str
    name: str | None
    bricks: Mapping[str, str]
    people: Mapping[str, PersonRef] = field(default_factory=dict)

    def internal(self, stage: str) -> bool:
        """Whether RedBrick itself, not people, moves tasks through this stage: input, output, feedback."""
        brick = self.bricks.get(stage)
        if brick is None:
            return _OWN_STAGES.fullmatch(stage) is not None
        return brick == FEEDBACK or brick.startswith(BEFORE_AND_AFTER)

    def output(self, stage: str) -> bool:
        """Whether a task that leaves this stage is ground truth."""
        return self.bricks.get(stage, OUTPUT if stage == "Output" else "") == OUTPUT

    def worked(self) -> tuple[str, ...]:
        """The stages at which people (or models) work, in the project's order."""
        return tuple(stage for stage in self.bricks if not self.internal(stage))

    def of_brick(self, brick: str) -> tuple[str, ...]:
        """The stages of one kind, in the project's order."""
        return tuple(stage for stage, found in self.bricks.items() if found == brick)

    def person(self, user_id: str) -> PersonRef:
        """A user as the organisation knows them; of strangers only the id is known."""
        return self.people.get(user_id) or PersonRef(user_id)


def project_of(settings: bytes, members: Sequence[bytes] = ()) -> RedBrickProject:
    """A project from the raw answers. Raises SourceError for one that is being made or removed."""
    found = item(settings)
    status = text(found, "status")
    if status not in {None, "CREATION_SUCCESS"}:
        raise SourceError(
            "missing",
            f'the project "{text(found, "name") or ""}" is in the state {status} at RedBrick AI; '
            "it can be read while it is neither being made nor being removed",
        )
    stages = found.get("stages")
    bricks = {
        name: text(stage, "brickName") or ""
        for stage in (stages if isinstance(stages, list) else [])
        if isinstance(stage, dict) and (name := text(stage, "stageName")) is not None
    }
    refs = (_member(part(item(raw), "user")) for raw in members)
    people = {ref.external_id: ref for ref in refs if ref is not None}
    return RedBrickProject(text(found, "projectId") or "", text(found, "name"), bricks, people)


def settings_event(settings: bytes) -> SourceEvent:
    """The project's settings as they came; a new version when anything but `updatedAt` is another."""
    state = item(settings)
    written = {key: value for key, value in state.items() if key != "updatedAt"}
    return SourceEvent(
        task=None,
        type="project.updated",
        source_type="project",
        occurred_at=None,
        instant=None,
        derived=True,
        content=settings,
        key_fields=(sha256(canonical(facts(written))).hexdigest(),),
    )


def member_events(members: Sequence[bytes]) -> Iterator[SourceEvent]:
    """Each member with role, tags and whether they are active. When they were last seen is not kept."""
    for raw in members:
        found = item(raw)
        ref = _member(part(found, "user"))
        if ref is None:
            continue
        standing = {"role": found.get("role"), "tags": found.get("tags"), "active": found.get("active")}
        # Put together anew, the whole name as one string: nothing of it stays when the person is erased.
        user = {"userId": ref.external_id, "email": ref.email, "name": ref.name}
        yield member_event(ref, user, standing)


def _member(user: Item) -> PersonRef | None:
    found = text(user, "userId")
    if found is None or actor_kind(found) == "system":
        return None
    names = [name for name in (text(user, "givenName"), text(user, "familyName")) if name]
    return PersonRef(found, text(user, "email"), " ".join(names) or None)
