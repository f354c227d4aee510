"""Labels of a task at its source and in the record: which ones have to be asked for, which are gone."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime

from django.db import connection
from msgspec.structs import replace

from audit.live.held import Held
from audit.live.news import BACK, GONE, News
from audit.live.versions import parts_of
from audit.log.envelope import clean
from audit.log.labels import GONE as LABEL_GONE
from audit.log.labels import gone
from audit.models import Project
from audit.sources.ahead import answers
from audit.sources.base import LiveSource, SourceEvent, TaskHistory, Version, nothing

AT_A_TIME = 8
"""Labels that are asked for by their ids at the same time."""
THING = "label/"
_LAST = datetime.max.replace(tzinfo=UTC)

_CURRENT = (
    "SELECT t.external_id, v.external_id FROM audit_labelversion v JOIN audit_task t ON t.id = v.task_id "
    "WHERE t.project_id = %s AND t.external_id = ANY(%s) AND v.to_index IS NULL ORDER BY v.event_id"
)


def current(project: Project, tasks: Collection[str]) -> dict[str, list[str]]:
    """The ids of the labels that the record has of each of these tasks, and not as deleted ones."""
    found: dict[str, list[str]] = {task: [] for task in tasks}
    with connection.cursor() as cursor:
        cursor.execute(_CURRENT, [project.pk, list(tasks)])
        for task, label in cursor:
            found[task].append(label)
    return found


def unread(source: LiveSource, history: TaskHistory, held: Held, news: News) -> list[SourceEvent]:
    """The labels that the history only names and the record lacks, asked for one by one; also those that are gone, or
    they would be asked for again and again."""
    asked = _asked(source, history.task, _unread(history, held, news))
    return [event or deletion(history.task, label, never_read=True) for label, event in asked]


def missing(source: LiveSource, history: TaskHistory, known: Collection[str], news: News) -> list[SourceEvent]:
    """The record's labels (`known`) that the history does not name, as they are now: most are gone."""
    asked = _asked(source, history.task, _missing(history, known, news))
    return [event or deletion(history.task, label) for label, event in asked]


def _asked(source: LiveSource, task: str, wanted: Sequence[str]) -> Iterator[tuple[str, SourceEvent | None]]:
    return answers(lambda label: source.label(task, label), wanted, AT_A_TIME) if wanted else iter(())


def _unread(history: TaskHistory, held: Held, news: News) -> list[str]:
    """The labels that the history names without telling what they say, and that the record does not hold."""
    if history.labels is None:
        return []
    told = {event.version.thing for event in history.events if event.version is not None}
    wanted = sorted(label for label in history.labels if THING + label not in told)
    return [label for label in wanted if news.thing(clean(history.task), THING + label) not in held.newest]


def _missing(history: TaskHistory, labels: Collection[str], news: News) -> list[str]:
    """Those of the record's labels that the history does not name, nor says to be deleted.

    They may be there all the same: a platform need not list what it keeps of each label, as drafts that were replaced.
    """
    if history.labels is None:
        return []
    there = {clean(label) for label in history.labels}
    told = {
        clean(details.external_id)
        for event in history.events
        if event.type == "label.deleted" and event.content is not None
        if (details := news.reading.label_details(event.content)) is not None
    }
    untold = history.untold.label if history.untold else nothing
    return [label for label in labels if label not in there and label not in told and not untold(label)]


def in_time(events: Iterable[SourceEvent]) -> list[SourceEvent]:
    """The events oldest first, what has no time last; those of one time stay in their order."""
    return sorted(events, key=lambda event: (event.opening() or event).instant or _LAST)


def differences(history: Iterable[SourceEvent], held: Held, news: News) -> Iterator[tuple[str, SourceEvent]]:
    """What differs (gone, back) and a `source.diverged` event, for labels that vanished without a word, or came back.

    To be asked before `held` takes note of the history.
    """
    for event in history:
        if event.version is None or not event.version.thing.startswith(THING):
            continue
        task = clean(event.task or "")
        thing, gone_state = news.thing(task, event.version.thing), news.state(task, event.version.thing, GONE)
        is_gone = event.source_type == LABEL_GONE
        was_gone = held.newest.get(thing) == gone_state
        if is_gone == was_gone or thing not in held.newest:
            continue
        first = next(one for key, one in held.events.items() if (parts := parts_of(key)) and parts[0] == thing)
        what = GONE if is_gone else BACK
        if (said := news.difference(first, what, None, held)) is not None:
            yield what, said


def deletion(task: str, label: str, *, never_read: bool = False) -> SourceEvent:
    """`label.deleted` for a label that the source has no more; also for one that the record lacks, if `never_read`."""
    gone_now = SourceEvent(
        task=task,
        type="label.deleted",
        source_type=LABEL_GONE,
        occurred_at=None,
        instant=None,
        derived=True,
        content=gone(label),
    )
    return replace(gone_now, version=Version(THING + label, GONE, first=gone_now if never_read else None))
