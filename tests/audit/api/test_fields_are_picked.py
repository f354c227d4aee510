"""`fields=a,b.c`: only these members, also of objects and of lists inside a row."""

from __future__ import annotations

from typing import Any

import pytest
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from audit.api.pick import pick, wanted, wanted_of
from exportsite.problems import WrongRequest


class Part(serializers.Serializer[Any]):
    name = serializers.CharField()
    size = serializers.IntegerField()


class Row(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    head = Part(allow_null=True)
    parts = Part(many=True)
    counts = serializers.DictField()


ROW = {
    "id": 1,
    "head": {"name": "h", "size": 2},
    "parts": [{"name": "a", "size": 3}, {"name": "b", "size": 4}],
    "counts": {"tasks": {"done": 5, "left": 6}, "events": 7},
}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("id", {"id": 1}),
        ("head.name", {"head": {"name": "h"}}),
        ("parts.size,id", {"id": 1, "parts": [{"size": 3}, {"size": 4}]}),
        ("parts,parts.size", {"parts": ROW["parts"]}),
        ("counts.tasks.done", {"counts": {"tasks": {"done": 5}}}),
        ("counts.nothing", {"counts": {}}),
        (" id , head.size ,,", {"id": 1, "head": {"size": 2}}),
    ],
)
def test_only_what_is_named_comes(fields: str, expected: dict[str, Any]) -> None:
    parts = wanted(fields, Row())
    assert parts is not None
    assert pick(ROW, parts) == expected


def test_what_is_not_recorded_stays_so() -> None:
    parts = wanted("head.name", Row())
    assert parts is not None
    assert pick({**ROW, "head": None}, parts) == {"head": None}


@pytest.mark.parametrize(
    ("fields", "nearest"),
    [("idd", "id"), ("head.nam", "head.name"), ("parts.sizes", "parts.size"), ("id.x", "id"), ("head.name.x", None)],
)
def test_a_name_that_rows_do_not_have_is_refused_with_the_nearest(fields: str, nearest: str | None) -> None:
    with pytest.raises(WrongRequest) as refused:
        wanted(fields, Row())
    (problem,) = refused.value.problems
    assert (problem.field, problem.code) == ("fields", "unknown")
    if nearest:
        assert problem.nearest == nearest


class Whole(serializers.Serializer[Any]):
    made = serializers.SerializerMethodField()
    plain = serializers.SerializerMethodField()

    @extend_schema_field(Part(many=True))
    def get_made(self, row: Any) -> Any:
        return row["made"]

    def get_plain(self, row: Any) -> str:
        return "x"


def test_what_a_method_makes_is_picked_by_its_described_shape() -> None:
    parts = wanted("made.name", Whole())
    assert parts is not None
    assert pick({"made": [{"name": "a", "size": 1}], "plain": "x"}, parts) == {"made": [{"name": "a"}]}
    for wrong in ("made.nam", "plain.x"):
        with pytest.raises(WrongRequest):
            wanted(wrong, Whole())


def test_rows_of_another_shape_know_their_own_members() -> None:
    known = ("taskId", "events")
    assert wanted_of("taskId, events.eventType", known) == {"taskId": None, "events": {"eventType": None}}
    assert wanted_of("", ("taskId",)) is None
    with pytest.raises(WrongRequest, match="Did you mean “taskId”"):
        wanted_of("taskID", ("taskId", "events"))
