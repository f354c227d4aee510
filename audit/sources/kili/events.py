"""From Kili's own record of events to ours: its ids are the keys, its bytes the payloads."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from msgspec.structs import replace

from audit.sources.base import PersonRef, SourceError, SourceEvent, Version
from audit.sources.kili import catalogue
from audit.sources.kili.payload import person
from audit.sources.kili.project import KiliProject
from audit.sources.values import NESTED, Item, item, part, text, when

GONE = SourceEvent(
    task=None, type="task.deleted", source_type="TASK_GONE", occurred_at=None, instant=None, derived=True
)
_PEOPLE = ("userId", "assigneeId")


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of an asset's labels beside the events: those that followed a rejection, those that changed the
    label before."""

    reworked: Collection[str] = ()
    corrected: Collection[str] = ()


class Walk:
    """Takes an asset's events in their order. `stage` is the step at which it is, as far as its moves tell.

    Before its first move it was where that move began; an asset that never moved is at `now`.
    """

    def __init__(self, events: Iterable[Item], project: KiliProject, now: str | None) -> None:
        self._project = project
        moves = (found for found in events if text(found, "event") == catalogue.STEP_CHANGED)
        first = next(moves, None)
        self.stage = now if first is None else self.step(first, "previousStepId")
        self.rejected = False

    def step(self, event: Item, field: str) -> str | None:
        """The name of the step that an event names; its id where the project has it no more."""
        return self._step(part(event, "payload"), field)

    def take(self, event: Item) -> tuple[str | None, str | None]:
        """Where the next event happened, and where the asset went to with it."""
        payload = part(event, "payload")
        stage = self._step(payload, "stepId") or self._step(payload, "previousStepId") or self.stage
        to_stage = self._step(payload, "newStepId")
        name = event["event"]
        if name == catalogue.STEP_CHANGED:
            self.stage = to_stage
        self.rejected = self.rejected or name == catalogue.REJECTED
        return stage, to_stage

    def _step(self, payload: Item, field: str) -> str | None:
        if field not in payload:
            return None
        found = text(payload, field)
        return None if found is None else self._project.steps.get(found, found)


@dataclass(frozen=True, slots=True)
class Step:
    """An event of an asset: where it happened, where the asset went to with it, whether it was rejected by then."""

    raw: bytes
    event: Item
    stage: str | None
    to_stage: str | None
    rejected: bool


def walked(rows: Iterable[bytes], project: KiliProject, now: str | None = None) -> list[Step]:
    """The events of one asset, in the platform's order. Raises SourceError for what is none."""
    events = [(raw, _event(raw)) for raw in rows]
    walk = Walk((event for _, event in events), project, now)
    return [Step(raw, event, *walk.take(event), walk.rejected) for raw, event in events]


def asset_events(
    task: str, steps: Iterable[Step], project: KiliProject, standing: Standing | None = None
) -> Iterator[SourceEvent]:
    """What the events of one asset say."""
    standing = standing or Standing()
    for step in steps:
        type_ = _type(step.event, step.rejected, standing)
        yield _said(task, type_, step.raw, step.event, project, step.stage, step.to_stage)


def gone(task: str) -> SourceEvent:
    """That an asset is not there any more, where its events do not say so. The sync says the same of tasks it knows."""
    event = replace(GONE, task=task)
    return replace(event, version=Version("task", "gone", first=event))


def stages_of_labels(steps: Iterable[Step]) -> dict[str, str]:
    """The step at which each label came about, of those whose creation is among the events."""
    found: dict[str, str] = {}
    for step in steps:
        if step.stage and step.event["event"].startswith(catalogue.LABEL_CREATED):
            label = text(part(step.event, "payload"), "labelId")
            if label:
                found.setdefault(label, step.stage)
    return found


def project_event(raw: bytes, project: KiliProject) -> SourceEvent:
    """An event about no asset."""
    event = _event(raw)
    return _said(None, catalogue.OTHER, raw, event, project, None, None)


def named(raw: bytes) -> tuple[str, str, str | None]:
    """The event's own id, its kind, and the asset that it is about."""
    event = _event(raw)
    return str(event["id"]), str(event["event"]), text(part(event, "payload"), "assetId")


def _event(raw: bytes) -> Item:
    try:
        event = item(raw)
    except ValueError as error:
        raise SourceError("answer", f"Kili sent an event that can't be read: {error}") from None
    if text(event, "id") is None or text(event, "event") is None:
        raise SourceError("answer", f"Kili sent something that is no event: {raw[:80].decode(errors='replace')}")
    payload = event.get("payload")
    if isinstance(payload, str):  # Scalars of JSON come as text from some installations.
        try:
            event["payload"] = item(payload.encode())
        except ValueError:
            event["payload"] = {}
    return event


def _type(event: Item, rejected: bool, standing: Standing) -> str:
    name = event["event"]
    if name == catalogue.SUBMITTED and (rejected or text(part(event, "payload"), "labelId") in standing.reworked):
        return "rework.submitted"
    if name == catalogue.REVIEWED and text(part(event, "payload"), "labelId") in standing.corrected:
        return "review.corrected"
    if name == catalogue.STATUS_CHANGED and text(part(event, "payload"), "status") in catalogue.BEGUN:
        return "task.started"
    return catalogue.MAPPED.get(name, catalogue.OTHER)


def _said(
    task: str | None,
    type_: str,
    raw: bytes,
    event: Item,
    project: KiliProject,
    stage: str | None,
    to_stage: str | None,
) -> SourceEvent:
    payload = part(event, "payload")
    who = text(event, "userId")
    given = text(payload, "assigneeId") or text(payload, "userId")
    occurred_at, instant = when(event, "createdAt")
    return SourceEvent(
        task=task,
        type=type_,
        source_type=text(event, "event") or "",
        occurred_at=occurred_at,
        instant=instant,
        source_key=text(event, "id"),
        actor=None if who is None else project.person(who),
        actor_kind="unknown" if who is None else "person",
        assignee=None if given is None else project.person(given),
        stage=stage,
        to_stage=to_stage,
        content=raw,
        people=_people(event, project),
        replaces=_replaced(task, text(event, "event") or "", payload) if task is not None else (),
    )


def _replaced(task: str, name: str, payload: Item) -> tuple[str, ...]:
    """What stood for the event as long as it could not be read: names of what `derived` concludes."""
    if name == catalogue.CREATED:
        return (catalogue.concluded(name, task),)
    if name in catalogue.SKIPS:
        return (catalogue.SKIPPED,)
    label, issue = text(payload, "labelId"), text(payload, "issueId") or text(payload, "questionId")
    if label is not None and name.startswith(catalogue.LABEL_CREATED):
        return (catalogue.concluded(name, label),)
    if label is not None and name == catalogue.REJECTED:
        return (catalogue.concluded(catalogue.SENT_BACK, label),)
    if issue is not None and name in catalogue.ISSUES_OPENED:
        return (catalogue.concluded(name, issue),)
    if issue is not None and name in catalogue.ISSUES_CLOSED:
        return (catalogue.issue(issue),)
    return ()


def _people(event: Item, project: KiliProject) -> tuple[PersonRef, ...]:
    """Whom an event names: by fields that name people, and members by their ids wherever they stand."""
    found: list[PersonRef] = []
    left: list[Any] = [event]
    for entry in left:  # No recursion, and few steps: every event comes through here. What is nested is put behind.
        if isinstance(entry, dict):
            if "email" in entry and (ref := person(entry)) is not None:
                found.append(ref)
            found += [project.person(entry[name]) for name in _PEOPLE if name in entry and text(entry, name)]
            entry = entry.values()
        for inner in entry:
            if isinstance(inner, str):
                if (known := project.people.get(inner)) is not None:
                    found.append(known)
            elif isinstance(inner, NESTED):
                left.append(inner)
    return tuple(dict.fromkeys(found)) if found else ()
