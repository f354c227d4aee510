from __future__ import annotations

import pytest

from audit.sources.exported import spool as module
from audit.sources.exported.spool import Spool


def test_owners_come_in_their_order_with_their_items() -> None:
    spool = Spool()
    spool.add("b", b"b1")
    assert spool.own("a", b"A")
    assert spool.own("b", b"B")
    spool.add("a", b"a1")
    spool.add("b", b"b2")
    assert spool.settle() is None
    assert list(spool.joined()) == [("a", b"A", [(0, b"a1")]), ("b", b"B", [(0, b"b1"), (0, b"b2")])]
    assert list(spool.joined()) == list(spool.joined())
    spool.close()


def test_a_second_owner_of_one_id_is_told() -> None:
    spool = Spool()
    assert spool.own("a", b"A")
    assert not spool.own("a", b"other")
    assert list(spool.joined()) == [("a", b"A", [])]
    spool.close()


def test_an_item_whose_owner_never_came_is_told() -> None:
    spool = Spool()
    spool.own("a", b"A")
    spool.add("stray", b"x")
    assert spool.settle() == "stray"
    spool.close()


def test_more_owners_than_are_read_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ROWS", 3)
    spool = Spool()
    for number in range(10):
        spool.own(str(number), b"")
        spool.add(str(number), str(number).encode())
    spool.settle()
    assert [(owner, items) for owner, _, items in spool.joined()] == [
        (str(n), [(0, str(n).encode())]) for n in range(10)
    ]
    spool.close()


def test_parts_are_told_apart_and_an_owner_may_come_in_several() -> None:
    spool = Spool()
    assert spool.own("1", b"A", 0, "a.jpg")
    spool.add("1", b"of 0", 0)
    assert not spool.own("1", b"B", 1, "a.jpg")
    assert spool.owned("1") == (b"A", 0)
    assert spool.called("a.jpg", 1) == "1", "part 1 has not told of it"
    spool.again("1", b"B", 1)
    spool.add("1", b"of 1", 1)
    assert spool.called("a.jpg", 1) is None
    assert spool.called("b.jpg", 1) is None
    spool.settle()
    assert list(spool.joined()) == [("1", b"B", [(0, b"of 0"), (1, b"of 1")])]
    spool.close()
