"""Kili's filters of assets (`asset_filter_kwargs` of its SDK's export), as a parameter of Kili's formats.

They look at an asset as the snapshot has it: at Kili's own payload, or, from other platforms, at the task's name, id,
status, stage, assignee and labels.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from difflib import get_close_matches
from typing import Any

import orjson

from exports.formats.base import LabelledTask, Parameter, ProjectInfo, Unfit, Value
from exports.formats.kili import asset_tests, label_tests
from exports.formats.kili.asset_tests import Seen
from exports.formats.kili.category_search import parsed

NAME = "asset_filter_kwargs"

Wanted = Callable[[LabelledTask], bool]

KNOWN = (*asset_tests.TESTS, *label_tests.TESTS)
ANYWHERE = frozenset((*asset_tests.ANYWHERE, *label_tests.ANYWHERE))
"""Filters that any project's tasks can be asked; others are Kili's."""

ASSET_FILTERS = Parameter(
    NAME,
    (),
    "",
    f"only assets for which all of these hold, each as name=value: {', '.join(KNOWN)}; a name may be repeated, any of "
    "its values will do (metadata_where=name:value: all of them). One label must match all that is asked of labels",
    several=True,
)

_APART = tuple(
    (f"step_id_{rest}", f"step_name_{rest}") for rest in ("in", "not_in", "and_status_in", "and_status_not_in")
)
"""Pairs of which Kili takes one."""
_STEPS = ("TO_DO", "IN_PROGRESS", "PARTIALLY_DONE", "REWORK", "DONE", "SKIPPED", "DOING", "REDO")
_CHOICES: Mapping[str, tuple[str, ...]] = {
    "status_in": ("TODO", "ONGOING", "LABELED", "TO_REVIEW", "REVIEWED"),
    "step_status_in": _STEPS,
    "step_status_not_in": _STEPS,
    "label_type_in": ("AUTOSAVE", "DEFAULT", "INFERENCE", "PREDICTION", "REVIEW"),
    "issue_type": ("ISSUE", "QUESTION"),
    "issue_status": ("OPEN", "SOLVED", "CANCELLED"),
}
"""What a filter may be in projects of Kili."""
_SINGLE = ("skipped", "asset_id")


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
        if name not in KNOWN:
            near = get_close_matches(name, KNOWN, 1)
            hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(KNOWN)}"
            yield Unfit(NAME, f"Unknown asset filter arguments: [{name!r}]; {hint}")
        elif name not in ANYWHERE and project.source != "kili":
            yield Unfit(NAME, f"{name} asks what only Kili says of an asset; this project is one of {project.source}")
        elif len(texts) > 1 and (name in _SINGLE or name.endswith(("_gte", "_lte"))):
            yield Unfit(NAME, f"{name} takes one value; {len(texts)} are given: {', '.join(texts)}")
        else:
            reasons = (_wrong(name, text, project) for text in texts)
            if (reason := next(filter(None, reasons), None)) is not None:
                yield Unfit(NAME, reason)
    for first, second in _APART:
        if {first, second} <= asked.keys():
            yield Unfit(NAME, f"Filters {first} and {second} both given: use only one of them.")


def _wrong(name: str, text: str, project: ProjectInfo) -> str | None:
    """Why a filter can't have this value; None when it can."""
    if name == "label_category_search":
        try:
            parsed(text)
        except ValueError as error:
            return f"{name}: {error}"
        return None
    choices = _CHOICES.get(name, ()) if project.source == "kili" else ()
    if choices and text not in choices:
        near = get_close_matches(text.upper(), choices, 1)
        return f"{name} can't be {text!r}: it is one of {', '.join(choices)}" + (f"; {near[0]}?" if near else "")
    reason = _unreadable(name, text)
    return None if reason is None else f"{name} can't be {text!r}: {reason}"


def _unreadable(name: str, text: str) -> str | None:
    if name == "skipped":
        return None if text in ("true", "false") else "it is true or false"
    try:
        if "_at" in name:
            date.fromisoformat(text)
        elif name.endswith(("_gte", "_lte")):
            if not math.isfinite(float(text)):
                return "it takes one number"
        elif name == "metadata_where":
            asset_tests.metadata(text)
        elif "_and_status_" in name:
            ((step, status),) = asset_tests.pairs((text,))
            if not step or status not in _STEPS:
                return f"it takes STEP:STATUS, of which the status is one of {', '.join(_STEPS)}"
    except (ValueError, TypeError):
        if "_at" in name:
            return "it takes one date as YYYY-MM-DD"
        if name == "metadata_where":
            return "it takes name:value, or an object of names and values"
        return "it takes STEP:STATUS" if "_and_status_" in name else "it takes one number"
    return None if text else "it takes a text"


def wanted_by(project: ProjectInfo, values: Mapping[str, Value]) -> Wanted:
    """What the filters say of a task."""
    asked = _asked(values)
    of_assets = [(test, asked[name]) for name, test in asset_tests.TESTS.items() if name in asked]
    of_labels = [(test, asked[name]) for name, test in label_tests.TESTS.items() if name in asked]
    of_kili = project.source == "kili"
    steps = _parts(_loaded(project.details) if of_kili else {}, "steps")

    def wanted(task: LabelledTask) -> bool:
        found = _loaded(task.details) if of_kili else {}
        asset = found.get("asset")
        seen = Seen(task, asset if isinstance(asset, dict) else {}, _parts(found, "issues"), steps)
        if not all(test(seen, texts) for test, texts in of_assets):
            return False
        if not of_labels:
            return True
        labels = label_tests.labels_said(task.labels, _parts(found, "labels"), of_kili=of_kili)
        return any(all(test(said, texts) for test, texts in of_labels) for said in labels)

    return wanted if asked else lambda task: True


def _loaded(payload: bytes | None) -> dict[str, Any]:
    try:
        found = orjson.loads(payload) if payload is not None else {}
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _parts(of: Mapping[str, Any], name: str) -> tuple[Mapping[str, Any], ...]:
    found = of.get(name)
    return tuple(one for one in found if isinstance(one, dict)) if isinstance(found, list) else ()
