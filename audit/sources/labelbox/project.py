"""What the project is made of: ontology, task queues, people; and the events about it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from msgspec.structs import replace

from audit.sources.base import PersonRef, SourceEvent, Version
from audit.sources.members import member_event
from audit.sources.values import Item, canonical, item, part, parts, text

VOLATILE = frozenset({"updatedAt", "lastActivityTime", "dataRowCount", "rowCount", "lastLoginAt"})
"""Fields of the project, its ontology, queues, batches and datasets that are kept and make no new version of them."""

_ADDRESS = re.compile(rb'"([^"@\\\s]+@[^"@\\\s]+)"')


@dataclass(frozen=True)
class LabelboxProject:
    """A project as Labelbox tells it at one moment. `people` are known by their ids, `addresses` by their e-mails in
    lower case."""

    id: str
    people: Mapping[str, PersonRef] = field(default_factory=dict)
    addresses: Mapping[str, PersonRef] = field(default_factory=dict)
    with_models: bool | None = False
    """Whether the workspace has models, whose runs may have predictions for the project's data rows; None where this
    key may not see that."""

    def by_id(self, user: str | None) -> PersonRef | None:
        """A user by id; of strangers only the id is known."""
        return None if user is None else self.people.get(user) or PersonRef(user)

    def by_email(self, address: str | None) -> PersonRef | None:
        """A user by e-mail, as exports name people, in any case. Strangers have their e-mail as their id."""
        if address is None:
            return None
        known = self.addresses.get(address.casefold())
        if known is None:
            return PersonRef(address)
        return known if known.email == address else PersonRef(known.external_id, address, known.name)

    def named(self, content: bytes) -> list[PersonRef]:
        """The users whose e-mails stand in a payload, in whatever field."""
        found = (match[1].decode("utf-8", "replace") for match in _ADDRESS.finditer(content))
        refs = (self.by_email(one) for one in dict.fromkeys(found) if one.casefold() in self.addresses)
        return [ref for ref in refs if ref is not None]


def project_of(id_: str, users: Iterable[bytes], with_models: bool | None) -> LabelboxProject:
    """A project with the users that Labelbox tells of."""
    refs = [ref for raw in users if (ref := user_ref(item(raw))) is not None]
    people = {ref.external_id: ref for ref in refs}
    addresses = {ref.email.casefold(): ref for ref in people.values() if ref.email}
    return LabelboxProject(id_, people, addresses, with_models)


def user_ref(user: Item) -> PersonRef | None:
    """A person from a user object; by e-mail where it has no id, None where it has neither."""
    email = text(user, "email")
    id_ = text(user, "id") or email
    return None if id_ is None else PersonRef(id_, email, text(user, "name"))


def settings_event(settings: Mapping[str, bytes]) -> SourceEvent:
    """The project's settings by name, each as it came, as one object; a new version when more than VOLATILE changed."""
    content = b"{" + b",".join(json.dumps(name).encode() + b":" + raw for name, raw in settings.items()) + b"}"
    return SourceEvent(
        task=None,
        type="project.updated",
        source_type="project",
        occurred_at=None,
        instant=None,
        derived=True,
        content=content,
        key_fields=(digest_of(item(content)),),
    )


def member_events(members: Sequence[bytes]) -> Iterator[SourceEvent]:
    """Each member with role and from where the access comes."""
    for raw in members:
        found = item(raw)
        ref = user_ref(part(found, "user"))
        if ref is None:
            continue
        role = part(found, "role")
        standing = {"role": text(role, "name") or text(role, "id"), "access_from": text(found, "accessFrom")}
        user = {"id": ref.external_id, "email": ref.email, "name": ref.name}
        yield member_event(ref, user, standing)


def thing_events(kind: str, found: Iterable[bytes]) -> Iterator[SourceEvent]:
    """What the workspace has beside the project, by its id and as it came: datasets, slices."""
    for raw in found:
        state = item(raw)
        if (id_ := text(state, "id")) is None:
            continue
        told = SourceEvent(
            task=None,
            type="activity.recorded",
            source_type=kind,
            occurred_at=None,
            instant=None,
            derived=True,
            content=raw,
        )
        yield replace(told, version=Version(f"{kind}/{id_}", digest_of(state), first=told))


def stages_of(settings: Item) -> tuple[str, ...]:
    """The names of the task queues, in the platform's order; each once."""
    names = (text(queue, "name") for queue in parts(settings, "task_queues"))
    return tuple(dict.fromkeys(name for name in names if name))


def digest_of(value: Any) -> str:
    """What stands for the value without VOLATILE."""
    return sha256(canonical(_lasting(value))).hexdigest()


def _lasting(value: Any) -> Any:
    if isinstance(value, list):
        return [_lasting(entry) for entry in value]
    if isinstance(value, dict):
        return {name: _lasting(inner) for name, inner in value.items() if name not in VOLATILE}
    return value
