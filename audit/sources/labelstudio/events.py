"""From a task of an export to events: its history, as far as the export tells it, its labels, and the task itself.

An annotation's history and reviews are Label Studio's own records; where an export has none, its submission is
concluded from the annotation. Both have the same key: an export with history adds to one without, and repeats nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256

import msgspec
from msgspec.structs import replace

from audit.sources.base import SourceError, SourceEvent, TaskHistory, Version
from audit.sources.labelstudio.media import media_facts
from audit.sources.labelstudio.people import members, named, nameless, person, together, without
from audit.sources.values import Item, canonical, item, text, unsigned, when

VOLATILE_TASK = frozenset(
    (
        "updated_at",
        "updated_by",
        "agreement",
        "total_annotations",
        "cancelled_annotations",
        "total_predictions",
        "comment_count",
        "unresolved_comment_count",
        "last_comment_updated_at",
        "comment_authors",
    )
)
"""Fields of a task that make no new version of it: they change with its annotations."""
VOLATILE_LABEL = frozenset(
    (
        "updated_at",
        "updated_by",
        "created_ago",
        "lead_time",
        "last_action",
        "last_created_by",
        "draft_created_at",
        "result_count",
        "prediction",
        "comment_count",
    )
)
"""Fields of an annotation that make no new version of it: its time has events of its own."""

ACTIONS = {
    "submitted": "task.submitted",
    "updated": "rework.submitted",
    "skipped": "task.skipped",
    "accepted": "review.accepted",
    "rejected": "review.rejected",
    "fixed_and_accepted": "review.corrected",
}
"""What entries of a history are called; others are kept under their own names."""
OTHER = "activity.recorded"
_REVIEWS = ("accepted", "rejected", "fixed_and_accepted")
_FIRST = ("submitted", "skipped")
_LISTS = {"annotations": "", "predictions": "prediction/", "drafts": "draft/"}
"""Where a task has labels, and what stands before their ids: each list counts its own."""
KINDS = {"annotations": "DEFAULT", "predictions": "PREDICTION", "drafts": "AUTOSAVE"}
_APART = ("history", "reviews")
_LAST = datetime.max.replace(tzinfo=UTC)
MAX_SECONDS = 10**12


def history_of(raw: bytes) -> TaskHistory:
    """The task with all its events, oldest first, what has no time last. Raises SourceError for what is no task."""
    try:
        fields = members(raw)
        id_ = _id(item(raw))
        if id_ is None:
            raise SourceError("answer", "a task in the file has no id: this is no export of annotated tasks")
        found = item(raw)
        events = [*_created(id_, found), *_labels(id_, fields), _details(id_, fields, found)]
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise SourceError("answer", f"the file has something that is no task: {error}") from None
    events.sort(key=_time)  # Stable: what has one time stays in the file's order.
    return TaskHistory(id_, tuple(events))


def _created(task: str, found: Item) -> Iterator[SourceEvent]:
    occurred_at, instant = when(found, "created_at")
    if occurred_at is not None:
        yield SourceEvent(
            task=task,
            type="task.created",
            source_type="CREATED_AT",
            occurred_at=occurred_at,
            instant=instant,
            derived=True,
        )


def _labels(task: str, fields: dict[str, bytes]) -> Iterator[SourceEvent]:
    for field, prefix in _LISTS.items():
        for place, raw in enumerate(_listed(fields, field), 1):
            own = members(raw)
            found = item(raw)
            # Annotations that were imported, and predictions, may have no id: their place stands for it.
            label = prefix + (_id(found) or text(found, "unique_id") or f"number-{place}")
            if field == "annotations":
                yield from _told(task, label, own, found)
                yield from _time_spent(task, label, found)
            yield _label(task, label, field, own, found)


def _told(task: str, label: str, own: dict[str, bytes], found: Item) -> Iterator[SourceEvent]:
    """What happened to an annotation."""
    begun, reviewed = False, set[str]()
    for raw in _listed(own, "history"):
        entry = item(raw)
        action = text(entry, "action") or "entry"
        review = entry.get("review_id")
        key = f"history/{_id(entry)}" if _id(entry) else f"history/{sha256(raw).hexdigest()[:32]}"
        if action in _FIRST and not begun:
            begun, key = True, f"annotation/{label}"
        elif action in _REVIEWS and isinstance(review, int) and str(review) not in reviewed:
            reviewed.add(str(review))
            key = f"review/{review}"
        yield _entry(task, f"HISTORY_{action}", ACTIONS.get(action, OTHER), key, raw)
    if not begun:
        yield from _submitted(task, label, found)
    for raw in _listed(own, "reviews"):
        entry = item(raw)
        id_ = _id(entry)
        if id_ is not None and id_ not in reviewed:
            fixed = entry.get("fixed_annotation_history") is not None
            accepted = "review.corrected" if fixed else "review.accepted"
            type_ = accepted if entry.get("accepted") is True else "review.rejected"
            yield _entry(task, "REVIEW", type_, f"review/{id_}", raw)


def _submitted(task: str, label: str, found: Item) -> Iterator[SourceEvent]:
    """That the annotation was made, where no history says so."""
    occurred_at, instant = when(found, "created_at")
    who = person(found.get("completed_by"))
    if occurred_at is None:
        return
    yield SourceEvent(
        task=task,
        type="task.skipped" if found.get("was_cancelled") is True else "task.submitted",
        source_type="ANNOTATION",
        occurred_at=occurred_at,
        instant=instant,
        source_key=f"annotation/{label}",
        actor=who,
        actor_kind="unknown" if who is None else "person",
        derived=True,
    )


def _entry(task: str, source_type: str, type_: str, key: str, raw: bytes) -> SourceEvent:
    """An entry of a history, or a review."""
    content = unsigned(together(members(raw)))
    entry = item(content)
    occurred_at, instant = when(entry, "created_at")
    who = person(entry.get("created_by"))
    return SourceEvent(
        task=task,
        type=type_,
        source_type=source_type,
        occurred_at=occurred_at,
        instant=instant,
        source_key=key,
        actor=who,
        actor_kind="unknown" if who is None else "person",
        content=content,
        text=text(entry, "comment"),
        people=named(entry),
    )


def _time_spent(task: str, label: str, found: Item) -> Iterator[SourceEvent]:
    """`lead_time`: the seconds that the annotation took, all sittings together."""
    seconds = found.get("lead_time")
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds < MAX_SECONDS:
        return
    who = person(found.get("completed_by"))
    revised = SourceEvent(
        task=task,
        type="time.revised",
        source_type="LEAD_TIME",
        occurred_at=None,
        instant=None,
        actor=who,
        actor_kind="unknown" if who is None else "person",
        content=msgspec.json.encode({"annotation": label, "lead_time": seconds, "ended_at": text(found, "updated_at")}),
    )
    version = Version(f"time/{label}", str(round(seconds * 1000)), first=replace(revised, type="time.recorded"))
    yield replace(revised, version=version)


def _label(task: str, label: str, field: str, own: dict[str, bytes], found: Item) -> SourceEvent:
    kept = unsigned(together(without(own, _APART)))
    said = item(kept)
    content = b",".join(
        (
            b'{"label":' + msgspec.json.encode(label),
            b'"kind":' + msgspec.json.encode(KINDS[field]),
            b'"annotation":' + kept + b"}",
        )
    )
    made, changed = when(found, "created_at"), when(found, "updated_at")
    author = person(found.get("completed_by")) or person(found.get("created_by"))
    first = SourceEvent(
        task=task,
        type="label.created",
        source_type=field.removesuffix("s"),
        occurred_at=made[0],
        instant=made[1],
        actor=author,
        actor_kind="unknown" if author is None else "person",
        content=content,
        people=named(said),
    )
    state = {name: value for name, value in said.items() if name not in VOLATILE_LABEL}
    version = Version(f"label/{label}", sha256(canonical(nameless(state))).hexdigest(), first=first)
    later = changed if changed[0] is not None else made
    return replace(first, type="label.updated", occurred_at=later[0], instant=later[1], version=version)


def _details(task: str, fields: dict[str, bytes], found: Item) -> SourceEvent:
    """The task without its labels, and with what they say of its media: their sizes."""
    kept = unsigned(together(without(fields, _LISTS)))
    media = media_facts(found)
    state = {name: value for name, value in item(kept).items() if name not in VOLATILE_TASK}
    return SourceEvent(
        task=task,
        type="task.updated",
        source_type="task",
        occurred_at=None,
        instant=None,
        derived=True,
        content=kept[:-1] + b',"media":' + unsigned(msgspec.json.encode(media)) + b"}",
        people=named(item(kept)),
        key_fields=(sha256(canonical([nameless(state), media])).hexdigest(),),
    )


def _listed(of: dict[str, bytes], name: str) -> list[bytes]:
    """The objects in a list. Raises msgspec.DecodeError for what is no list."""
    raw = of.get(name)
    found = None if raw is None else msgspec.json.decode(raw, type=list[msgspec.Raw] | None)
    return [bytes(entry) for entry in found or () if bytes(entry).startswith(b"{")]


def _id(found: Item) -> str | None:
    id_ = found.get("id")
    return str(id_) if isinstance(id_, int | str) and not isinstance(id_, bool) and id_ != "" else None


def _time(event: SourceEvent) -> datetime:
    opening = event.opening() or event
    return opening.instant or _LAST
