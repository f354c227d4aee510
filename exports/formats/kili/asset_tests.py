"""Kili's filters of assets by what the assets themselves are."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson

from exports.formats.base import LabelledTask

Payload = Mapping[str, Any]
BETWEEN = ":"
"""Between a step and a status, or the name of a piece of metadata and its value."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A task as filters see it. `asset` is Kili's payload of it, empty from other platforms; `steps` those of the
    project."""

    task: LabelledTask
    asset: Payload
    issues: tuple[Payload, ...]
    steps: tuple[Payload, ...]

    @property
    def step(self) -> Payload:
        """Where the asset is in the workflow."""
        found = self.asset.get("currentStep")
        return found if isinstance(found, dict) else {}

    @property
    def step_name(self) -> str:
        """What the step is called, on other platforms the stage."""
        return str(self.step.get("name") or self.task.stage)

    @property
    def step_ids(self) -> frozenset[str]:
        """The step's id. Kili tells an asset's step by its name: several groups may have one of that name."""
        if self.step.get("id"):
            return frozenset({str(self.step["id"])})
        name = self.step.get("name")
        return frozenset(str(step.get("id")) for step in self.steps if name and step.get("name") == name)


Test = Callable[[Seen, tuple[str, ...]], bool]


def _is_one(read: Callable[[Seen], object]) -> Test:
    return lambda seen, values: read(seen) in values


def _is_none(read: Callable[[Seen], object]) -> Test:
    return lambda seen, values: read(seen) not in values


def _contains(seen: Seen, values: tuple[str, ...]) -> bool:
    return any(value in seen.task.name for value in values)


def _mark(name: str, *, least: bool) -> Test:
    def test(seen: Seen, values: tuple[str, ...]) -> bool:
        mark = _number(seen.asset.get(name))
        return mark >= float(values[0]) if least else mark <= float(values[0])

    return test


def _number(value: object) -> float:
    """A mark; what has none is neither above nor below anything."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else math.nan


def _day(name: str, *, least: bool) -> Test:
    def test(seen: Seen, values: tuple[str, ...]) -> bool:
        try:
            day = datetime.fromisoformat(str(seen.asset.get(name))).date()
        except ValueError:
            return False
        return day >= date.fromisoformat(values[0]) if least else day <= date.fromisoformat(values[0])

    return test


def _status(seen: Seen) -> object:
    return seen.asset.get("status", seen.task.status)


def pairs(values: tuple[str, ...]) -> set[tuple[str, str]]:
    """Steps with a status: NAME:STATUS, or a JSON list of both."""
    found = set()
    for value in values:
        name, _, status = value.rpartition(BETWEEN)
        if value.startswith("["):
            name, status = orjson.loads(value)
        found.add((name, status))
    return found


def _step_and_status(seen: Seen, values: tuple[str, ...]) -> bool:
    return (seen.step_name, str(seen.step.get("status"))) in pairs(values)


def _id_and_status(seen: Seen, values: tuple[str, ...]) -> bool:
    status = str(seen.step.get("status"))
    return any((id_, status) in pairs(values) for id_ in seen.step_ids)


def _not(test: Test) -> Test:
    return lambda seen, values: not test(seen, values)


def _has_step_id(seen: Seen, values: tuple[str, ...]) -> bool:
    return not seen.step_ids.isdisjoint(values)


def metadata(value: str) -> dict[str, Any]:
    """What is asked of the metadata: `name:value`, or an object of names and values. Raises ValueError."""
    if value.startswith("{"):
        found = orjson.loads(value)
        if isinstance(found, dict):
            return found
    name, between, wanted = value.partition(BETWEEN)
    if not between:
        raise ValueError(value)
    return {name: wanted}


def _metadata(seen: Seen, values: tuple[str, ...]) -> bool:
    found = seen.asset.get("jsonMetadata")
    if not isinstance(found, dict):
        return False
    return all(_is(found.get(name), wanted) for value in values for name, wanted in metadata(value).items())


def _is(found: object, wanted: object) -> bool:
    """A value, one of several, or a number between two (both included)."""
    if isinstance(wanted, list):
        if len(wanted) == 2 and all(isinstance(one, int | float) for one in wanted):
            return bool(wanted[0] <= _number(found) <= wanted[1])
        return any(_is(found, one) for one in wanted)
    return found is not None and (found == wanted or str(found) == str(wanted))


def _issue(name: str) -> Test:
    return lambda seen, values: any(issue.get(name) in values for issue in seen.issues)


ANYWHERE: dict[str, Test] = {
    "asset_id": _is_one(lambda seen: seen.task.task),
    "asset_id_in": _is_one(lambda seen: seen.task.task),
    "asset_id_not_in": _is_none(lambda seen: seen.task.task),
    "external_id_in": _contains,
    "external_id_strictly_in": _is_one(lambda seen: seen.task.name),
    "status_in": _is_one(_status),
    "step_name_in": _is_one(lambda seen: seen.step_name),
    "step_name_not_in": _is_none(lambda seen: seen.step_name),
    "assignee_in": lambda seen, values: not seen.task.assignee.isdisjoint(values),
    "assignee_not_in": lambda seen, values: bool(seen.task.assignee) and seen.task.assignee.isdisjoint(values),
    "skipped": lambda seen, values: any(row.skipped for row in seen.task.labels) == (values[0] == "true"),
}
"""Filters that any project's tasks can be asked."""

OF_KILI: dict[str, Test] = {
    "step_id_in": _has_step_id,
    "step_id_not_in": _not(_has_step_id),
    "step_status_in": _is_one(lambda seen: seen.step.get("status")),
    "step_status_not_in": _is_none(lambda seen: seen.step.get("status")),
    "step_name_and_status_in": _step_and_status,
    "step_name_and_status_not_in": _not(_step_and_status),
    "step_id_and_status_in": _id_and_status,
    "step_id_and_status_not_in": _not(_id_and_status),
    "group_name_in": _is_one(lambda seen: seen.step.get("stepGroupName")),
    "group_name_not_in": _is_none(lambda seen: seen.step.get("stepGroupName")),
    **{
        f"{kind}_mark_{end}": _mark(f"{kind}Mark", least=end == "gte")
        for kind in ("consensus", "honeypot", "inference")
        for end in ("gte", "lte")
    },
    **{
        f"{what}_at_{end}": _day(f"{what}At", least=end == "gte")
        for what in ("created", "updated")
        for end in ("gte", "lte")
    },
    "metadata_where": _metadata,
    "issue_type": _issue("type"),
    "issue_status": _issue("status"),
}
"""Filters that ask Kili's own payload."""

TESTS = {**ANYWHERE, **OF_KILI}
