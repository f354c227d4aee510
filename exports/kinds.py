"""What kinds of media a project's tasks are about, and whether their texts are in the record, so that a format that
can say nothing of them is refused at once."""

from __future__ import annotations

from dataclasses import dataclass

from audit.annotations import Medium, MediumKind
from audit.sources import neutral
from audit.sources.base import Neutral
from audit.sources.unread import media_of, why
from exports.formats.others.spans import WITH_TEXT
from exports.selection import Selection
from exports.streamed import rows

LOOKED_AT = 300
"""Tasks whose payloads are read for it: a larger project is known by what its source says of all of it, or not."""


@dataclass(frozen=True, slots=True)
class MediaTold:
    """Kinds of the media, and whether the record has the text of any; None where that can't be told at once."""

    kinds: frozenset[str] | None = None
    texts: bool | None = None


def media_told(selection: Selection, details: bytes | None) -> MediaTold:
    """What can be told of the media as of the snapshot without reading all of a large project.

    `details` is the project's payload. Reads at most LOOKED_AT payloads, and one more entry of an index.
    """
    try:
        told = neutral(selection.log.project.source.kind)
    except LookupError:
        return MediaTold()
    said = _kinds(told, details) if details is not None else None
    if said is not None and WITH_TEXT.isdisjoint(said):
        return MediaTold(said)
    media = _media(selection, told)
    if media is None:
        return MediaTold(said)
    kinds = frozenset(medium.kind for medium in media) if said is None else said
    return MediaTold(kinds, any(medium.text is not None for medium in media) if media else None)


def _kinds(told: Neutral, details: bytes) -> frozenset[MediumKind] | None:
    try:
        return told.kinds(details)
    except Exception as error:
        why(error)
        return None


def _media(selection: Selection, told: Neutral) -> list[Medium] | None:
    """The media of all tasks; None for a large project, and for payloads that can't be read."""
    sql = "SELECT id FROM audit_task WHERE project_id = %s AND from_index < %s ORDER BY number LIMIT %s"
    tasks = [task for (task,) in rows(sql, [selection.log.project_id, selection.as_of, LOOKED_AT + 1])]
    if len(tasks) > LOOKED_AT:
        return None
    sql = (
        "SELECT d.data FROM audit_taskversion a JOIN audit_disclosure d ON d.event_id = a.event_id "
        "AND d.grp = 'content' WHERE a.task_id = ANY(%s) AND a.from_index < %s "
        "AND (a.to_index IS NULL OR a.to_index >= %s)"
    )
    found: list[Medium] = []
    for (content,) in rows(sql, [tasks, selection.as_of, selection.as_of]):
        media, wrong = media_of(told, bytes(content))
        if wrong:
            return None  # What can't be read is named by the export, task by task.
        found += media
    return found
