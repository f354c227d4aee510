"""What an event changed, in a few words: the task's own fields, else the values of its payload that differ."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from audit.eventtypes import TYPES
from audit.log.envelope import Envelope
from audit.log.fold import TaskState
from exports.reports.rows import Change
from exports.reports.words import line
from exportsite.clock import active_words

MAX_PAYLOAD = 1024 * 1024
MAX_VALUE = 90
MAX_DEPTH = 3
_TOKEN = re.compile(r"@p:([a-z2-7]{16})/(?:id|email|name)(?:\.[0-9]+)?")


@dataclass(frozen=True, slots=True)
class Moment:
    """The parts of a task's state that events are seen to change."""

    name: str
    stage: str
    status: str
    assignee: str | None
    cycle: int | None

    @classmethod
    def of(cls, state: TaskState) -> Moment:
        """The state as it is now."""
        return cls(state.name, state.stage, state.status, state.assignee, state.cycle)


def of_task(event: Envelope, before: Moment, after: Moment, who: Callable[[str], str]) -> Iterator[Change]:
    """What the event says of the task itself: who has it, where it is, its name, the outcome of a review.

    Taken from the envelope where it states them, so that a late event shows what it meant then.
    """
    kind = TYPES[event.type]
    if kind.assigns in ("assignee", "nobody") and (event.assignee or before.assignee):
        new = event.assignee if kind.assigns == "assignee" else None
        if new != before.assignee:
            old = who(before.assignee) if before.assignee else None
            yield Change("", old, who(new) if new else "nobody")
    if event.to_stage:
        start = event.stage or before.stage
        yield Change("", line(start, MAX_VALUE) if start else None, line(event.to_stage, MAX_VALUE))
    if kind.group == "review" and after.status != before.status:
        yield Change("", before.status or None, after.status)
    if after.cycle is not None and after.cycle != before.cycle:
        yield Change("cycle", str(before.cycle) if before.cycle is not None else None, str(after.cycle))
    if after.name != before.name:
        yield Change("name", line(before.name, MAX_VALUE), line(after.name, MAX_VALUE))


def of_time(milliseconds: int) -> Change:
    """What an active time says."""
    return Change("", None, active_words(milliseconds))


def of_payload(
    content: bytes, event: Envelope, text: str | None, values: dict[str, str], who: Callable[[str], str]
) -> Iterator[Change]:
    """Values of the payload that the task's payloads before did not have; `values` remembers them.

    What the other columns of the trail show already (kind, time, task, person, stage, text) is not shown again.
    """
    shown = {
        event.type,
        event.source_type,
        event.occurred_at,
        event.task,
        event.stage,
        event.to_stage,
        event.source_key,
    }
    shown |= {text, str(event.cycle), None}
    for key, value in _fields(content):
        if value in shown or ((token := _TOKEN.fullmatch(value)) and token[1] in (event.actor, event.assignee)):
            continue
        old = values.get(key)
        if old == value:
            continue
        values[key] = value
        label, before, now = line(key, 40), _value(old, who) if old is not None else None, _value(value, who)
        yield Change(label, before, now if now != before else f"{now}, changed")


def _value(value: str, who: Callable[[str], str]) -> str:
    if token := _TOKEN.fullmatch(value):
        return who(token[1])
    if value.startswith("["):  # A list, written out by `_flat`; a text that looks like one is no worse off.
        return "a list"
    return line(value, MAX_VALUE) if value else "(empty)"


def _fields(content: bytes) -> Iterator[tuple[str, str]]:
    """The payload's names and values, digits as they came; nothing for payloads that are no object, or huge."""
    if len(content) > MAX_PAYLOAD:
        return
    try:
        payload = json.loads(content, parse_int=str, parse_float=str, parse_constant=str)
    except (ValueError, RecursionError):
        return
    if not isinstance(payload, dict):
        return
    event = payload.get("event")
    if list(payload) == ["event"] and isinstance(event, list):  # XES: [tag, key, value, nested attributes?]
        pairs = [(item[1], item[2]) for item in event if isinstance(item, list) and len(item) >= 3]
    else:
        pairs = list(payload.items())
    for key, value in pairs:
        if not str(key).startswith("__"):
            yield from _flat(str(key), value, MAX_DEPTH)


def _flat(key: str, value: object, depth: int) -> Iterator[tuple[str, str]]:
    """Objects are taken apart (`pin.x`); lists, and what lies too deep, are compared as a whole."""
    if isinstance(value, dict) and value and depth:
        for name, item in value.items():
            if not name.startswith("__"):  # GraphQL's own names: what kind of answer it is, not what happened.
                yield from _flat(f"{key}.{name}", item, depth - 1)
    elif isinstance(value, list | dict):
        yield key, json.dumps(value if isinstance(value, list) else [value], ensure_ascii=False)
    elif isinstance(value, str):
        # A literal that looks like a person's token was given one more @ on its way in.
        yield key, value[1:] if value.startswith("@@") and value.lstrip("@").startswith("p:") else value
    else:
        yield key, {None: "null", True: "true", False: "false"}[value]  # type: ignore[index]  # numbers came as str
