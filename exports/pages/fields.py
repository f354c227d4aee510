"""What forms of exports and reports ask: a format's parameters, and the filters that a project has values for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from audit.models import Project
from audit.pages import forms
from audit.queries import projects as queries
from audit.queries.filters import EVENT_FILTERS
from exports.formats.base import Format, Parameter
from exports.options import FILTERS, OF_TASKS
from exports.pages.choice import PREFIX, Choice
from exportsite.problems import FieldProblem

MANY = ("type", "source_type", "person", "stage", "status", "task_person", "task_stage")
"""Filters that take several values."""
_LABELS = {
    **forms.LABELS,
    "person": "Person who acted",
    "stage": "Stage at which it happened",
    "from": "Happened from",
    "to": "Happened until",
    "words": "Words in comments",
    "external_id": "Id",
    "status": "Status",
    "task_person": "With",
    "task_stage": "Stage that it is at",
    "task_from": "Last event from",
    "task_to": "Last event until",
    "task_words": "Words of its name or id",
}
_GROUPS = (
    ("Which tasks", ("external_id", "status", *OF_TASKS)),
    ("Which of their events", EVENT_FILTERS[:-1]),
)
LONG_HELP = 140
"""Characters of help beyond which a parameter has a line of its own."""
_PARAMETERS = {
    "audit": "The audit trail",
    "payload": "Payloads",
    "asset_filter_kwargs": "Asset filters",
    "label_type_in": "Kinds of labels",
    "export_type": "Which labels",
}


@dataclass(frozen=True, slots=True)
class ParameterField:
    """A parameter of the chosen format, with what was chosen; an empty value is its default, `usual`.

    `choices` are (value, text); one with a `long` help needs a line of its own.
    """

    parameter: Parameter
    name: str
    label: str
    value: str
    usual: str
    choices: Sequence[tuple[str, str]]
    long: bool
    problem: FieldProblem | None


@dataclass(frozen=True, slots=True)
class FilterField:
    """A filter. `chosen` and `choices` are (value, text); a filter without choices is a text field."""

    name: str
    label: str
    many: bool
    chosen: Sequence[tuple[str, str]]
    choices: Sequence[tuple[str, str]]
    value: str
    problem: FieldProblem | None


Group = tuple[str, list[FilterField]]
"""A heading, and the filters below it."""


def parameter_fields(format_: Format, choice: Choice, problems: Mapping[str, FieldProblem]) -> list[ParameterField]:
    """The parameters of the chosen format, with what was chosen and what is wrong with it."""
    filtered = bool(choice.filters)
    return [
        ParameterField(
            one,
            PREFIX + one.name,
            parameter_label(one.name),
            choice.parameters.get(one.name, ""),
            shown(one, (filtered and one.filtered_default) or one.default),
            [(value, shown(one, value)) for value in one.choices],
            len(one.help) > LONG_HELP,
            problems.get(one.name),
        )
        for one in format_.parameters
    ]


def parameter_label(name: str) -> str:
    """What a parameter is called on pages."""
    return _PARAMETERS.get(name, name.replace("_", " ").capitalize())


def shown(parameter: Parameter, value: str) -> str:
    """A parameter's value for people."""
    return {"true": "yes", "false": "no"}[value] if parameter.is_flag else value


def filter_groups(project: Project, choice: Choice, problems: Mapping[str, FieldProblem]) -> list[Group]:
    """The filters that can be chosen in this project, those of tasks and those of events."""
    fields = _filter_fields(project, choice, problems)
    return [(title, [field for field in fields if field.name in names]) for title, names in _GROUPS]


def _filter_fields(project: Project, choice: Choice, problems: Mapping[str, FieldProblem]) -> list[FilterField]:
    offered = queries.choices(project)
    found = []
    for name in FILTERS:
        choices = forms.offers(OF_TASKS.get(name, name), offered)
        values = choice.filters.get(name, [])
        texts = dict(choices)
        many = name in MANY or (name == "external_id" and len(values) > 1)
        if name in MANY and not choices and not values:
            continue  # Nothing to choose from, and nothing asked.
        chosen = [(value, texts.get(value, value)) for value in values] if many else []
        rest = [pair for pair in choices if pair[0] not in values]
        value = "" if many else " ".join(values) if name in ("words", "task_words") else (values or [""])[0]
        found.append(FilterField(name, _LABELS[name], many, chosen, rest, value, problems.get(name)))
    return found
