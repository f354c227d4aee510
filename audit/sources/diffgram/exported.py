"""An export of Diffgram as a source: its JSON file, with a packet for each file that was annotated.

It says nothing of tasks and people: a file stands for the task that it was annotated in.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import orjson
from msgspec.structs import replace

from audit.sources.base import SourceEvent, TaskHistory, TaskPage
from audit.sources.diffgram.events import history_of
from audit.sources.diffgram.people import Members
from audit.sources.diffgram.project import settings_event, thing_events
from audit.sources.exported.container import Container
from audit.sources.exported.kind import ExportKind, FileSource, in_pages, once
from audit.sources.exported.looks import candidates, decoded, only
from audit.sources.files.errors import BadFile, quoted
from audit.sources.files.jsonarray import members
from audit.sources.values import Item, counted, mended, part, text, whole

WHAT = "export of Diffgram"
_MARKS = (b'"label_map"', b'"export_info"')


class DiffgramExport(FileSource):
    """One JSON file. Raises BadFile or SourceError for what is none."""

    cannot_tell = (
        "Diffgram's export does not name tasks: a file stands for the task in which it was annotated.",
        "Diffgram's export says neither who drew an instance nor when, and has no events and no times of work.",
        "Masks and media are named by their addresses, which have expired.",
        *FileSource.cannot_tell,
    )

    def project_events(self) -> Iterator[SourceEvent]:
        """Labels and attribute groups, the job and the directory that were exported."""
        head: dict[str, Any] = {}
        groups: list[bytes] = []
        for member, value in self._members():
            if member == "attribute_groups_reference":
                groups.append(value)
            elif not member.isdecimal():
                head[member] = _value(self.container.path, member, value)
        info, colours = part(head, "export_info"), part(head, "label_colour_map")
        labels = [
            orjson.dumps({"id": counted(id_), "label": {"name": name}, "colour": colours.get(id_)})
            for id_, name in part(head, "label_map").items()
            if counted(id_) is not None
        ]
        project = {**part(info, "project"), "name": self.name}
        yield settings_event(orjson.dumps(project), labels, groups)
        for thing in ("directory", "job"):
            found = part(info, thing)
            if whole(found, "id") is not None:
                yield from thing_events(thing, [orjson.dumps(found)])

    def task_pages(self, since: datetime | None = None) -> Iterator[TaskPage]:
        """Files in the export's order. Raises BadFile for two of one id."""
        return in_pages(once(self._histories(), "files with the number"))

    def _histories(self) -> Iterator[tuple[str, None, TaskHistory]]:
        for member, value in self._members():
            if member.isdecimal():
                yield self.container.path, None, self._history(member, value)

    def _history(self, member: str, packet: bytes) -> TaskHistory:
        file = part(decoded(self.container.path, None, packet), "file")
        number = whole(file, "id")
        if number is None:
            raise BadFile(self.container.path, None, f'the packet {quoted(member)} has no "file" with an "id"')
        row: Item = {"id": number, "file": file}
        if (created := text(file, "created_time")) is not None:
            row["time_created"] = created
        if file.get("ann_is_complete") is True:
            row["status"] = "complete"
        history = history_of(orjson.dumps(row), packet, [], Members())
        return TaskHistory(history.task, tuple(map(_without_files, history.events)))

    def _members(self) -> Iterator[tuple[str, bytes]]:
        with self.container.text(only(self.container, _found(self.container), WHAT)) as file:
            for member, value in members(file):
                yield member, mended(value) if b"\\ud" in value.lower() else value


def _value(path: str, member: str, value: bytes) -> object:
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError as problem:
        raise BadFile(path, None, f"{quoted(member)} is no JSON: {problem}") from None


def _without_files(event: SourceEvent) -> SourceEvent:
    """Nobody can fetch them: their addresses have expired."""
    version = event.version
    if version is not None and version.first is not None:
        version = replace(version, first=replace(version.first, files=()))
    return replace(event, files=(), version=version) if event.files else event


def _looks(head: bytes) -> bool:
    return head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") and all(mark in head for mark in _MARKS)


def _found(container: Container) -> list[str]:
    return candidates(container, (".json",), lambda name: _looks(container.head(name)))


def recognises(container: Container) -> bool:
    """Whether it is one such file, or has exactly one."""
    return len(_found(container)) == 1


KIND = ExportKind("diffgram", "an export of Diffgram", "diffgram", recognises, DiffgramExport)
