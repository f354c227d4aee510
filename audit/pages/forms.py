"""The filters of a list as a form and as chips. It works as plain HTML: everything is in the address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.http import urlencode

from audit.eventtypes import TYPES
from audit.queries.projects import Choices
from exportsite.problems import FieldProblem

LABELS = {
    "words": "Words",
    "type": "Type",
    "source_type": "Activity",
    "stage": "Stage",
    "status": "Status",
    "person": "Person",
    "from": "From",
    "to": "to",
    "external_id": "Task id",
}
_ANY = {"person": "Anyone"}
_SIZES = {"words": 18, "from": 10, "to": 10, "external_id": 14}
_PLACEHOLDERS = {"from": "YYYY-MM-DD", "to": "YYYY-MM-DD"}


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the form. `choices` are (value, text); none: a text field. `more` are its further values, kept."""

    name: str
    label: str
    value: str
    more: tuple[str, ...]
    choices: tuple[tuple[str, str], ...] = ()
    any: str = "Any"
    size: int = 12
    placeholder: str = ""
    problem: FieldProblem | None = None


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that holds; `without` is the query string that takes it away."""

    label: str
    value: str
    without: str


def fields(
    names: Sequence[str],
    query: QueryDict,
    choices: Choices,
    problems: Mapping[str, FieldProblem],
    labels: Mapping[str, str],
) -> list[Field]:
    """The form's fields with what was given; a value that is not among the choices becomes one."""
    found = []
    for name in names:
        values = [value for value in query.getlist(name) if value.strip()]
        offered = offers(name, choices)
        value = values[0] if values else ""
        if offered and value and value not in dict(offered):
            offered = (*offered, (value, value))
        if not offered and name in ("type", "source_type", "stage", "status", "person") and not value:
            continue  # Nothing to choose from, and nothing asked: the field would only be in the way.
        found.append(
            Field(
                name,
                labels.get(name, LABELS[name]),
                value,
                tuple(values[1:]),
                offered,
                _ANY.get(name, "Any"),
                _SIZES.get(name, 12),
                _PLACEHOLDERS.get(name, ""),
                problems.get(name),
            )
        )
    return found


def offers(name: str, choices: Choices) -> tuple[tuple[str, str], ...]:
    if name == "person":
        return tuple((who.pseudonym, who.label) for who in choices.people)
    listed = {
        "stage": choices.stages,
        "status": choices.statuses,
        "type": choices.types,
        "source_type": choices.source_types,
    }
    return tuple((value, value.capitalize() if name == "status" else value) for value in listed.get(name, ()))


def chips(names: Sequence[str], query: QueryDict, choices: Choices, labels: Mapping[str, str]) -> list[Chip]:
    """The filters that hold, each with the address without it."""
    shown = {who.pseudonym: who.label for who in choices.people}
    found = []
    for name in names:
        for value in query.getlist(name):
            if not value.strip():
                continue
            rest = query.copy()
            rest.setlist(name, [other for other in query.getlist(name) if other != value])
            rest.pop("cursor", None)
            label = labels.get(name, LABELS[name])
            found.append(Chip(label, shown.get(value, value) if name == "person" else value, _address(rest)))
    return found


@dataclass(frozen=True, slots=True)
class View:
    """A ready choice of event types: its name, its query string, and whether it is what the list shows now."""

    name: str
    address: str
    now: bool


_TASK_VIEWS = {
    "In work": ("assigned", "in progress"),
    "Waiting for somebody": ("created", "unassigned", "reopened"),
    "Handed in": ("submitted",),
    "Sent back": ("sent back",),
    "Accepted": ("accepted", "corrected"),
    "Skipped": ("skipped",),
}
_VIEWS = {
    "Work": ("assignment", "work", "label", "time"),
    "Reviews": ("review",),
    "Comments and issues": ("comment",),
    "Activities": ("activity",),
    "The record itself": ("project", "record"),
}


def views(query: QueryDict, choices: Choices) -> list[View]:
    """Ready choices of the event types that occur; a list without any other filter."""
    asked = tuple(value for value in query.getlist("type") if value)
    others = any(value for name, values in query.lists() for value in values if name not in ("type", "order", "cursor"))
    found = [View("All", "?", not asked and not others)]
    for name, groups in _VIEWS.items():
        types = tuple(value for value in choices.types if value in TYPES and TYPES[value].group in groups)
        if types and types != choices.types:
            address = "?" + urlencode([("type", value) for value in types])
            found.append(View(name, address, set(asked) == set(types) and not others))
    return found if len(found) > 1 else []


def task_views(query: QueryDict, choices: Choices) -> list[View]:
    """All tasks; those at each status that waits for somebody."""
    asked = {(name, value) for name, values in query.lists() for value in values if value.strip()}
    asked = {pair for pair in asked if pair[0] not in ("order", "cursor")}
    found = [View("All", "?", not asked)]
    for name, statuses in _TASK_VIEWS.items():
        wanted = [("status", status) for status in statuses if status in choices.statuses]
        if wanted and len(wanted) < len(choices.statuses):
            found.append(View(name, "?" + urlencode(wanted), asked == set(wanted)))
    return found if len(found) > 1 else []


def _address(query: QueryDict) -> str:
    kept = QueryDict(mutable=True)
    for name, values in query.lists():
        kept.setlist(name, [value for value in values if value.strip()])
    return "?" + kept.urlencode()
