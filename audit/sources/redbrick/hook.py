"""What RedBrick AI sends to a webhook: tasks that were created, came to a stage, or were deleted.

Messages are not signed: the address to which they go has the secret in it. Deletions are told nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping

from audit.sources.hook import BadHook
from audit.sources.values import item, part, parts, text

EVENTS = frozenset({"TASK_CREATED", "TASK_ENTERED_STAGE", "TASK_DELETED"})


def read_hook(headers: Mapping[str, str], body: bytes, secret: str) -> tuple[str, ...]:
    """The ids of the message's tasks; none for events that say nothing of a task. Raises BadHook."""
    try:
        said = item(body)
    except (ValueError, RecursionError):
        raise BadHook("the body is no JSON") from None
    if not isinstance(said.get("payload"), list):
        raise BadHook('the body has no list "payload"')
    about = [part(event, "data") for event in parts(said, "payload") if text(event, "event") in EVENTS]
    return tuple(dict.fromkeys(id_ for data in about if (id_ := text(data, "taskId")) is not None))
