"""What people wrote about issues, where this installation of Kili tells it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
from msgspec.structs import replace

from audit.sources.base import PersonRef, SourceEvent, Version
from audit.sources.kili.payload import members, person, renamed, together
from audit.sources.kili.project import KiliProject
from audit.sources.values import Item, item, parts, text, when


def comment_events(task: str, issues: Sequence[bytes], project: KiliProject) -> Iterator[SourceEvent]:
    """Each comment at its own time; what it says later is `comment.edited`, without a time."""
    for raw in issues:
        issue = item(raw)
        for comment in parts(issue, "comments"):
            id_, said = text(comment, "id"), text(comment, "text")
            if id_ is None:
                continue
            author = person(comment.get("author"))
            occurred_at, instant = when(comment, "createdAt")
            content = {"commentId": id_, "issueId": issue.get("id"), "text": said}
            edited = SourceEvent(
                task=task,
                type="comment.edited",
                source_type="issue.comment",
                occurred_at=None,
                instant=None,
                actor=None if author is None else project.known(author),
                actor_kind="unknown" if author is None else "person",
                content=msgspec.json.encode(content),
                text=said,
            )
            added = replace(edited, type="comment.added", occurred_at=occurred_at, instant=instant)
            yield replace(edited, version=Version(f"comment/{id_}", said or "", first=added))


def unsaid(issue: bytes) -> bytes:
    """The issue without its comments, which are events of their own, and people's names in one text."""
    found = members(issue)
    found.pop("comments", None)
    for name in ("author", "assignee"):
        if name in found:
            found[name] = renamed(found[name])
    return together(found)


def people_named(issues: Sequence[bytes], project: KiliProject) -> tuple[PersonRef, ...]:
    """Who raised issues, and to whom they were given."""
    found: list[PersonRef] = []
    for raw in issues:
        issue: Item = item(raw)
        refs = [person(issue.get(name)) for name in ("author", "assignee")]
        found += [known for ref in refs if ref is not None for known in (ref, project.known(ref))]
    return tuple(dict.fromkeys(found))
