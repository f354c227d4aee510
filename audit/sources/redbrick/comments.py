"""Comments: the one thing in RedBrick's audit trail that changes after it happened.

The platform tells a comment as it is now, with its replies and whether its issue is resolved; when that came about it
does not say. So the comment and each reply are events at their own times, and every later state is an event without a
time, kept when it is another than the one before (`Version`).
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

import msgspec
from msgspec.structs import replace

from audit.sources.base import SourceEvent, Version
from audit.sources.redbrick.payload import actor_kind, facts, named, user_id
from audit.sources.redbrick.project import RedBrickProject
from audit.sources.values import Item, canonical, item, parts, text, when

COMMENT = "COMMENT_ADDED"
ISSUE = "COMMENT_ISSUE"


class _Replies(msgspec.Struct):
    replies: list[msgspec.Raw] | None = None


def comment_events(
    task: str, raw: bytes, comment: Item, stage: str | None, project: RedBrickProject
) -> Iterator[SourceEvent]:
    """The comment, where its issue stands, and its replies. `comment` is what `raw` says."""
    yield _said(task, raw, comment, stage, project)
    if comment.get("issueComment"):
        yield _issue(task, raw, comment, stage, project)
    for reply in msgspec.json.decode(raw, type=_Replies).replies or ():
        content = b'{"replyTo":' + canonical(_id(comment, raw)) + b',"reply":' + bytes(reply) + b"}"
        yield _said(task, content, item(bytes(reply)), stage, project)


def with_replies(comment: Item, later: dict[str, Item]) -> Item:
    """The comment with all replies: those it came with and `later` ones by id, each as it last was."""
    found = {_id(reply, b""): reply for reply in parts(comment, "replies")}
    return {**comment, "replies": list((found | later).values())}


def _said(task: str, content: bytes, comment: Item, stage: str | None, project: RedBrickProject) -> SourceEvent:
    """What somebody wrote; as `comment.edited`, since who changed it later, and when, is not told."""
    who = user_id(comment.get("createdBy"))
    occurred_at, instant = when(comment, "createdAt")
    state = {name: comment.get(name) for name in ("textVal", "issueComment", "labelEntityLabelId", "pin")}
    edited = _edited(task, content, comment, stage, project)
    added = replace(
        edited,
        type="issue.opened" if comment.get("issueComment") else "comment.added",
        occurred_at=occurred_at,
        instant=instant,
        actor=None if who is None or actor_kind(who) == "system" else project.person(who),
        actor_kind=actor_kind(who),
        derived=False,
    )
    version = Version(f"comment/{_id(comment, content)}", canonical(facts(state)).decode(), first=added)
    return replace(edited, version=version)


def _issue(task: str, raw: bytes, comment: Item, stage: str | None, project: RedBrickProject) -> SourceEvent:
    """Where the comment's issue stands. That it is open is only news after it was resolved."""
    resolved = bool(comment.get("issueResolved"))
    type_, state = ("issue.resolved", "resolved") if resolved else ("issue.reopened", "open")
    stands = replace(_edited(task, raw, comment, stage, project), type=type_, source_type=ISSUE, text=None)
    thing = f"comment/{_id(comment, raw)}/issue"
    return replace(stands, version=Version(thing, state, first=stands if resolved else None))


def _edited(task: str, content: bytes, comment: Item, stage: str | None, project: RedBrickProject) -> SourceEvent:
    said = comment.get("textVal")
    refs = named(comment)
    return SourceEvent(
        task=task,
        type="comment.edited",
        source_type=COMMENT,
        occurred_at=None,
        instant=None,
        stage=text(comment, "stageName") or stage,
        derived=True,
        content=content,
        text=said if isinstance(said, str) else None,
        people=tuple(dict.fromkeys([*(project.person(ref.external_id) for ref in refs), *refs])),
    )


def _id(comment: Item, raw: bytes) -> str:
    return text(comment, "commentId") or sha256(raw).hexdigest()
