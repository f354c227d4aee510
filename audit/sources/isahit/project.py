"""What the project is made of: its configuration, its batches, and the events about them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import orjson
from msgspec.structs import replace

from audit.sources.base import ProjectDetails, SourceError, SourceEvent, Version
from audit.sources.isahit.inputs import Tool, tools_of
from audit.sources.isahit.people import facts, people
from audit.sources.values import Item, canonical, item, part, text

ANNOTATION, REVIEW = "annotation", "review"
STAGES = (ANNOTATION, REVIEW)
"""isahit lab has no stages of its own: a task is annotated, then reviewed."""

SETTLED = ("_id", "name", "description", "status", "type", "projectType", "createdAt", "datasetId", "projectId")
"""Fields of projects and batches that make a new version; others (counts, updatedAt) change with each task."""
SECRETS = frozenset({"webhook", "webhooks"})
"""Fields that are never kept: they hold the header with which isahit lab signs in at the customer's server."""


@dataclass(frozen=True)
class IsahitProject:
    """A project as its configuration describes it at one moment: what is drawn, and where (`tools`)."""

    type: str
    tools: tuple[Tool, ...]

    @property
    def form(self) -> bool:
        """Whether what is drawn stands in inputs of a form."""
        return self.type == "form"


def project_of(configuration: bytes) -> IsahitProject:
    """The project that the configuration describes. Raises SourceError for what is none."""
    try:
        found = item(configuration)
    except (ValueError, RecursionError) as error:
        raise SourceError("answer", f"isahit lab sent a configuration that can't be read: {error}") from None
    type_ = text(found, "projectType")
    if type_ is None:
        raise SourceError("answer", "isahit lab sent a configuration that does not say what type the project is of")
    return IsahitProject(type_, tools_of(found))


def settings_event(project: bytes, configuration: bytes) -> SourceEvent:
    """The project with its configuration; a new version when the configuration or a settled field changed."""
    configured = {key: value for key, value in item(configuration).items() if key != "updatedAt"}
    content = b'{"project":' + _without_secrets(project) + b',"configuration":' + configuration + b"}"
    return SourceEvent(
        task=None,
        type="project.updated",
        source_type="PROJECT",
        occurred_at=None,
        instant=None,
        derived=True,
        content=content,
        people=people(item(content)),
        key_fields=(_digest([_settled(item(project)), facts(configured)]),),
    )


def batch_events(batches: Iterable[bytes]) -> Iterator[SourceEvent]:
    """Each batch as it is now, kept when a settled field changed. Raises SourceError for one without an id."""
    for raw in batches:
        found = item(raw)
        id_ = text(found, "_id")
        if id_ is None:
            raise SourceError("answer", "isahit lab sent a batch without an id")
        event = SourceEvent(
            task=None,
            type="activity.recorded",
            source_type="BATCH",
            occurred_at=None,
            instant=None,
            derived=True,
            content=_without_secrets(raw),
            people=people(found),
        )
        version = Version(f"batch/{id_}", _digest(_settled(found)), first=event)
        yield replace(event, version=version)


def details_of(content: bytes) -> ProjectDetails:
    """What a payload of `settings_event` says of the project. Times without an offset are UTC."""
    project = part(item(content), "project")
    return ProjectDetails(
        name=text(project, "name"), description=text(project, "description"), stages=STAGES, zone="UTC"
    )


def _settled(found: Item) -> dict[str, Any]:
    return {name: facts(found[name]) for name in SETTLED if name in found}


def _digest(state: object) -> str:
    return sha256(canonical(state)).hexdigest()


def _without_secrets(raw: bytes) -> bytes:
    """The object without its secret fields, at any depth; byte for byte when it has none."""
    found = item(raw)
    kept = _cleared(found)
    return raw if kept == found else orjson.dumps(kept)


def _cleared(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _cleared(inner) for key, inner in value.items() if key not in SECRETS}
    return [_cleared(inner) for inner in value] if isinstance(value, list) else value
