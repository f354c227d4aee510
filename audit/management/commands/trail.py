"""A task's history in the terminal."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any, TextIO

import orjson

from audit.api.serializers import Event as EventShape
from audit.models import Task
from audit.queries import lists, trails
from audit.queries.filters import Filters
from audit.queries.records import EventRow
from audit.resolve import resolve_project, resolve_task
from audit.sentences import sentence
from exportsite import clock, commands
from exportsite.text import visible, visible_line

PAGE = 500
_BOLD, _DIM, _END = "\x1b[1m", "\x1b[2m", "\x1b[0m"
_TONES = {"ok": "\x1b[32m", "warn": "\x1b[33m", "no": "\x1b[31m", "act": "\x1b[36m"}


class Command(commands.Command):
    help = "Print the history of a task: what happened, when, who did it, and which entry of the log holds it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("task", metavar="TASK", help="our id, the source's id, or (with --project) the name")
        parser.add_argument("--project", metavar="PROJECT", help="our id, source:external id, or the name")
        parser.add_argument("--json", action="store_true", help="one JSON object: the task and its events")

    def handle(self, *, task: str, project: str | None, json: bool, **options: Any) -> None:
        found = resolve_task(task, resolve_project(project) if project else None)
        try:
            if json:
                self._write_json(found)
            else:
                colour = not options["no_color"] and (options["force_color"] or _wants_colour(sys.stdout))
                for text in _lines(found, colour):
                    self.stdout.write(text)
        except BrokenPipeError:
            # `trail … | head`: the reader has what it wanted. What is still buffered must not be written at the end.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    def _write_json(self, task: Task) -> None:
        """The task and all of its events, in the shapes of the API, written as they are read."""
        head = {"id": task.pk, "project": task.project_id, "external_id": task.external_id, "name": task.name}
        self.stdout.write(orjson.dumps(head).decode()[:-1] + ',"events":[', ending="")
        for place, event in enumerate(_events(task)):
            row = orjson.dumps(dict(EventShape(event).data)).decode()
            self.stdout.write(("," if place else "") + row, ending="")
        self.stdout.write("]}")


def _wants_colour(stream: TextIO) -> bool:
    return stream.isatty() and not os.environ.get("NO_COLOR")


def _events(task: Task) -> Iterator[EventRow]:
    """The whole trail, a page at a time."""
    cursor = None
    while True:
        page = lists.trail(task, Filters(oldest_first=True), limit=PAGE, cursor=cursor)
        yield from page.rows
        if page.next is None:
            return
        cursor = page.next


def _lines(task: Task, colour: bool) -> Iterator[str]:
    def style(text: str, *codes: str) -> str:
        return f"{''.join(codes)}{text}{_END}" if colour and any(codes) else text

    yield style(visible_line(task.name), _BOLD)
    facts = [f"task {visible_line(task.external_id)}", f"project {visible_line(task.project.name)}"]
    facts += [f"stage {visible_line(task.stage)}"] if task.stage else []
    facts += [task.status] if task.status else []
    facts += [f"active {clock.active(task.active_ms)}"] if task.active_ms else []
    yield style(", ".join(facts), _DIM)
    active = {one.index: one.milliseconds for one in trails.times_of(task)}
    for event in _events(task):
        yield ""
        local = ""
        if event.occurred_text is None:
            when = "no time recorded      "
        else:
            when = f"{event.occurred_at:%Y-%m-%d %H:%M:%S}Z  "
            moment = clock.local_time(event.occurred_at, event.occurred_text, task.project.source.zone)
            local = f"  {moment:%Y-%m-%d %H:%M:%S}{clock.offset_of(moment)}" if moment else ""
        tone = _TONES.get(event.kind.tone, "")
        words = "".join(
            style(visible_line(part.text), _BOLD, tone) if part.kind == "verb" else visible_line(part.text)
            for part in sentence(event)
        )
        yield f"{event.n:>5}  {when}{words}"
        notes = [f"entry {event.index}{local}", event.type]
        if event.source_type and event.source_type != event.type:
            notes.append(visible_line(event.source_type))
        notes += [f"cycle {event.cycle}"] if event.cycle is not None else []
        notes += [f"{clock.active(active[event.index])} active"] if event.index in active else []
        notes += ["concluded by Labeltrail"] if event.derived else []
        notes += [f"superseded by entry {event.superseded}"] if event.superseded is not None else []
        notes += ["recorded late"] if event.late else []
        notes += ["THE STORED ENTRY IS DAMAGED"] if event.damaged else []
        yield style(f"       {', '.join(notes)}", _DIM)
        if event.text:
            yield from (f"       | {row}" for row in visible(event.text).split("\n"))
        elif event.text_missing:
            yield style("       | (the text was erased)", _DIM)
