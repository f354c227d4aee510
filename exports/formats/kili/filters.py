"""Kili's filters of assets (`asset_filter_kwargs` of its SDK's export), as a parameter of Kili's formats.

They look at an asset as the snapshot has it: at Kili's own payload, or, from other platforms, at the task's name, id,
status, stage and labels.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches
from typing import Any

import orjson

from exports.formats.base import LabelledTask, Parameter, ProjectInfo, Unfit, Value

NAME = "asset_filter_kwargs"

Wanted = Callable[[LabelledTask], bool]
Payload = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Seen:
    """A task as filters see it. `asset` is Kili's payload of it, empty from other platforms."""

    task: LabelledTask
    asset: Payload
    issues: tuple[Payload, ...]


Test = Callable[[Seen, tuple[str, ...]], bool]


def _is_one(read: Callable[[Seen], object]) -> Test:
    return lambda seen, values: read(seen) in values


def _contains(read: Callable[[Seen], str]) -> Test:
    return lambda seen, values: any(value in read(seen) for value in values)


def _at_least(name: str) -> Test:
    return lambda seen, values: _number(seen.asset.get(name)) >= float(values[0])


def _at_most(name: str) -> Test:
    return lambda seen, values: _number(seen.asset.get(name)) <= float(values[0])


def _number(value: object) -> float:
    """A mark; what has none is neither above nor below anything."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else math.nan


def _day(seen: Seen) -> date | None:
    try:
        return datetime.fromisoformat(str(seen.asset.get("createdAt"))).date()
    except ValueError:
        return None


def _since(seen: Seen, values: tuple[str, ...]) -> bool:
    day = _day(seen)
    return day is not None and day >= date.fromisoformat(values[0])


def _until(seen: Seen, values: tuple[str, ...]) -> bool:
    day = _day(seen)
    return day is not None and day <= date.fromisoformat(values[0])


def _status(seen: Seen) -> object:
    return seen.asset.get("status", seen.task.status)


def _step(seen: Seen) -> Payload:
    found = seen.asset.get("currentStep")
    return found if isinstance(found, dict) else {}


def _metadata(seen: Seen, values: tuple[str, ...]) -> bool:
    found = seen.asset.get("jsonMetadata")
    if not isinstance(found, dict):
        return False
    wanted = (value.partition(":") for value in values)
    return all(str(found.get(name)) == value for name, _, value in wanted)


def _issue(name: str) -> Test:
    return lambda seen, values: any(issue.get(name) in values for issue in seen.issues)


ANYWHERE: dict[str, Test] = {
    "asset_id_in": _is_one(lambda seen: seen.task.task),
    "external_id_in": _contains(lambda seen: seen.task.name),
    "external_id_strictly_in": _is_one(lambda seen: seen.task.name),
    "status_in": _is_one(_status),
    "step_name_in": _is_one(lambda seen: _step(seen).get("name", seen.task.stage)),
    "label_type_in": lambda seen, values: any(row.kind in values for row in seen.task.labels),
    "skipped": lambda seen, values: any(row.skipped for row in seen.task.labels) == (values[0] == "true"),
}
"""Filters that any project's tasks can be asked."""

OF_KILI: dict[str, Test] = {
    "step_id_in": _is_one(lambda seen: _step(seen).get("id")),
    "step_status_in": _is_one(lambda seen: _step(seen).get("status")),
    "group_name_in": _is_one(lambda seen: _step(seen).get("stepGroupName")),
    "consensus_mark_gte": _at_least("consensusMark"),
    "consensus_mark_lte": _at_most("consensusMark"),
    "honeypot_mark_gte": _at_least("honeypotMark"),
    "honeypot_mark_lte": _at_most("honeypotMark"),
    "inference_mark_gte": _at_least("inferenceMark"),
    "inference_mark_lte": _at_most("inferenceMark"),
    "created_at_gte": _since,
    "created_at_lte": _until,
    "metadata_where": _metadata,
    "issue_type": _issue("type"),
    "issue_status": _issue("status"),
}
"""Filters that ask Kili's own payload."""

TESTS = {**ANYWHERE, **OF_KILI}

ASSET_FILTERS = Parameter(
    NAME,
    (),
    "",
    f"only assets for which all of these hold, each as name=value: {', '.join(TESTS)}; a name may be repeated, any of "
    "its values will do (metadata_where=name:value: all of them)",
    several=True,
)


def _asked(values: Mapping[str, Value]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    given = values[NAME]
    for word in given if isinstance(given, tuple) else ():
        name, _, value = word.partition("=")
        found.setdefault(name.strip(), []).append(value.strip())
    return {name: tuple(texts) for name, texts in found.items()}


def unfit_filters(project: ProjectInfo, values: Mapping[str, Value]) -> Iterator[Unfit]:
    """What of the filters is not known, or has no meaning for the project."""
    asked = _asked(values)
    for name, texts in asked.items():
        if name not in TESTS:
            near = get_close_matches(name, TESTS, 1)
            hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(TESTS)}"
            yield Unfit(NAME, f"Unknown asset filter arguments: [{name!r}]; {hint}")
        elif name in OF_KILI and project.source != "kili":
            yield Unfit(NAME, f"{name} asks what only Kili says of an asset; this project is one of {project.source}")
        elif wrong := [text for text in texts if not _readable(name, text)]:
            yield Unfit(NAME, f"{name} can't be {wrong[0]!r}: {_FORMS[name.rpartition('_')[2]]}")
    if {"step_id_in", "step_name_in"} <= asked.keys():
        yield Unfit(NAME, "Filters step_id_in and step_name_in both given: use only one of them.")


_FORMS = {
    "gte": "it takes one number, or one date as YYYY-MM-DD",
    "lte": "it takes one number, or one date as YYYY-MM-DD",
    "skipped": "it is true or false",
    "where": "it takes name:value",
    "in": "it takes a text",
    "type": "it takes a text",
    "status": "it takes a text",
}


def _readable(name: str, text: str) -> bool:
    if name == "skipped":
        return text in ("true", "false")
    if name == "metadata_where":
        return ":" in text
    try:
        if name.startswith("created_at"):
            date.fromisoformat(text)
        elif name.endswith(("_gte", "_lte")):
            return math.isfinite(float(text))
    except ValueError:
        return False
    return bool(text)


def wanted_by(project: ProjectInfo, values: Mapping[str, Value]) -> Wanted:
    """What the filters say of a task."""
    tests = [(TESTS[name], texts) for name, texts in _asked(values).items()]
    if not tests:
        return lambda task: True
    return lambda task: all(test(_seen(project, task), texts) for test, texts in tests)


def _seen(project: ProjectInfo, task: LabelledTask) -> Seen:
    found = orjson.loads(task.details) if project.source == "kili" and task.details is not None else {}
    asset, issues = found.get("asset"), found.get("issues")
    return Seen(
        task,
        asset if isinstance(asset, dict) else {},
        tuple(issue for issue in issues if isinstance(issue, dict)) if isinstance(issues, list) else (),
    )
