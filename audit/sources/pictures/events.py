"""Events of a data set of pictures: what can be said in it, a task for each picture, one label for each task."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from audit.sources.base import SourceEvent, TaskHistory
from audit.sources.exported.told import label_told, state_told

LABEL = "annotations"
"""The id of a picture's label: files of labels have none, so all that they say of a picture is one."""


def project_said(name: str, source_type: str, head: Mapping[str, Any]) -> SourceEvent:
    """What the data set says of itself."""
    return state_told(None, source_type, orjson.dumps({"name": name, **head}))


def history_of(key: str, about: Mapping[str, Any], said: Mapping[str, Any] | None) -> TaskHistory:
    """A picture's task; `said` is its label's payload, None where it has no file of labels."""
    data = orjson.dumps(about)
    task = state_told(key, "image", data)
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
    return TaskHistory(key, (task, label_told(first, LABEL, content)))
