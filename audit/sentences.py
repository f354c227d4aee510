"""What happened, in a sentence: made from the event's type, once, for pages, API, terminal and paper."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from audit.eventtypes import TYPES, EventType

PartKind = Literal["verb", "text", "actor", "assignee", "stage", "to_stage"]
NOT_RECORDED = "not recorded"
_NAME = re.compile(r"\{(\w+)\}")
_PIECE = re.compile(r"\[([^\]]*)\]|([^\[]+)")
_CODE = re.compile(r"[A-Z0-9]+(_[A-Z0-9]+)+|[A-Za-z0-9]+([._][A-Za-z0-9]+)+")
_ACTORS = {"system": "the system", "service": "a service"}


class Named(Protocol):
    """Someone with a name to show."""

    @property
    def label(self) -> str: ...


class Told(Protocol):
    """What a sentence needs to know of an event."""

    @property
    def kind(self) -> EventType: ...
    @property
    def source_type(self) -> str: ...
    @property
    def actor(self) -> Named | None: ...
    @property
    def actor_kind(self) -> str: ...
    @property
    def assignee(self) -> Named | None: ...
    @property
    def stage(self) -> str: ...
    @property
    def to_stage(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a sentence. `text` is as it was recorded: whoever shows it escapes it and makes it visible."""

    kind: PartKind
    text: str


def sentence(event: Told) -> list[Part]:
    """The sentence's parts, the verb first. What is in square brackets goes when a name in it was not recorded."""
    names = {
        "actor": event.actor.label if event.actor else _ACTORS.get(event.actor_kind, ""),
        "assignee": event.assignee.label if event.assignee else "",
        "stage": event.stage,
        "to_stage": event.to_stage,
        "what": event.source_type,
    }
    verb = _NAME.sub(lambda found: names[found[1]] or NOT_RECORDED, event.kind.verb)
    parts = [Part("verb", verb)]
    for optional, always in _PIECE.findall(event.kind.rest):
        if optional and not all(names[name] for name in _NAME.findall(optional)):
            continue
        parts += _filled(optional or always, names)
    return parts


def _filled(template: str, names: Mapping[str, str]) -> list[Part]:
    """A piece of template with its names as parts of their own."""
    found: list[Part] = []
    # re.split with one group gives text and name by turns.
    for place, piece in enumerate(_NAME.split(template)):
        if place % 2 == 0:
            found += [Part("text", piece)] if piece else []
        elif names[piece]:
            found.append(Part(piece, names[piece]))  # type: ignore[arg-type]  # the templates use these names only
        else:
            found.append(Part("text", NOT_RECORDED))
    return found


def deed(type_: str, source_type: str = "") -> str:
    """What somebody did, without who and where, as lists of deeds have it: "Submitted", "Task left stage".

    Of an activity that is the source's own name (`source_type`; `type_` where that is all there is), in words where it
    is spelt like a constant or a path: TASK_LEFT_STAGE, label.workflow.created.review.
    """
    if type_ in TYPES and type_ != "activity.recorded":
        return TYPES[type_].verb.rstrip(":")
    name = source_type or type_
    if not _CODE.fullmatch(name):
        return name
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).replace("_", " ").replace(".", " ").lower()
    return words[:1].upper() + words[1:]


def plain(event: Told) -> str:
    """The sentence as one string."""
    return "".join(part.text for part in sentence(event))
