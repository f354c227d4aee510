"""The record's tables, one aggregate a module."""

from audit.models.activity import ActiveTime
from audit.models.hook import Hint
from audit.models.label import LabelVersion
from audit.models.log import Checkpoint, Disclosure, Event, EventWords, Log, Superseded, Tile
from audit.models.membership import Membership, Role
from audit.models.person import Identity, Person
from audit.models.project import Media, Project
from audit.models.run import Mode, SyncRun, Verification
from audit.models.schedule import Schedule
from audit.models.service import ServiceOutbox, Tries
from audit.models.source import Instance, Source
from audit.models.task import Task, TaskVersion
from audit.models.token import ApiToken, Scope
from audit.models.view import Listing, SavedView

__all__ = [
    "ActiveTime",
    "ApiToken",
    "Checkpoint",
    "Disclosure",
    "Event",
    "EventWords",
    "Hint",
    "Identity",
    "Instance",
    "LabelVersion",
    "Listing",
    "Log",
    "Media",
    "Membership",
    "Mode",
    "Person",
    "Project",
    "Role",
    "SavedView",
    "Schedule",
    "Scope",
    "ServiceOutbox",
    "Source",
    "Superseded",
    "SyncRun",
    "Task",
    "TaskVersion",
    "Tile",
    "Tries",
    "Verification",
]
