"""A task's label: all instances on its file, as they are now. Its id is the file's.

The payload is `{"taskId","fileId","savedAt","packet"}`; the packet is what an export says of the file, or the same made
of Diffgram's tables: `file`, its medium, and `instance_list`, for videos `sequence_list` with an `instance_list` each.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime

import msgspec
from msgspec.structs import replace

from audit.sources.base import ActorKind, FileRef, LabelDetails, PersonRef, SourceEvent, Version
from audit.sources.diffgram.people import people
from audit.sources.diffgram.project import digest, facts
from audit.sources.diffgram.tell import ANNOTATION
from audit.sources.values import Item, instant, item, part, parts, text, unsigned, unsigned_url, when

WORKED_ON = frozenset({"complete", "in_review", "review_requested", "requires_changes"})
"""States of a task that has been worked on: without any instance, its label says that there is nothing."""
LISTS = ("parent_instance_list", "instance_list", "sequence_list")


def label_event(
    task: str,
    file: str,
    packet: bytes,
    *,
    saved_at: str | None = None,
    author: PersonRef | None = None,
    author_kind: ActorKind = "unknown",
    expired: Collection[str] = (),
) -> SourceEvent:
    """The label as it is now. `saved_at` and `author` are those of the newest instance, where they are known.

    Masks are files, but those of which the addresses, without their queries, are `expired`.
    """
    content = unsigned(packet)
    found = item(content)
    occurred_at, at = when({"at": saved_at}, "at")
    written = {"taskId": task, "fileId": file, "savedAt": saved_at}
    event = SourceEvent(
        task=task,
        type="label.created",
        source_type="INSTANCES",
        occurred_at=occurred_at,
        instant=at,
        actor=author,
        actor_kind=author_kind,
        stage=ANNOTATION,
        derived=True,
        content=msgspec.json.encode(written)[:-1] + b',"packet":' + content + b"}",
        people=people(found),
        files=tuple(_masks(item(packet), task, expired)),
    )
    version = Version(f"label/{file}", digest(_said(found)), first=event)
    return replace(event, type="label.updated", version=version)


def is_labelled(status: str | None, packet: Item) -> bool:
    """Whether there is a label: instances, or a task that somebody worked on."""
    return status in WORKED_ON or next(instances(packet), None) is not None


def instances(packet: Item) -> Iterator[Item]:
    """All instances of a packet, of its sequences and of the files in a compound one."""
    yield from parts(packet, "parent_instance_list")
    yield from parts(packet, "instance_list")
    for sequence in parts(packet, "sequence_list"):
        yield from parts(sequence, "instance_list")
    for child in children(packet):
        yield from instances(child)


def children(packet: Item) -> Iterator[Item]:
    """The packets of a compound file's files, under their numbers."""
    for name in packet:
        if name.isdecimal():
            yield part(packet, name)


def label_details(content: bytes) -> LabelDetails:
    """What the payload of `label_event` says. Raises ValueError for what is no label."""
    found = item(content)
    file, saved = text(found, "fileId"), text(found, "savedAt")
    if file is None or "packet" not in found:
        raise ValueError("the payload of a label has no file or no packet")
    created_at: datetime | None = None if saved is None else instant(saved)
    return LabelDetails(external_id=file, created_at=created_at, step=ANNOTATION)


def _said(packet: Item) -> object:
    """What of a packet is the label: its instances, in the order of their numbers, since exports promise none."""
    said = {name: _ordered(packet[name]) for name in LISTS if name in packet}
    return facts([said, [_said(child) for child in children(packet)]])


def _ordered(rows: object) -> object:
    if not isinstance(rows, list):
        return rows
    found = [
        {**row, "instance_list": _ordered(row["instance_list"])}
        if isinstance(row, dict) and "instance_list" in row
        else row
        for row in rows
    ]
    return sorted(found, key=lambda row: str(row.get("id")) if isinstance(row, dict) else "")


def _masks(packet: Item, task: str, expired: Collection[str]) -> Iterator[FileRef]:
    """The pictures that instances are drawn as."""
    seen = set(expired)
    for row in instances(packet):
        url = mask_url(row)
        if url is not None and not url.startswith("data:") and (name := unsigned_url(url)) not in seen:
            seen.add(name)
            yield FileRef(name, url, f"the mask of instance {row.get('id')} of task {task}")


def mask_url(row: Item) -> str | None:
    """Where an instance's mask is, if it is a picture; in exports of ours it may stand there itself (RFC 2397)."""
    url = text(row, "mask") or text(row, "mask_url")
    return url if url is not None and url.startswith(("https://", "http://", "data:image/")) else None
