"""What the project is made of: ontology, steps, people; and the events about it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from audit.sources.base import PersonRef, SourceEvent
from audit.sources.kili.payload import digest, members, nameless, person, renamed, together, unpacked, users
from audit.sources.members import member_event
from audit.sources.values import Item, item, part, parts, text, unsigned

LEGACY = "V1"
"""The workflow without steps."""
VOLATILE = ("updatedAt",)
"""Fields of a project whose change alone is no new version of its settings."""


@dataclass(frozen=True)
class KiliProject:
    """A project as Kili tells it at one moment. `steps` are the names of its steps by their ids, in their order.

    `space` is the code of what a project of maps is labelled in.
    """

    id: str
    input_type: str
    legacy: bool
    space: str = ""
    steps: Mapping[str, str] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)
    people: Mapping[str, PersonRef] = field(default_factory=dict)

    def person(self, user_id: str) -> PersonRef:
        """A user as the project knows them; of strangers only the id is known."""
        return self.people.get(user_id) or PersonRef(user_id)

    def known(self, ref: PersonRef) -> PersonRef:
        """The person as the project knows them, else as a payload names them."""
        return self.people.get(ref.external_id) or ref

    def only_step(self, kind: str) -> str | None:
        """The one step at which labels of this kind (DEFAULT, REVIEW) are made; None when there are several."""
        found = [self.steps[step] for step, of in self.kinds.items() if of == kind]
        return found[0] if len(found) == 1 else None


def project_of(settings: bytes, people: Iterable[PersonRef] = ()) -> KiliProject:
    """A project from the raw answer."""
    found = item(settings)
    steps = [step for step in parts(found, "steps") if text(step, "id")]
    return KiliProject(
        id=text(found, "id") or "",
        input_type=text(found, "inputType") or "",
        legacy=text(found, "workflowVersion") == LEGACY,
        space=text(part(found, "geospatialSettings"), "labelingCRSCode") or "",
        steps=step_names(steps),
        kinds={str(step["id"]): text(step, "type") or "" for step in steps},
        people={ref.external_id: ref for ref in people},
    )


def step_names(steps: Sequence[Item]) -> dict[str, str]:
    """The name of each step by its id. Names are unique in a group only: the group's id tells others apart."""
    names = [text(step, "name") or str(step["id"]) for step in steps]
    return {
        str(step["id"]): name if names.count(name) == 1 else f"{name} ({text(step, 'stepGroupId') or step['id']})"
        for step, name in zip(steps, names, strict=True)
    }


def settings_event(settings: bytes) -> SourceEvent:
    """The project's settings, the ontology as JSON instead of a string of it; a new version for any other change."""
    found = members(unsigned(settings))
    if "jsonInterface" in found:
        found["jsonInterface"] = unpacked(found["jsonInterface"])
    content = together(found)
    state = {name: value for name, value in item(content).items() if name not in VOLATILE}
    return SourceEvent(
        task=None,
        type="project.updated",
        source_type="project",
        occurred_at=None,
        instant=None,
        derived=True,
        content=content,
        people=tuple(dict.fromkeys(users(state))),
        key_fields=(digest(nameless(state)),),
    )


def people_of(rows: Iterable[bytes]) -> Iterator[PersonRef]:
    """The members."""
    for raw in rows:
        ref = person(part(item(raw), "user"))
        if ref is not None:
            yield ref


def member_events(rows: Iterable[bytes]) -> Iterator[SourceEvent]:
    """Each member with role and standing."""
    for raw in rows:
        found = item(raw)
        ref = person(part(found, "user"))
        if ref is None:
            continue
        standing = {name: found.get(name) for name in ("role", "status", "activated")}
        user = item(renamed(json.dumps(part(found, "user")).encode()))
        yield member_event(ref, user, standing)
