"""What kinds of media a project's tasks are about, so that a format that holds none of them is refused at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from audit.sources import neutral
from exports.streamed import rows

if TYPE_CHECKING:
    from exports.selection import Selection

LOOKED_AT = 300
"""Tasks whose payloads are read for it: a larger project is known by what its source says of all of it, or not."""


def media_kinds(selection: Selection, details: bytes | None) -> frozenset[str] | None:
    """The kinds, as of the snapshot; None where they can't be told without reading all of a large project.

    `details` is the project's payload. Reads at most LOOKED_AT payloads, and one more entry of an index.
    """
    try:
        told = neutral(selection.log.project.source.kind)
    except LookupError:
        return None
    if details is not None and (said := told.kinds(details)) is not None:
        return said
    sql = "SELECT id FROM audit_task WHERE project_id = %s AND from_index < %s ORDER BY number LIMIT %s"
    tasks = [task for (task,) in rows(sql, [selection.log.project_id, selection.as_of, LOOKED_AT + 1])]
    if len(tasks) > LOOKED_AT:
        return None
    sql = (
        "SELECT d.data FROM audit_taskversion a JOIN audit_disclosure d ON d.event_id = a.event_id "
        "AND d.grp = 'content' WHERE a.task_id = ANY(%s) AND a.from_index < %s "
        "AND (a.to_index IS NULL OR a.to_index >= %s)"
    )
    found: set[str] = set()
    for (content,) in rows(sql, [tasks, selection.as_of, selection.as_of]):
        try:
            found.update(medium.kind for medium in told.media(bytes(content)))
        except (ValueError, TypeError, KeyError):
            return None  # What can't be read is named by the export, task by task.
    return frozenset(found)
