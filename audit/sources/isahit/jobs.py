"""What jobs of a task and their history say happened.

isahit lab does not document them; its SDK reads `status`, `state.completedAt` and `state.completedBy` of a job. Of an
entry of the history these fields are understood: a word (`action`, `event`, `type`, `status`), a time (`date`, `at`,
`createdAt`, `completedAt`, …), a person (`user`, `by`, `completedBy`, …). An entry without a word, with `completedAt`,
is what the job's state was before the work was done again. What is not understood is kept as it is.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from hashlib import sha256

import msgspec
from msgspec.structs import replace

from audit.sources.base import PersonRef, SourceEvent, Version
from audit.sources.isahit.people import facts, people, person
from audit.sources.isahit.project import ANNOTATION, REVIEW
from audit.sources.values import Item, canonical, item, part, text, when

COMPLETED = "completed"
WORDS: Mapping[str, str] = {
    "complete": COMPLETED,
    "done": COMPLETED,
    "submit": COMPLETED,
    "submitted": COMPLETED,
    "validate": "accepted",
    "validated": "accepted",
    "accept": "accepted",
    "reviewed": "accepted",
    "reject": "rejected",
    "refused": "rejected",
    "correct": "corrected",
    "start": "started",
    "in progress": "started",
    "save": "saved",
    "draft": "saved",
    "skip": "skipped",
    "assign": "assigned",
    "unassign": "unassigned",
    "released": "unassigned",
    "reset": "reopened",
    "redo": "reopened",
    "to review": "moved",
}
"""Other words for the same."""
TYPES: Mapping[str, str] = {
    COMPLETED: "task.submitted",
    "accepted": "review.accepted",
    "rejected": "review.rejected",
    "corrected": "review.corrected",
    "started": "task.started",
    "saved": "task.saved",
    "skipped": "task.skipped",
    "assigned": "task.assigned",
    "unassigned": "task.unassigned",
    "reopened": "task.reopened",
    "moved": "task.moved",
}
OTHER = "activity.recorded"

_WORD = ("action", "event", "type", "status")
_TIME = ("date", "at", "time", "timestamp", "createdAt", "completedAt", "startedAt", "updatedAt")
_WHO = ("user", "by", "completedBy", "updatedBy", "createdBy", "annotator", "reviewer")
_WHOM = ("assignedTo", "assignee", "to")


def job_events(task: str, jobs: list[msgspec.Raw]) -> Iterator[SourceEvent]:
    """What happened in each job, and each job as it is now."""
    for raw in jobs:
        fields: dict[str, msgspec.Raw] = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
        job = item(bytes(raw))
        id_ = text(job, "_id") or text(job, "id") or sha256(bytes(raw)).hexdigest()
        stage = stage_of(job)
        history = fields.pop("history", msgspec.Raw(b"null"))
        entries = msgspec.json.decode(history, type=list[msgspec.Raw] | None) or []
        seen: Counter[str] = Counter()
        for entry in entries:
            yield _entry_event(task, id_, stage, bytes(entry), seen)
        done = _done(task, id_, stage, job, fields)
        if done is not None and not seen[done.source_key or ""]:
            yield done
        yield _standing(task, id_, stage, job, fields)


def stage_of(job: Item) -> str:
    """Whether the job is annotation or review, by what it calls itself."""
    named = " ".join(filter(None, (text(job, name) for name in ("type", "name", "step", "kind"))))
    return REVIEW if "review" in named.lower() else ANNOTATION


def _entry_event(task: str, job: str, stage: str, raw: bytes, seen: Counter[str]) -> SourceEvent:
    """One entry of a job's history."""
    entry = item(raw)
    state = {**part(entry, "state"), **entry}
    source_type, word = _word(entry, state)
    occurred_at, instant = _when(state, word)
    who, whom = _person(state, _WHO), _person(state, _WHOM)
    key = None
    if occurred_at is not None:
        key = f"{job}/{word}/{occurred_at}"
        seen[key] += 1
        key = key if seen[key] == 1 else f"{key}/{seen[key] - 1}"
    return SourceEvent(
        task=task,
        type=_type(word, stage),
        source_type=source_type,
        occurred_at=occurred_at,
        instant=instant,
        source_key=key,
        actor=who,
        actor_kind="unknown" if who is None else "person",
        assignee=whom if word in ("assigned", "unassigned") else None,
        stage=stage,
        to_stage=REVIEW if word == "moved" else None,
        content=b'{"jobId":' + msgspec.json.encode(job) + b',"entry":' + raw + b"}",
        people=people(entry),
        key_fields=() if key else (sha256(canonical([job, facts(entry)])).hexdigest(),),
    )


def _done(task: str, job: str, stage: str, found: Item, fields: dict[str, msgspec.Raw]) -> SourceEvent | None:
    """That the job is done, as its state says; the same event as the history's entry of it."""
    state = part(found, "state")
    occurred_at, instant = when(state, "completedAt")
    if occurred_at is None or instant is None:
        return None
    who = person(state.get("completedBy"))
    return SourceEvent(
        task=task,
        type=_type(COMPLETED, stage),
        source_type="JOB_COMPLETED",
        occurred_at=occurred_at,
        instant=instant,
        source_key=f"{job}/{COMPLETED}/{occurred_at}",
        actor=who,
        actor_kind="unknown" if who is None else "person",
        stage=stage,
        derived=True,  # The state is replaced when the work is done again.
        content=b'{"jobId":' + msgspec.json.encode(job) + b',"state":' + bytes(fields["state"]) + b"}",
        people=people(state),
    )


def _standing(task: str, job: str, stage: str, found: Item, fields: dict[str, msgspec.Raw]) -> SourceEvent:
    """The job as it is now, without its history."""
    state = {name: value for name, value in found.items() if name not in ("history", "updatedAt")}
    event = SourceEvent(
        task=task,
        type=OTHER,
        source_type="JOB",
        occurred_at=None,
        instant=None,
        stage=stage,
        derived=True,
        content=msgspec.json.encode(fields),
        people=people(state),
    )
    version = Version(f"job/{job}", sha256(canonical(facts(state))).hexdigest(), first=event)
    return replace(event, version=version)


def _type(word: str, stage: str) -> str:
    if word == COMPLETED and stage == REVIEW:
        return "review.accepted"
    return TYPES.get(word, OTHER)


def _word(entry: Item, state: Item) -> tuple[str, str]:
    """What the entry calls itself, and the word that we know for it."""
    called = next((found for name in _WORD if (found := text(entry, name))), None)
    if called is None:
        return ("HISTORY_COMPLETED", COMPLETED) if text(state, "completedAt") else ("HISTORY", "")
    plain = re.sub(r"[\s_-]+", " ", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", called)).strip().lower()
    for word in (plain, plain.removeprefix("job ").removeprefix("task ")):
        if word in WORDS or word in TYPES:
            return f"HISTORY_{called}", WORDS.get(word, word)
    return f"HISTORY_{called}", plain


def _when(state: Item, word: str) -> tuple[str, datetime] | tuple[None, None]:
    names = ("completedAt", *_TIME) if word == COMPLETED else _TIME
    for name in names:
        found = when(state, name)
        if found[0] is not None:
            return found
    return None, None


def _person(state: Item, names: tuple[str, ...]) -> PersonRef | None:
    return next((found for name in names if (found := person(state.get(name))) is not None), None)
