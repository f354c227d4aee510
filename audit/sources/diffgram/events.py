"""From a task as Diffgram's API tells it to events: its row in the list of tasks, its file's packet of an export, and
what the feed says of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import msgspec
from msgspec.structs import replace

from audit.sources.base import PersonRef, SourceError, SourceEvent, TaskHistory, Version
from audit.sources.diffgram.feed import feed_events
from audit.sources.diffgram.label import is_labelled, label_event
from audit.sources.diffgram.media import media_facts, media_files
from audit.sources.diffgram.people import Members, people
from audit.sources.diffgram.project import digest, facts
from audit.sources.diffgram.tell import ANNOTATION, REVIEW, moment
from audit.sources.values import Item, item, part, parts, text, unsigned, when, whole

APART = frozenset({"status", "time_updated", "time_completed", "assignee_user_id", "task_assignees", "task_reviewers"})
"""Fields of a task that make no new version of it: they have events, or change with everything."""

_LAST = datetime.max.replace(tzinfo=UTC)


def task_id(row: bytes) -> str:
    """The task's number, as a text. Raises SourceError for what is no task."""
    found = whole(item(row), "id")
    if found is None:
        raise SourceError("answer", "Diffgram sent a task without a number")
    return str(found)


def file_of(row: bytes) -> int | None:
    """The number of the task's file; None where the server does not tell it."""
    return whole(part(item(row), "file"), "id")


def history_of(row: bytes, packet: bytes, feed: Sequence[bytes], members: Members) -> TaskHistory:
    """The task with all its events. `packet` is its file's, `null` for files of a kind that exports leave out."""
    try:
        task = task_id(row)
        events = list(_events(task, row, packet, feed, members))
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise SourceError("answer", f"Diffgram sent something that is no task: {error}") from None
    labels = frozenset(
        event.version.thing.removeprefix("label/")
        for event in events
        if event.version is not None and event.type == "label.updated"
    )
    return TaskHistory(task, tuple(in_order(events)), labels)


def in_order(events: Sequence[SourceEvent]) -> Iterator[SourceEvent]:
    """The events oldest first, what has no time last; submissions after the first one are rework."""
    count = 0
    for event in sorted(events, key=lambda event: moment(event) or _LAST):  # Stable: the platform's order for the rest.
        if event.type == "task.submitted":
            count += 1
            event = replace(event, cycle=count, type="task.submitted" if count == 1 else "rework.submitted")
        yield event


def _events(task: str, row: bytes, packet: bytes, feed: Sequence[bytes], members: Members) -> Iterator[SourceEvent]:
    found, said = item(row), item(packet)
    created_at, created = when(found, "time_created")
    if created_at is not None:
        yield SourceEvent(
            task=task,
            type="task.created",
            source_type="TIME_CREATED",
            occurred_at=created_at,
            instant=created,
            source_key="created",
            derived=True,
        )
    yield from feed_events(task, list(feed), members)
    yield from standing_events(task, text(found, "status"))
    yield from _assigned(task, found, "task_assignees", ANNOTATION, members)
    yield from _assigned(task, found, "task_reviewers", REVIEW, members)
    file = whole(part(said, "file"), "id")
    if file is not None and is_labelled(text(found, "status"), said):
        yield label_event(task, str(file), packet)
    yield details_event(task, row, said)


def standing_events(task: str, status: str | None) -> Iterator[SourceEvent]:
    """Where the task stands. When it came to that is not told; that it is new is only news later."""
    if status is None:
        return
    event = SourceEvent(
        task=task,
        type="task.skipped" if status == "deferred" else "activity.recorded",
        source_type=f"STATUS_{status}",
        occurred_at=None,
        instant=None,
        derived=True,
    )
    new = status in ("created", "available")
    yield replace(event, version=Version("status", status, first=None if new else event))


def assignment(
    task: str, thing: str, refs: Sequence[PersonRef], content: bytes, stage: str, others: tuple[PersonRef, ...] = ()
) -> SourceEvent:
    """Who has the task; nobody is only news after somebody had it."""
    event = SourceEvent(
        task=task,
        type="task.assigned" if refs else "task.unassigned",
        source_type=thing.upper(),
        occurred_at=None,
        instant=None,
        assignee=refs[-1] if refs else None,
        stage=stage,
        derived=True,
        content=content,
        people=tuple(dict.fromkeys([*refs, *others])),
    )
    state = " ".join(sorted(ref.external_id for ref in refs))
    return replace(event, version=Version(thing, state, first=event if refs else None))


def details_event(task: str, row: bytes, packet: Item) -> SourceEvent:
    """The task as it is now, with its media."""
    content = unsigned(row)
    found = item(content)
    media = list(media_facts(packet))
    state = {name: value for name, value in found.items() if name not in APART}
    name = text(part(packet, "file"), "original_filename") or text(part(found, "file"), "original_filename")
    more = msgspec.json.encode({"name": name, "media": media})
    return SourceEvent(
        task=task,
        type="task.updated",
        source_type="TASK",
        occurred_at=None,
        instant=None,
        derived=True,
        content=b'{"task":' + content + b"," + more[1:],
        people=people(found),
        key_fields=(digest([facts(state), media]),),
        files=tuple({ref.name: ref for ref in media_files(packet, task)}.values()),
    )


def _assigned(task: str, found: Item, field: str, stage: str, members: Members) -> Iterator[SourceEvent]:
    if field not in found:
        return
    rows = parts(found, field)
    refs = [ref for row in rows if (ref := members.user(whole(row, "user_id"))) is not None]
    content = msgspec.json.encode({field: rows})
    yield assignment(task, field, refs, content, stage, people(rows))
