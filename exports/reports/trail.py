"""A task's trail as rows: what happened, when, by whom, where, and what it changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from audit.log.envelope import Envelope, unseal
from audit.log.erasure import Erasure
from audit.log.fold import TaskState, begin
from audit.log.read import READ_TYPES, StoredEvent
from audit.models import Disclosure, Event, Log, Superseded
from audit.sources.base import Reading
from exports.reports import changes, filtered, tally
from exports.reports.names import REDACTED, Names
from exports.reports.rows import Change, Row, Trail
from exports.reports.rules import REASON_DUE
from exports.reports.words import line, lines
from exports.selection import Selection
from exportsite.clock import local_time, offset_of

MAX_CHANGES = 5
CHUNK = 500


@dataclass(frozen=True, slots=True)
class Context:
    """What rows are made with. `erasures` maps (index, group) to the index of the event that erased it.

    `check` is called now and then; what it raises ends the reading.
    """

    log: Log
    as_of: int
    reading: Reading
    zone: str
    names: Names
    erasures: dict[tuple[int, str], int]
    check: Callable[[], None] = lambda: None
    selection: Selection | None = None


def erasures_of(log: Log, erasures: Iterable[tuple[int, Erasure]]) -> dict[tuple[int, str], int]:
    """Which payload was erased by which event."""
    return {(index, group): by for by, erasure in erasures for index in erasure.indices for group in erasure.groups}


def stored_events(task_id: int, log: Log, as_of: int) -> Iterable[StoredEvent]:
    """The events of one task by n, with the content that its fold reads."""
    rows = Event.objects.filter(task=task_id, id__lt=log.event_id(as_of)).order_by("n", "id")
    source = rows.values_list(
        "id", "task_id", "n", "type", "source_type", "occurred_at", "stage", "actor_id", "late", "envelope"
    ).iterator(chunk_size=CHUNK)
    while chunk := list(islice(source, CHUNK)):
        read = [row[0] for row in chunk if row[3] in READ_TYPES]
        contents = _disclosed(read, ["content"]) if read else {}
        told = Superseded.objects.filter(event_id__in=[row[0] for row in chunk], from_index__lt=as_of)
        superseded = set(told.values_list("event_id", flat=True))
        for row in chunk:
            content = contents.get((row[0], "content"))
            yield StoredEvent(*row[:-1], bytes(row[-1]), content, superseded=row[0] in superseded)


def told(events: Iterable[StoredEvent], context: Context) -> Iterator[tuple[StoredEvent, Row, TaskState]]:
    """Events that come task after task, each by n, as rows; with the state that each leaves its task in.

    Those of the project itself count as those of one more task.
    """
    state: TaskState | None = None
    values: dict[str, str] = {}
    task: int | None = None
    source = iter(events)
    while chunk := list(islice(source, CHUNK)):
        context.check()
        disclosed = _disclosed([stored.id for stored in chunk], ["content", "text"])
        for stored in chunk:
            event = unseal(stored.envelope)
            index = tally.index_of(stored)
            if state is None or stored.task_id != task:
                task, values = stored.task_id, {}
                state = begin(event.task or "", index, datetime.fromisoformat(event.received_at))
            before = changes.Moment.of(state)
            late = tally.step(state, event, index, tally.instant_of(event, stored), stored.content, context.reading)
            content, text = disclosed.get((stored.id, "content")), disclosed.get((stored.id, "text"))
            changed = _changes(event, before, changes.Moment.of(state), content, text, values, context)
            yield stored, _row(event, stored, index, late, changed, content, text, context), state


def trail_of(task_id: int, context: Context, rows: int) -> Trail:
    """The trail of a task: all of it (that is selected), or its first `rows` events by time."""
    made: list[tuple[datetime, Row]] = []
    state: TaskState | None = None
    name, selected = "", 0
    source = (
        stored_events(task_id, context.log, context.as_of)
        if context.selection is None
        else filtered.events(context.selection, task_id)
    )
    for stored, row, after in told(source, context):
        name = name or unseal(stored.envelope).task or ""
        state = after
        if not stored.selected:
            continue
        selected += 1
        made.append((stored.occurred_at, row))
        if len(made) >= rows + CHUNK:  # No more rows are held than are printed, however long the trail is.
            made = sorted(made, key=_by_time)[:rows]
    if state is None:
        raise LookupError(f"task {task_id} has no event among the first {context.as_of}")
    return Trail(
        external_id=line(name),
        name=line(state.name),
        stage=line(state.stage) or None,
        status=state.status or None,
        active_ms=state.active_ms,
        events=selected,
        rows=tuple(row for _, row in sorted(made, key=_by_time)[:rows]),
    )


def _by_time(made: tuple[datetime, Row]) -> tuple[datetime, int]:
    return made[0], made[1].n


def _disclosed(event_ids: list[int], groups: list[str]) -> dict[tuple[int, str], bytes]:
    found = Disclosure.objects.filter(event_id__in=event_ids, group__in=groups)
    return {(pk, group): bytes(data) for pk, group, data in found.values_list("event_id", "group", "data")}


def _changes(
    event: Envelope,
    before: changes.Moment,
    after: changes.Moment,
    content: bytes | None,
    text: bytes | None,
    values: dict[str, str],
    context: Context,
) -> list[Change]:
    found = list(changes.of_task(event, before, after, context.names.who))
    if content is None:
        return found
    if event.type in ("time.recorded", "time.revised"):
        return [*found, changes.of_time(context.reading.active_span(content).milliseconds)]
    # Payloads may hold what people wrote: an edition without names shows only what the envelopes state.
    if event.derived or context.names.redacted:
        return found
    written = text.decode("utf-8", "replace") if text is not None else None
    return [*found, *changes.of_payload(content, event, written, values, context.names.who)]


def _row(
    event: Envelope,
    stored: StoredEvent,
    index: int,
    late: bool,
    changed: list[Change],
    content: bytes | None,
    text: bytes | None,
    context: Context,
) -> Row:
    occurred = tally.instant_of(event, stored)
    local = local_time(occurred, event.occurred_at, context.zone) if occurred else None
    text_withheld = _withheld(event.text, text, index, "text", context)
    return Row(
        n=event.n,
        index=index,
        occurred=occurred,
        local=f"{local:%H:%M:%S} {offset_of(local).removesuffix(':00')}" if local else None,
        who=_who(event, context.names),
        stage=line(event.stage, 60) if event.stage else None,
        to_stage=line(event.to_stage, 60) if event.to_stage else None,
        event=line(tally.label_of(event), 80),
        derived=event.derived,
        superseded=stored.superseded,
        owes=tally.owes(event),
        late=late,
        changes=tuple(changed[:MAX_CHANGES]),
        more_changes=max(len(changed) - MAX_CHANGES, 0),
        withheld=_withheld(event.content, content, index, "content", context) if not context.names.redacted else "",
        text=lines(text.decode("utf-8", "replace")) if text is not None and not text_withheld else None,
        text_withheld=text_withheld,
        reason_due=event.type in REASON_DUE and tally.owes(event),
    )


def _who(event: Envelope, names: Names) -> str | None:
    if event.actor is not None:
        return names.who(event.actor)
    return event.actor_kind if event.actor_kind in ("system", "service") else None


def _withheld(commit: str | None, data: bytes | None, index: int, group: str, context: Context) -> str:
    """Why something that the envelope commits to is not shown; empty when it is, or when there is nothing."""
    if commit is None:
        return ""
    if context.names.redacted and group == "text":
        return REDACTED
    if data is not None:
        return ""
    by = context.erasures.get((index, group))
    return f"erased by event {by:,}" if by is not None else "erased after this state of the log"
