"""Events of a data set of pictures: what can be said in it, a task for each picture, one label for each task."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import orjson
from msgspec.structs import replace

from audit.sources.base import SourceEvent, TaskHistory, Version

LABEL = "annotations"
"""The id of a picture's label: files of labels have none, so all that they say of a picture is one."""


def project_said(name: str, source_type: str, head: Mapping[str, Any]) -> SourceEvent:
    """What the data set says of itself."""
    content = orjson.dumps({"name": name, **head})
    return SourceEvent(
        task=None,
        type="project.updated",
        source_type=source_type,
        occurred_at=None,
        instant=None,
        derived=True,
        content=content,
        key_fields=(sha256(content).hexdigest(),),
    )


def history_of(key: str, about: Mapping[str, Any], said: Mapping[str, Any] | None) -> TaskHistory:
    """A picture's task; `said` is its label's payload, None where it has no file of labels."""
    data = orjson.dumps(about)
    task = SourceEvent(
        task=key,
        type="task.updated",
        source_type="image",
        occurred_at=None,
        instant=None,
        derived=True,
        content=data,
        key_fields=(sha256(data).hexdigest(),),
    )
    if said is None:
        return TaskHistory(key, (task,))
    content = orjson.dumps(said)
    first = SourceEvent(
        task=key,
        type="label.created",
        source_type="annotations",
        occurred_at=None,
        instant=None,
        content=content,
    )
    version = Version(f"label/{LABEL}", sha256(content).hexdigest(), first)
    return TaskHistory(key, (task, replace(first, type="label.updated", version=version)))
