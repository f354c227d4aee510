"""Events of files that know no times: what they say is so, told again when it is another."""

from __future__ import annotations

from hashlib import sha256

from msgspec.structs import replace

from audit.sources.base import SourceEvent, Version


def state_told(task: str | None, source_type: str, content: bytes, state: bytes | None = None) -> SourceEvent:
    """What a file says of a task, of the project where that is None. `state` is what of the content counts: by default
    all of it."""
    return SourceEvent(
        task=task,
        type="project.updated" if task is None else "task.updated",
        source_type=source_type,
        occurred_at=None,
        instant=None,
        derived=True,
        content=content,
        key_fields=(sha256(content if state is None else state).hexdigest(),),
    )


def label_told(first: SourceEvent, label: str, state: bytes) -> SourceEvent:
    """The version of a label that a file holds, of which this would be the first event."""
    version = Version(f"label/{label}", sha256(state).hexdigest(), first)
    return replace(first, type="label.updated", version=version)
