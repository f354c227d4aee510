"""Issues and their comments, which Labelbox tells as they are now.

An issue is an event at its own time; that it was resolved, by whom and when, is another. What changed later without the
platform saying when (an issue was opened again) is an event without a time.
"""

from __future__ import annotations

from collections.abc import Iterator

import orjson
from msgspec.structs import replace

from audit.sources.base import SourceError, SourceEvent, Version
from audit.sources.labelbox.labels import people_of
from audit.sources.labelbox.project import LabelboxProject, user_ref
from audit.sources.values import Item, canonical, item, part, parts, text, when

ISSUE, COMMENT, STATUS = "ISSUE", "COMMENT", "ISSUE_STATUS"
KINDS = (ISSUE, COMMENT, STATUS)
RESOLVED = "Resolved"


def issue_events(task: str, raw: bytes, project: LabelboxProject) -> Iterator[SourceEvent]:
    """The issue, where it stands, and its comments. Raises SourceError for an issue without an id."""
    found = item(raw)
    if (id_ := text(found, "id")) is None:
        raise SourceError("answer", f"Labelbox sent an issue of data row {task} that has no id")
    comments = parts(found, "comments")
    issue = {name: value for name, value in found.items() if name != "comments"}
    state = {name: issue.get(name) for name in ("content", "categoryId", "position", "labelId")}
    yield _said(task, f"issue/{id_}", ISSUE, issue, state, "contentUpdatedAt")
    yield _stands(task, id_, issue)
    for comment in comments:
        said = {"content": comment.get("content")}
        yield _said(task, f"comment/{text(comment, 'id')}", COMMENT, {"issue": id_, **comment}, said, "updatedAt")


def _said(task: str, thing: str, kind: str, found: Item, state: Item, edited_at: str) -> SourceEvent:
    """What somebody wrote; as an edit when the record has another wording, at the time that the platform names."""
    plain = _event(task, kind, found)
    author = user_ref(part(found, "createdBy"))
    occurred_at, instant = when(found, "createdAt")
    added = replace(
        plain,
        type="issue.opened" if kind == ISSUE else "comment.added",
        occurred_at=occurred_at,
        instant=instant,
        actor=author,
        actor_kind="person" if author else "unknown",
    )
    occurred_at, instant = when(found, edited_at)
    edited = replace(plain, type="comment.edited", occurred_at=occurred_at, instant=instant)
    return replace(edited, version=Version(thing, canonical(state).decode(), first=added))


def _stands(task: str, id_: str, issue: Item) -> SourceEvent:
    """Whether the issue is resolved. That it is open is only news after it was resolved."""
    plain = replace(_event(task, STATUS, issue), text=None)
    if text(issue, "status") != RESOLVED:
        again = replace(plain, type="issue.reopened", derived=True)
        return replace(again, version=Version(f"issue/{id_}/status", "open", first=None))
    who = user_ref(part(issue, "resolvedBy"))
    occurred_at, instant = when(issue, "resolvedAt")
    resolved = replace(
        plain,
        type="issue.resolved",
        occurred_at=occurred_at,
        instant=instant,
        actor=who,
        actor_kind="person" if who else "unknown",
    )
    version = Version(f"issue/{id_}/status", f"resolved {text(issue, 'resolvedAt')}", first=resolved)
    return replace(resolved, version=version)


def _event(task: str, kind: str, found: Item) -> SourceEvent:
    said = found.get("content")
    return SourceEvent(
        task=task,
        type="comment.edited",
        source_type=kind,
        occurred_at=None,
        instant=None,
        content=orjson.dumps(found),
        text=said if isinstance(said, str) else None,
        people=people_of(user_ref(part(found, "createdBy")), user_ref(part(found, "resolvedBy"))),
    )
