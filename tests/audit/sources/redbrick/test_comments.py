from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson

from audit.sources.base import SourceEvent

Trail = Callable[[int], list[SourceEvent]]
Tell = Callable[..., list[SourceEvent]]


def comment(text: str = "Too wide", **more: Any) -> dict[str, Any]:
    """A raw comment."""
    return {
        "__typename": "Comment",
        "commentId": "c-1",
        "createdAt": "2025-03-01T09:00:00+00:00",
        "createdBy": {"userId": "u-1", "email": "one@example.org", "givenName": "Una"},
        "textVal": text,
        "stageName": "Check",
        "issueComment": False,
        "issueResolved": False,
        "replies": [],
        **more,
    }


def said(tell: Tell, **more: Any) -> SourceEvent:
    return tell(comment(**more))[0]


def first(event: SourceEvent) -> SourceEvent:
    opening = event.opening()
    assert opening is not None
    return opening


def test_a_comment_is_first_told_at_its_time_with_its_author_and_words(tell: Tell) -> None:
    added = first(said(tell))
    assert (added.type, added.occurred_at, added.text) == ("comment.added", "2025-03-01T09:00:00+00:00", "Too wide")
    assert (added.actor and added.actor.email, added.stage, added.derived) == ("one@example.org", "Check", False)


def test_a_comment_that_raises_an_issue_opens_it(tell: Tell) -> None:
    assert first(said(tell, issueComment=True)).type == "issue.opened"


def test_an_edit_is_another_state_of_the_same_comment_without_time_or_person(tell: Tell) -> None:
    before, after = said(tell), said(tell, text="Too narrow")
    assert before.version is not None
    assert after.version is not None
    assert before.version.thing == after.version.thing
    assert before.version.state != after.version.state
    assert (after.type, after.occurred_at, after.actor, after.derived) == ("comment.edited", None, None, True)


def test_an_edit_of_a_comment_says_nothing_new_when_its_author_has_another_address(tell: Tell) -> None:
    renamed = {"userId": "u-1", "email": "new@example.org", "givenName": "Una"}
    before, after = said(tell), said(tell, createdBy=renamed)
    assert before.version is not None
    assert after.version is not None
    assert before.version.state == after.version.state


def test_an_open_issue_says_nothing_until_it_was_resolved(tell: Tell) -> None:
    opened = tell(comment(issueComment=True))[1]
    assert (opened.type, opened.opening()) == ("issue.reopened", None)


def test_a_resolved_issue_is_told_also_when_it_is_first_seen_so(tell: Tell) -> None:
    resolved = first(tell(comment(issueComment=True, issueResolved=True))[1])
    assert (resolved.type, resolved.occurred_at, resolved.derived, resolved.actor) == (
        "issue.resolved",
        None,
        True,
        None,
    )


def test_resolving_and_reopening_are_states_of_one_thing(tell: Tell) -> None:
    opened = tell(comment(issueComment=True))[1].version
    resolved = tell(comment(issueComment=True, issueResolved=True))[1].version
    assert opened is not None
    assert resolved is not None
    assert opened.thing == resolved.thing
    assert opened.state != resolved.state


def test_a_reply_is_a_comment_of_its_own_at_its_own_time_that_says_to_what(trail: Trail) -> None:
    reply = next(event for event in trail(2) if event.text == "Yes, include it.")
    assert (reply.type, reply.occurred_at) == ("comment.added", "2025-03-01T12:00:00.000000+00:00")
    assert reply.actor is not None
    assert reply.actor.email == "admin@example.org"
    content = orjson.loads(reply.content or b"")
    assert content["replyTo"] == "c0000000-0000-4000-8000-000000000001"
    assert content["reply"]["textVal"] == "Yes, include it."


def test_a_later_reply_does_not_change_the_comment(tell: Tell) -> None:
    reply = comment(text="Done", commentId="c-2")
    alone, answered = said(tell), said(tell, replies=[reply])
    assert alone.version is not None
    assert answered.version is not None
    assert alone.version.state == answered.version.state


def test_a_comment_keeps_its_pin(trail: Trail) -> None:
    opened = next(event for event in trail(2) if event.type == "issue.opened")
    assert orjson.loads(opened.content or b"")["pin"]["frameIndex"] == 3


def test_a_comment_without_replies_author_or_words_is_still_one(tell: Tell) -> None:
    added = first(tell(comment(text=None, replies=None, createdBy=None, commentId=None))[0])
    assert (added.type, added.text, added.actor, added.actor_kind) == ("comment.added", None, None, "unknown")
