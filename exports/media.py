"""Media of a snapshot's tasks: what is kept of them, and why some are not."""

from __future__ import annotations

from collections.abc import Iterable
from typing import IO

from django.db import connection

from audit.files import Files, KeptFile, files_of
from audit.live.media import Lacking, kept_of
from exports.formats.base import LabelledTask, NoMedium
from exports.selection import Selection, TaskRow

_VERSIONS = (
    "SELECT task_id, from_index FROM audit_taskversion "
    "WHERE task_id = ANY(%s) AND from_index < %s AND (to_index IS NULL OR to_index >= %s)"
)
_NOT_KEPT = (
    "the file {name!r} was not kept when the project was read. A project whose media are on_export has them fetched "
    "when an export asks for them"
)
_GONE = "the file {name!r} was kept, and is gone from LABELTRAIL_FILES: manage.py verify --project says which are"


class KeptMedia:
    """The files that the record has of tasks, one batch of them at a time: `begin` it, then `open` its tasks' files.

    `failed` says why files could not be fetched, by task and name.
    """

    def __init__(self, selection: Selection) -> None:
        self._selection = selection
        self._kept: dict[str, list[KeptFile]] = {}
        self._versions: dict[str, int] = {}
        self.failed: dict[tuple[str, str], str] = {}

    def begin(self, tasks: list[TaskRow]) -> None:
        """Look up the versions of these tasks as of the snapshot, and what was kept of each."""
        names = {task.id: task.external_id for task in tasks}
        with connection.cursor() as cursor:
            cursor.execute(_VERSIONS, [list(names), self._selection.as_of, self._selection.as_of])
            versions: dict[int, int] = dict(cursor.fetchall())
        kept = kept_of(versions, self._selection.shown)
        self._kept = {names[task]: found for task, found in kept.items()}
        self._versions = {names[task]: index for task, index in versions.items()}

    def lacking(self, task: LabelledTask, names: Iterable[str]) -> Lacking | None:
        """Which of these files of a task of the batch are not kept; None: not one."""
        if task.details is None or task.task not in self._versions:
            return None
        have = {file.name for file in (*files_of(task.details).kept, *self._kept[task.task])}
        found = tuple(name for name in dict.fromkeys(names) if name not in have)
        return Lacking(task.task, self._versions[task.task], found) if found else None

    def open(self, task: LabelledTask, name: str) -> IO[bytes]:
        """A file of a task of the batch. Raises NoMedium."""
        have = (*files_of(task.details or b"{}").kept, *self._kept.get(task.task, ()))
        if all(file.name != name for file in have):
            raise NoMedium(self.failed.get((task.task, name)) or _NOT_KEPT.format(name=name))
        try:
            return Files(have).open(name)
        except FileNotFoundError:
            raise NoMedium(_GONE.format(name=name)) from None
