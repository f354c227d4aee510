"""Lines of errors.ndjson about what nothing could be made of: a whole task, or one label of it."""

from __future__ import annotations

from exports.archive.build import Leaving, Noting, Skipped
from exports.formats.base import LabelledTask, LabelRow


def leave_out(archive: Leaving, task: LabelledTask, code: str, text: str) -> None:
    """Note that nothing of a task was written: one line for it, one for each of its labels."""
    archive.skip("tasks", Skipped(task.task, code, text))
    for row in task.labels:
        archive.skip("labels", Skipped(task.task, code, text, row.external_id))


def unread(archive: Noting, task: LabelledTask, row: LabelRow, text: str) -> None:
    """Note that one label of a task that was written can't be read: nothing stands in its place."""
    archive.warn(Skipped(task.task, "unreadable", text, row.external_id))
