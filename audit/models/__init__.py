"""The record's tables, one aggregate a module."""

from audit.models.activity import ActiveTime
from audit.models.log import Checkpoint, Disclosure, Event, EventWords, Log, Tile
from audit.models.person import Identity, Person
from audit.models.project import Project
from audit.models.run import SyncRun
from audit.models.source import Instance, Source
from audit.models.task import Task, TaskVersion

__all__ = [
    "ActiveTime",
    "Checkpoint",
    "Disclosure",
    "Event",
    "EventWords",
    "Identity",
    "Instance",
    "Log",
    "Person",
    "Project",
    "Source",
    "SyncRun",
    "Task",
    "TaskVersion",
    "Tile",
]
