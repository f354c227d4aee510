"""What happened, as far as assets, labels and issues tell it: where Kili's own record of events is not to be had.

Each event is marked as derived. Its key is made of the platform's ids: it stays one event, whatever else changes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
from msgspec.structs import replace

from audit.sources.base import SourceEvent, Version
from audit.sources.kili import catalogue
from audit.sources.kili.events import Standing
from audit.sources.kili.labels import AUTOSAVE, Label, in_order, standing
from audit.sources.kili.payload import Members, person, together
from audit.sources.kili.project import KiliProject
from audit.sources.values import Item, item, text, when


def derived_events(
    task: str, asset: Members, labels: Sequence[Label], project: KiliProject, steps: dict[str, str]
) -> Iterator[SourceEvent]:
    """The asset's creation, each submission and review, whether it was sent back or skipped."""
    found = item(together({name: value for name, value in asset.items() if name in ("id", "createdAt", "skipped")}))
    yield _event(task, "task.created", catalogue.CREATED, found, task, _few(asset, ("id", "externalId", "createdAt")))
    known = standing(labels)
    for label in in_order(labels):
        if label.kind == AUTOSAVE:
            continue
        name = f"{catalogue.LABEL_CREATED}{label.kind.lower()}"
        named = label.author
        event = _event(task, _type(label, known), name, label.found, label.id, _brief(label))
        yield replace(
            event,
            actor=None if named is None else project.known(named),
            actor_kind="unknown" if named is None else "person",
            stage=steps.get(label.id),
        )
        if label.found.get("isSentBackToQueue") is True:
            back = _event(task, "review.rejected", catalogue.SENT_BACK, {}, label.id, _brief(label))
            yield replace(back, stage=steps.get(label.id))
    yield _skipped(task, found)


def issue_events(task: str, rows: Sequence[bytes], project: KiliProject) -> Iterator[SourceEvent]:
    """Each issue and question, and where it stands: when that came about is not told."""
    for raw in rows:
        found = item(raw)
        id_ = text(found, "id")
        if id_ is None:
            continue
        author = person(found.get("author"))
        name = (text(found, "type") or "ISSUE").lower()
        opened = _event(task, "issue.opened", f"asset.{name}.created", found, id_, _brief_issue(found))
        yield replace(
            opened,
            actor=None if author is None else project.known(author),
            actor_kind="unknown" if author is None else "person",
        )
        status = text(found, "status") or "OPEN"
        stands = replace(
            _event(task, "issue.reopened", f"asset.{name}.status", {}, id_, _brief_issue(found)), source_key=None
        )
        if status != "OPEN":
            stands = replace(stands, type="issue.resolved")
        first = None if status == "OPEN" else stands
        yield replace(stands, version=Version(catalogue.issue(id_), status, first=first))


def _event(task: str, type_: str, source_type: str, of: Item, id_: str, content: bytes) -> SourceEvent:
    occurred_at, instant = when(of, "createdAt")
    return SourceEvent(
        task=task,
        type=type_,
        source_type=source_type,
        occurred_at=occurred_at,
        instant=instant,
        source_key=catalogue.concluded(source_type, id_),
        derived=True,
        content=content,
    )


def _type(label: Label, known: Standing) -> str:
    if label.kind == "REVIEW":
        return "review.corrected" if label.id in known.corrected else "review.accepted"
    if label.kind == "DEFAULT":
        return "rework.submitted" if label.id in known.reworked else "task.submitted"
    return catalogue.OTHER


def _skipped(task: str, asset: Item) -> SourceEvent:
    """Whether the asset is skipped. That it is not is only news after it was."""
    skipped = asset.get("skipped") is True
    type_, name = ("task.skipped", "asset.skipped") if skipped else ("task.reopened", "asset.unskipped")
    event = replace(_event(task, type_, name, {}, task, b"{}"), source_key=None)
    return replace(event, version=Version(catalogue.SKIPPED, str(skipped), first=event if skipped else None))


def _few(of: Members, names: Sequence[str]) -> bytes:
    return together({name: of[name] for name in names if name in of})


def _brief(label: Label) -> bytes:
    return msgspec.json.encode({"labelId": label.id, "labelType": label.kind})


def _brief_issue(found: Item) -> bytes:
    return msgspec.json.encode({"issueId": text(found, "id"), "type": text(found, "type")})
