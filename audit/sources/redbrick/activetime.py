"""Active time: what each person worked on a task at a stage in one round, as RedBrick sums it up."""

from __future__ import annotations

from hashlib import sha256

from msgspec.structs import replace

from audit.sources.base import SourceError, SourceEvent, Version
from audit.sources.redbrick.payload import actor_kind, cycle, people_of, user_id
from audit.sources.redbrick.project import RedBrickProject
from audit.sources.values import Item, item, text

SOURCE_TYPE = "ACTIVE_TIME"
MAX_MILLISECONDS = 10**15


def time_event(row: bytes, stage: str, project: RedBrickProject) -> SourceEvent:
    """One row at a stage, as `time.revised`; its opening is `time.recorded`. Raises SourceError for what is no row.

    A row has no id: task, stage, round and person make it the same. Its `date` is when the work ended, not when the sum
    came about; it is in the payload, and the event has no time. A row without milliseconds says only that somebody
    worked there, and is kept as `activity.recorded`.
    """
    found = item(row)
    task = text(found, "taskId")
    if task is None:
        raise SourceError("answer", f'RedBrick AI sent an active time at "{stage}" that is of no task')
    who = user_id(found.get("user"))
    time = milliseconds(found)
    revised = SourceEvent(
        task=task,
        type="activity.recorded" if time is None else "time.revised",
        source_type=SOURCE_TYPE,
        occurred_at=None,
        instant=None,
        actor=None if who is None or actor_kind(who) == "system" else project.person(who),
        actor_kind=actor_kind(who),
        stage=stage,
        cycle=cycle(found.get("cycle")),
        content=row,
        people=people_of(found, project.person),
    )
    thing = f"time/{stage}/{found.get('cycle')}/{who}"
    if time is None:
        # Derived: no history of the task tells it, so a full pass can't compare it with one.
        unknown = replace(revised, derived=True)
        return replace(unknown, version=Version(f"{thing}/unknown", sha256(row).hexdigest(), first=unknown))
    version = Version(thing, f"{time}", first=replace(revised, type="time.recorded"))
    return replace(revised, version=version)


def milliseconds(row: Item) -> int | None:
    """The row's time, to the millisecond; None where it has none that can be one."""
    found = row.get("timeSpent")
    if isinstance(found, bool) or not isinstance(found, int | float) or not abs(found) < MAX_MILLISECONDS:
        return None
    return round(found)
