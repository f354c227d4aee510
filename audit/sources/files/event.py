"""What a reader of files yields."""

from __future__ import annotations

import msgspec

from audit.sources.base import SourceEvent


class FileEvent(msgspec.Struct, frozen=True, gc=False):
    """An event and what the file says besides, from which active time and task names are concluded.

    `line` is where it starts. `activity` and `transition` (lower case) tell which start a completion ends.
    `milliseconds` is the length that the file gives for it, `name` the task's name in its line. `strings` are all
    strings of a payload whose people are not known yet: those of a trace or of the log, which stand before the events.
    `again`: an event with the same key in the same task is this one once more, whatever else it says, and not an error.
    """

    event: SourceEvent
    line: int
    activity: str = ""
    transition: str = ""
    milliseconds: int | None = None
    name: str | None = None
    strings: tuple[str, ...] | None = None
    again: bool = False
