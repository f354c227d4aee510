"""Labels: what each says now, who said it and how long that took."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec.structs import replace

from audit.sources.base import PersonRef, SourceError, SourceEvent, Version
from audit.sources.kili.events import Standing
from audit.sources.kili.payload import Members, digest, members, nameless, person, renamed, together, unpacked
from audit.sources.kili.project import KiliProject
from audit.sources.values import Item, item, number, part, text, when

VOLATILE = frozenset(
    {
        *("isLatestLabelForUser", "isLatestDefaultLabelForUser", "isLatestReviewLabelForUser", "isLastForStep"),
        *("consensusMark", "honeypotMark", "inferenceMark", "secondsToLabel", "totalSecondsToLabel"),
        *("updatedAt", "version", "jsonResponseUrl"),
    }
)
"""Fields of a label whose change alone is no new version of it. Flags and marks stand in the asset's `task.updated`,
seconds are active time."""
FLAGS = tuple(sorted(VOLATILE - {"updatedAt", "version", "jsonResponseUrl", "secondsToLabel", "totalSecondsToLabel"}))
MODELS = frozenset({"PREDICTION", "INFERENCE"})
"""Types of labels that a model made."""
AUTOSAVE = "AUTOSAVE"
MAX_SECONDS = 10**12


@dataclass(frozen=True, slots=True)
class Label:
    """A label as it came, `raw` with what it says as JSON; `found` is what that means."""

    id: str
    raw: Members
    found: Item

    @property
    def kind(self) -> str:
        """Its type, in capitals."""
        return (text(self.found, "labelType") or "DEFAULT").upper()

    @property
    def author(self) -> PersonRef | None:
        """Who made it."""
        return person(self.found.get("author"))

    @property
    def says(self) -> Any:
        """What it says of the asset."""
        return self.found.get("jsonResponse")

    @property
    def url(self) -> str | None:
        """Where what it says has to be fetched."""
        found = text(self.found, "jsonResponseUrl")
        return found if found and found.startswith(("https://", "http://")) else None


def label_of(raw: bytes, said: bytes | None = None) -> Label:
    """A label from its raw bytes; `said` is the JSON that was fetched for it. Raises SourceError for what is none."""
    try:
        found = members(raw)
        if said is not None:
            found["jsonResponse"] = said
        elif "jsonResponse" in found:
            found["jsonResponse"] = unpacked(found["jsonResponse"])
        if "author" in found:
            found["author"] = renamed(found["author"])
        said_all = item(together(found))
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise SourceError("answer", f"Kili sent a label that can't be read: {error}") from None
    id_ = text(said_all, "id")
    if id_ is None:
        raise SourceError("answer", f"Kili sent a label without an id: {raw[:80].decode(errors='replace')}")
    return Label(id_, found, said_all)


def in_order(labels: Sequence[Label]) -> list[Label]:
    """By creation; labels without a time last."""
    return sorted(labels, key=lambda label: (when(label.found, "createdAt")[0] is None, *_moment(label)))


def standing(labels: Sequence[Label]) -> Standing:
    """Which labels came after one that was sent back, and which of reviewers say something else than the one before."""
    reworked: set[str] = set()
    corrected: set[str] = set()
    before: Label | None = None
    sent_back = False
    for label in in_order(labels):
        if label.kind == AUTOSAVE or label.kind in MODELS:
            continue
        if label.kind == "REVIEW":
            if before is not None and digest(before.says) != digest(label.says):
                corrected.add(label.id)
        elif sent_back:
            reworked.add(label.id)
        sent_back = sent_back or label.found.get("isSentBackToQueue") is True
        before = label
    return Standing(reworked, corrected)


def label_event(task: str, label: Label, project: KiliProject, step: str | None) -> SourceEvent:
    """The label as it is now; its first version is `label.created` at its own time.

    A later version has the time at which the platform changed it last, where it tells one.
    """
    named = label.author
    author = None if named is None else project.known(named)
    people = () if named is None else tuple(dict.fromkeys((named, project.known(named))))
    content = {"label": together({k: v for k, v in label.raw.items() if k != "jsonResponseUrl"})}
    if step is not None:
        content["step"] = msgspec.json.encode(step)
    occurred_at, instant = when(label.found, "createdAt")
    changed_at, changed = when(label.found, "updatedAt")
    created = SourceEvent(
        task=task,
        type="label.created",
        source_type=f"label.{label.kind}",
        occurred_at=occurred_at,
        instant=instant,
        actor=author,
        actor_kind="unknown" if author is None else "person",
        stage=step,
        content=together(content),
        people=people,
    )
    state = {name: value for name, value in label.found.items() if name not in VOLATILE}
    state["author"] = nameless(state.get("author"))
    version = Version(f"label/{label.id}", digest(state), first=created)
    return replace(created, type="label.updated", occurred_at=changed_at, instant=changed, version=version)


def time_event(task: str, label: Label, project: KiliProject, step: str | None) -> SourceEvent | None:
    """How long the label took, as `time.revised`; its opening is `time.recorded`. None when nobody worked on it."""
    seconds = number(label.found.get("secondsToLabel"))
    named = label.author
    if seconds is None or label.kind in MODELS or not 0 <= seconds < MAX_SECONDS:
        return None
    kept = ("id", "createdAt", "labelType", "secondsToLabel", "totalSecondsToLabel")
    revised = SourceEvent(
        task=task,
        type="time.revised",
        source_type="secondsToLabel",
        occurred_at=None,
        instant=None,
        actor=None if named is None else project.known(named),
        actor_kind="unknown" if named is None else "person",
        stage=step,
        content=together({name: label.raw[name] for name in kept if name in label.raw}),
    )
    version = Version(f"time/{label.id}", f"{seconds}", first=replace(revised, type="time.recorded"))
    return replace(revised, version=version)


def flags(label: Label) -> bytes:
    """What the platform computes about a label, and changes at any time: for the asset's details."""
    kept = {name: label.raw[name] for name in FLAGS if name in label.raw}
    return together({"id": msgspec.json.encode(label.id), **kept})


def settled(label: Item) -> Item:
    """Of a label what never changes; the rest has versions."""
    return {"id": label.get("id"), "createdAt": label.get("createdAt"), "author": text(part(label, "author"), "id")}


def _moment(label: Label) -> tuple[Any, ...]:
    instant = when(label.found, "createdAt")[1]
    return () if instant is None else (instant,)
