"""How payloads of Diffgram are read back, those of its API and those of its database. Pure functions of bytes."""

from __future__ import annotations

from datetime import datetime

from audit.sources.base import ActiveSpan, LabelDetails, ProjectDetails, Reading, TaskDetails
from audit.sources.diffgram.label import label_details
from audit.sources.diffgram.project import details_of, facts
from audit.sources.values import canonical, instant, item, number, text, when

MAX_SECONDS = 10**12

CHANGING = frozenset(
    {
        "soft_delete",
        "deleted_time",
        "deletion_type",
        "next_id",
        "last_updated_time",
        "time_updated",
        "member_updated_id",
        "status",
        "hash",
        "verified",
        "preview_image_url",
        "preview_image_blob_dir",
        "preview_image_url_expiry",
        "mask_url_expiry",
        "diffgram_version",
        "host_os",
        "storage_backend",
        "service_name",
        "install_fingerprint",
    }
)
"""Fields of events and instances that Diffgram changes later, or that say what server told them."""


class DiffgramReading(Reading):
    """Reads what `events`, `feed`, `label`, `project` and `rows` put into events."""

    def task_details(self, content: bytes) -> TaskDetails:
        """The name of the task's file: tasks have none of their own."""
        return TaskDetails(name=text(item(content), "name"))

    def label_details(self, content: bytes) -> LabelDetails:
        """Of all instances on the task's file."""
        return label_details(content)

    def active_span(self, content: bytes) -> ActiveSpan:
        """Seconds that a client counted, first and last. Raises ValueError for what is no time."""
        found = item(content)
        time = milliseconds(found.get("time_spent"))
        if time is None:
            raise ValueError("the payload of an active time has no time")
        return ActiveSpan(time, ended_at=when(found, "time_updated")[1])

    def project_details(self, content: bytes) -> ProjectDetails:
        """Name and description, and the two stages through which every task goes."""
        return details_of(content)

    def instant(self, occurred_at: str, zone: str) -> datetime:
        """The UTC instant of a time as Diffgram writes it: UTC without saying so. A day alone is its beginning."""
        return instant(occurred_at)

    def settled(self, content: bytes) -> bytes:
        """What Diffgram never changes of an event or of a version of an instance."""
        found = item(content)
        return canonical(facts({name: value for name, value in found.items() if name not in CHANGING}))


def milliseconds(seconds: object) -> int | None:
    """Seconds as milliseconds; None for what can't be a time."""
    found = number(seconds)
    return None if found is None or not abs(found) < MAX_SECONDS else round(found * 1000)
