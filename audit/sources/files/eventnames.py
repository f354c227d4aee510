"""What a file's own names of events are in ours."""

from __future__ import annotations

from collections.abc import Mapping

from audit.eventtypes import TYPES
from audit.sources.files.errors import BadOption, nearest

REDBRICK = {
    "TASK_CREATED": "task.created",
    "TASK_SUBMITTED": "task.submitted",
    "TASK_ACCEPTED": "review.accepted",
    "TASK_CORRECTED": "review.corrected",
    "TASK_REJECTED": "review.rejected",
    "TASK_MOVED": "task.moved",
    "GROUNDTRUTH_TASK_EDITED": "groundtruth.edited",
    "TASK_ASSIGNED": "task.assigned",
    "TASK_REASSIGNED": "task.reassigned",
    "TASK_UNASSIGNED": "task.unassigned",
    "TASK_SKIPPED": "task.skipped",
    "TASK_SAVED": "task.saved",
    "CONSENSUS_TASK_EDITED": "consensus.edited",
    "CONSENSUS_COMPUTED": "consensus.computed",
    "COMMENT_ADDED": "comment.added",
}
"""The names of RedBrick AI's SDK (`redbrick.TaskEventTypes`, 2.35), so that a dump of its events needs no --map."""

CONCLUDED = frozenset({"project.updated", "task.updated", "time.recorded", "time.revised"}) | {
    name for name, kind in TYPES.items() if kind.group in ("record", "service")
}
"""Types that only Labeltrail writes: a file that could claim them could forge an erasure, or a load that never was."""

FROM_FILES = frozenset(TYPES) - CONCLUDED
_CACHED = 10_000


class EventNames:
    """Translates a file's events; `unused` are the mappings that no event has needed so far."""

    def __init__(self, mapped: Mapping[str, str]) -> None:
        self._known = {name: name for name in FROM_FILES} | REDBRICK | dict(mapped)
        self._cache: dict[tuple[str, str], tuple[str, str]] = {}
        self.unused = set(mapped)

    def __call__(self, activity: str, lifecycle: str) -> tuple[str, str]:
        """(type, source type). A transition other than completion is part of the source's name of the event."""
        key = (activity, lifecycle)
        if (found := self._cache.get(key)) is None:
            if len(self._cache) >= _CACHED:
                self._cache.clear()
            name = activity if lifecycle.casefold() in {"", "complete"} else f"{activity}/{lifecycle}"
            found = self._cache[key] = (self._known.get(name, "activity.recorded"), name)
            self.unused.discard(name)
        return found


def mapped(options: list[str]) -> dict[str, str]:
    """`VALUE=TYPE` options as a table. Raises BadOption for an unknown type, or one that only Labeltrail writes."""
    table: dict[str, str] = {}
    for option in options:
        value, equals, name = option.rpartition("=")
        if not equals or not value:
            raise BadOption(f'--map "{option}": write VALUE=TYPE, for instance --map "Accepted=review.accepted"')
        if name in CONCLUDED:
            raise BadOption(
                f'--map "{option}": events of type {name} are written by Labeltrail itself, never by a file'
            )
        if name not in TYPES:
            raise BadOption(f'--map "{option}": there is no event type "{name}"{nearest(name, FROM_FILES)}')
        if table.setdefault(value, name) != name:
            raise BadOption(f'--map: "{value}" is mapped to both {table[value]} and {name}')
    return table
