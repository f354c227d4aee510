"""From an asset's raw payload, its labels and its events to a task's history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec

from audit.sources.base import FileRef, SourceError, SourceEvent, TaskHistory, Untold
from audit.sources.kili.catalogue import of_record
from audit.sources.kili.comments import comment_events, people_named, unsaid
from audit.sources.kili.derived import derived_events, issue_events
from audit.sources.kili.events import asset_events, stages_of_labels, walked
from audit.sources.kili.labels import Label, flags, in_order, label_event, standing, time_event
from audit.sources.kili.media import spaces_of
from audit.sources.kili.payload import Members, digest, members, nameless, together, unpacked
from audit.sources.kili.project import KiliProject
from audit.sources.values import item, part, text, unsigned, unsigned_url

VOLATILE = ("updatedAt",)
"""Fields of an asset whose change alone is no new version of it."""
CLOSED = Untold(event=lambda source_type, _: of_record(source_type))
"""Of what there is silence where Kili's own record of events is closed: the log may have it from before."""
_LAST = datetime.max.replace(tzinfo=UTC)
_MEDIA = ("content", "jsonContent")
_ADDRESS = ("https://", "http://")


@dataclass(frozen=True, slots=True)
class Asset:
    """An asset as it came. `labels` are raw; `layers` is the list of those of an image that `jsonContent` links to."""

    id: str
    raw: Members
    labels: tuple[bytes, ...]
    layers: bytes | None = None

    @property
    def elsewhere(self) -> str | None:
        """The address of what `jsonContent` stands for; None where it is nothing, or stands there itself."""
        where = text(item(together({"url": self.raw.get("jsonContent", b"null")})), "url")
        return where if where is not None and where.startswith(_ADDRESS) else None


def asset_of(raw: bytes) -> Asset:
    """Raises SourceError for what is no asset."""
    try:
        found = members(raw)
        id_ = msgspec.json.decode(found.get("id", b"null"), type=str)
        labels = msgspec.json.decode(found.pop("labels", b"[]"), type=list[msgspec.Raw] | None) or []
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise SourceError("answer", f"Kili sent something that is no asset: {error}") from None
    if not id_:
        raise SourceError("answer", f"Kili sent an asset without an id: {raw[:80].decode(errors='replace')}")
    return Asset(id_, found, tuple(map(bytes, labels)))


def history_of(
    asset: Asset,
    labels: Sequence[Label],
    issues: Sequence[bytes],
    rows: Sequence[bytes] | None,
    project: KiliProject,
) -> TaskHistory:
    """The task with all that is known of it, its labels by their creation.

    `rows` are its events in Kili's own record, None where that is closed.
    """
    try:
        return _history_of(asset, in_order(labels), issues, rows, project)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise SourceError("answer", f"Kili sent an asset {asset.id[:80]} that can't be read: {error}") from None


def _history_of(
    asset: Asset,
    labels: Sequence[Label],
    issues: Sequence[bytes],
    rows: Sequence[bytes] | None,
    project: KiliProject,
) -> TaskHistory:
    now = text(part(item(together(asset.raw)), "currentStep"), "name")
    way = walked(rows or (), project, now if rows else None)
    steps = stages_of_labels(way)
    for label in labels:
        kind = "REVIEW" if label.kind == "REVIEW" else "DEFAULT"
        if label.id not in steps and (step := project.only_step(kind)) is not None:
            steps[label.id] = step
    events: list[SourceEvent] = []
    if rows is None:
        events += derived_events(asset.id, asset.raw, labels, project, steps)
        events += issue_events(asset.id, issues, project)
    else:
        events += asset_events(asset.id, way, project, standing(labels))
    events += comment_events(asset.id, issues, project)
    for label in labels:
        events.append(label_event(asset.id, label, project, steps.get(label.id)))
        time = time_event(asset.id, label, project, steps.get(label.id))
        if time is not None:
            events.append(time)
    events.sort(key=_time)  # Stable: what has one time stays in the platform's order.
    events.append(_details(asset, labels, issues, project))
    untold = CLOSED if rows is None else None
    return TaskHistory(asset.id, tuple(events), frozenset(label.id for label in labels), untold)


def _time(event: SourceEvent) -> datetime:
    opening = event.opening() or event
    return opening.instant or _LAST


def _details(asset: Asset, labels: Sequence[Label], issues: Sequence[bytes], project: KiliProject) -> SourceEvent:
    """The asset as it is now without what its labels say: media, metadata, status and step, marks, flags of labels."""
    raw = dict(asset.raw)
    if "jsonMetadata" in raw:
        raw["jsonMetadata"] = unpacked(raw["jsonMetadata"])
    parts = {
        "asset": unsigned(together(raw)),
        "inputType": msgspec.json.encode(project.input_type),
        **({"labelingCRSCode": msgspec.json.encode(project.space)} if project.space else {}),
        **({"layers": unsigned(asset.layers)} if asset.layers is not None else {}),
        "labels": b"[" + b",".join(map(flags, labels)) + b"]",
        "issues": b"[" + b",".join(map(unsaid, issues)) + b"]",
    }
    content = together(parts)
    state = item(content)
    for name in VOLATILE:
        part(state, "asset").pop(name, None)
    if "layers" in state:  # Addresses of their tiles may be others each time.
        state["layers"] = spaces_of(state["layers"])
    return SourceEvent(
        task=asset.id,
        type="task.updated",
        source_type="asset",
        occurred_at=None,
        instant=None,
        derived=True,
        content=content,
        people=people_named(issues, project),
        key_fields=(digest(nameless(state)),),
        files=tuple(_files(asset)),
    )


def _files(asset: Asset) -> list[FileRef]:
    """What the asset shows: the file itself, and the list of frames or the rich text beside it."""
    found = item(together({name: asset.raw[name] for name in _MEDIA if name in asset.raw}))
    refs: dict[str, FileRef] = {}
    for name in _MEDIA:
        where = text(found, name)
        if where is not None and where.startswith(_ADDRESS):
            path = unsigned_url(where)
            refs.setdefault(path, FileRef(path, where, f"the {name} of asset {asset.id}", media=True))
    return list(refs.values())
