"""What a task's data says, as a label: one for each task, which the platform replaces when somebody saves again.

The data URIs of pictures in it (masks) become files of the event: the payload then names them, "file:mask-1".
"""

from __future__ import annotations

import base64
import binascii
import re
from datetime import datetime
from hashlib import sha256
from typing import IO

import msgspec
import orjson
from msgspec.structs import replace

from audit.sources.base import FileRef, LabelDetails, SourceError, SourceEvent, Version
from audit.sources.isahit.people import facts, people, person
from audit.sources.isahit.project import ANNOTATION, REVIEW
from audit.sources.values import Item, canonical, item, part, text, unsigned, when

FILE = "file:"
"""How the payload names one of its files."""
VOLATILE = ("updatedAt", "__v")
"""Fields of data that make no new version of a label."""

_PICTURE = re.compile(rb'"data:image(?:/|\\/)[\w.+-]+;base64,([A-Za-z0-9+/=\\]*)"')


def label_event(task: str, data: bytes) -> SourceEvent:
    """The task's label as it is now, by whom and when it was saved."""
    raw, files = _cut(unsigned(data), task)
    found = item(raw)
    author = person(found.get("user"))
    occurred_at, instant = when(found, "createdAt")
    pictures = [sha256(ref.where.encode()).hexdigest() for ref in files]
    state = {name: value for name, value in found.items() if name not in VOLATILE}
    event = SourceEvent(
        task=task,
        type="label.created",
        source_type="DATA",
        occurred_at=occurred_at,
        instant=instant,
        actor=author,
        actor_kind="unknown" if author is None else "person",
        stage=step_of(found),
        derived=True,
        content=b'{"taskId":' + orjson.dumps(task) + b',"data":' + raw + b"}",
        people=people(_without_body(found)),
        files=files,
    )
    version = Version(f"label/{task}", sha256(canonical([facts(state), pictures])).hexdigest(), first=event)
    return replace(event, type="label.updated", version=version)


def step_of(data: Item) -> str:
    """At which stage the data was made."""
    return REVIEW if text(data, "type") == "review" else ANNOTATION


def label_details(content: bytes) -> LabelDetails:
    """What the payload of `label_event` says. Raises ValueError for what is no label."""
    found = item(content)
    data, task = part(found, "data"), text(found, "taskId")
    if task is None or not data:
        raise ValueError("the payload of a label has no task or no data")
    kind = (text(data, "type") or "default").upper()
    created_at: datetime | None = when(data, "createdAt")[1]
    return LabelDetails(external_id=task, kind=kind, created_at=created_at, step=step_of(data))


def body_of(data: Item) -> Item:
    """What was said: the data's body, and what its metadata adds to it (the SDK's rule)."""
    said, given = part(data, "body"), part(part(data, "metadata"), "body")
    merged = {**given, **{name: value for name, value in said.items() if value is not None}}
    for name in said.keys() & given.keys():
        if isinstance(said[name], dict) and isinstance(given[name], dict) and said[name] and given[name]:
            merged[name] = {**given[name], **said[name]}
    return merged


def write_picture(ref: FileRef, into: IO[bytes]) -> None:
    """Write the bytes of a file that was cut out of a payload. Raises SourceError for one that was not."""
    head, _, encoded = ref.where.partition(",")
    if not head.startswith("data:"):
        raise SourceError("missing", f"isahit lab's API gives no address from which {ref.what} could be read")
    into.write(base64.b64decode(encoded))


def _cut(data: bytes, task: str) -> tuple[bytes, tuple[FileRef, ...]]:
    """The data with names in place of its pictures, and those. What is no base64 stays where it is."""
    files: list[FileRef] = []

    def named(found: re.Match[bytes]) -> bytes:
        uri: str = msgspec.json.decode(found[0])
        try:
            base64.b64decode(uri.partition(",")[2], validate=True)
        except binascii.Error:
            return found[0]
        name = f"mask-{len(files) + 1}"
        files.append(FileRef(name, uri, f"the mask {len(files) + 1} of task {task}"))
        return orjson.dumps(FILE + name)

    return _PICTURE.sub(named, data), tuple(files)


def _without_body(data: Item) -> Item:
    """The data but for what was said: that names no users of the platform."""
    return {name: value for name, value in data.items() if name not in ("body", "metadata")}
