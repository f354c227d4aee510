from __future__ import annotations

from collections.abc import Callable

from audit.sources.base import PersonRef
from audit.sources.files import FileEvent

Read = Callable[..., list[FileEvent]]
HEAD = "task,event,time,actor,actor_email,actor_name,assignee\n1,A,2024-01-01T00:00:00Z,"


def test_an_actor_is_known_by_the_value_and_has_no_name_that_nobody_gave(read: Read) -> None:
    (found,) = read(f"{HEAD}u/17,,,")
    assert found.event.actor == PersonRef("u/17", email=None, name=None)
    assert found.event.actor_kind == "person"


def test_a_value_that_looks_like_an_address_is_one(read: Read) -> None:
    (found,) = read(f"{HEAD}kim@example.org,,,lee@example.org")
    assert found.event.actor == PersonRef("kim@example.org", email="kim@example.org", name=None)
    assert found.event.assignee == PersonRef("lee@example.org", email="lee@example.org", name=None)


def test_address_and_name_come_from_their_columns(read: Read) -> None:
    (found,) = read(f"{HEAD}u/17,kim@example.org,Kim Park,")
    assert found.event.actor == PersonRef("u/17", email="kim@example.org", name="Kim Park")


def test_an_event_without_actor_is_nobodys(read: Read) -> None:
    (found,) = read(f"{HEAD},kim@example.org,Kim Park,u/18")
    assert (found.event.actor, found.event.actor_kind) == (None, "unknown")
