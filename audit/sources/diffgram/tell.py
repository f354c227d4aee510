"""What Diffgram's kinds of events mean, in the feed and in its tables."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from audit.sources.base import ActorKind, PersonRef, SourceEvent
from audit.sources.values import when

ANNOTATION, REVIEW = "annotation", "review"
STAGES = (ANNOTATION, REVIEW)
"""Diffgram has no stages of its own: a task is annotated, then reviewed."""

KINDS: Mapping[str, tuple[str, str | None, str | None]] = {
    "task_created": ("task.created", None, None),
    "task_in_progress": ("task.started", ANNOTATION, None),
    "task_completed": ("task.submitted", ANNOTATION, None),
    "task_review_start": ("task.moved", ANNOTATION, REVIEW),
    "task_review_complete": ("review.accepted", REVIEW, None),
    "task_request_changes": ("review.rejected", REVIEW, ANNOTATION),
    "task_comment_created": ("comment.added", None, None),
    "comment": ("comment.added", None, None),
    "task_archived": ("task.deleted", None, None),
    "task_deferred": ("task.skipped", ANNOTATION, None),
}
"""Type, stage and next stage of each kind; all others are `activity.recorded`."""
OTHER = "activity.recorded"


def told(
    task: str | None,
    kind: str,
    content: bytes,
    *,
    at: str | None,
    key: str,
    actor: PersonRef | None,
    actor_kind: ActorKind,
    plain: bool = False,
    people: tuple[PersonRef, ...] = (),
) -> SourceEvent:
    """An event that the platform recorded; with `plain`, or of no task, it is `activity.recorded`."""
    type_, stage, to_stage = (OTHER, None, None) if plain or task is None else KINDS.get(kind, (OTHER, None, None))
    occurred_at, instant = when({"at": at}, "at")
    return SourceEvent(
        task=task,
        type=type_,
        source_type=kind,
        occurred_at=occurred_at,
        instant=instant,
        source_key=key,
        actor=actor,
        actor_kind=actor_kind,
        stage=stage,
        to_stage=to_stage,
        content=content,
        people=people,
    )


def moment(event: SourceEvent) -> datetime | None:
    """When an empty log has the event happen."""
    opening = event.opening() or event
    return opening.instant
