"""Packets of Diffgram as its exports have them, from what it said: with what its server leaves out put back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from audit.sources.diffgram.label import children, instances
from audit.sources.values import Item, item, part, parts, readable, text, whole, without_halves
from exports.formats.base import LabelledTask, LabelRow

SIDES = ("x_min", "y_min", "x_max", "y_max")
COMPLETE = "complete"
_MEDIA = {"image": "image", "video": "video", "text": "text", "sensor_fusion": "point_cloud"}
"""Where a packet tells of its file, by the file's type; other types have no place for it at Diffgram."""
_TYPES = {"point cloud": "sensor_fusion", "geo": "geospatial", "conversation": "conversational"}
"""File types that are called otherwise than their kinds of media."""


@dataclass(slots=True)
class Packet:
    """A file's number and what is said of it; of other platforms' files, how many numbers and sequences that has."""

    number: str
    fields: dict[str, Any]
    numbers: int = 0
    sequences: int = 0


def same_kind(source: str) -> bool:
    """Whether the source's payloads are Diffgram's."""
    return source.startswith("diffgram")


def packet_of(task: LabelledTask, labels: Sequence[LabelRow]) -> Packet:
    """What was said of the task's file; of one without a label, the file and its medium. Raises ValueError."""
    found = part(item(without_halves(labels[-1].content)), "packet") if labels else _unlabelled(task)
    number = whole(part(found, "file"), "id")
    if number is None:
        raise ValueError("it has no file with a number")
    _mend(found)
    return Packet(f"{number}", found)


def instances_of(packet: Item) -> int:
    """How many instances a packet has."""
    return sum(1 for _ in instances(packet))


def is_complete(task: LabelledTask, *, own: bool) -> bool:
    """Whether Diffgram, or the record of another platform (not `own`), calls the task done."""
    row = part(readable(task.details), "task") if own else {}
    if "status" in row:
        return bool(row["status"] == COMPLETE)
    return task.status in ("done", COMPLETE, "completed")


def removed_in(task: LabelledTask) -> list[Item]:
    """Versions of instances that somebody removed, as the database has them, by their numbers."""
    told = [content for type_, content in task.told if type_.startswith("INSTANCE_") and content]
    rows = [item(without_halves(content)) for content in told]
    gone = {text(row, "deleted_time"): row for row in rows if "type" not in row}
    at = {row.get("id"): moment for moment, row in gone.items()}
    found = [
        {**row, "soft_delete": True, "deleted_time": row.get("deleted_time") or at.get(row.get("id"))}
        for row in rows
        if "type" in row and (row.get("soft_delete") is True or row.get("id") in at)
    ]
    return sorted(found, key=lambda row: whole(row, "id") or 0)


def _unlabelled(task: LabelledTask) -> Item:
    told = item(without_halves(task.details)) if task.details is not None else {}
    file = part(part(told, "task"), "file")
    media = parts(told, "media")
    if not file and media:
        kind = text(media[0], "kind") or ""
        file = {
            "id": media[0].get("file"),
            "original_filename": media[0].get("name"),
            "type": _TYPES.get(kind, kind),
        }
    found: Item = {"file": file}
    place = _MEDIA.get(text(file, "type") or "")
    if place is not None and media:
        facts = media[0]
        named = {"width": "width", "height": "height", "frames": "frame_count", "frame_rate": "frame_rate"}
        found[place] = {to: facts[of] for of, to in named.items() if facts.get(of) is not None}
    found["instance_list"] = []
    return found


def _mend(packet: Item) -> None:
    """Coordinates of 0, which the server takes for none, and global numbers of frames, where a video was split."""
    start = whole(part(packet, "video"), "global_frame_start")
    for row in _own(packet):
        known = [name for name in SIDES if row.get(name) is not None]
        if known or text(row, "type") == "box":
            row.update({name: 0 for name in SIDES if row.get(name) is None})
        frame = whole(row, "frame_number")
        if start is not None and frame is not None and row.get("global_frame_number") is None:
            row["global_frame_number"] = start + frame
    for child in children(packet):
        _mend(child)


def _own(packet: Item) -> Iterator[Item]:
    """The packet's instances, without those of files in it."""
    yield from parts(packet, "parent_instance_list")
    yield from parts(packet, "instance_list")
    for sequence in parts(packet, "sequence_list"):
        yield from parts(sequence, "instance_list")
