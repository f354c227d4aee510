"""What an export is asked for: parameters and filters read, checked, and resolved to what they mean.

Everything wrong is named at once, in one WrongRequest, before anything is recorded or written.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from audit.models import Log, Person, Project
from audit.queries.filters import EVENT_FILTERS, TASK_FILTERS, Filters, parse
from audit.words import words_of
from exports.formats.base import Format, Parameter, Value, split
from exports.making import size_problem
from exportsite.problems import FieldProblem, WrongRequest, unknown

OF_TASKS = {
    "task_person": "person",
    "task_stage": "stage",
    "task_from": "from",
    "task_to": "to",
    "task_words": "words",
}
"""Filters by what a task is as of the snapshot, under the names that they have in the list of tasks."""

FILTERS = (*EVENT_FILTERS, "status", *OF_TASKS)
"""Filters of an export: they choose events; `status` and `task_…` choose the tasks whose events come into question."""

PEOPLE = ("person", "task_person")
"""Filters whose values are people."""

Asked = Mapping[str, object]
"""Values by name as they came: a text, or a list of texts."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """A request as it was understood. `echo` repeats the filters in words that mean the same at any later time.

    `filters` choose events, and tasks by status; `tasks` choose tasks.
    """

    parameters: dict[str, Value]
    filters: Filters
    tasks: Filters
    echo: dict[str, object]
    as_of: int


def pairs(given: Iterable[str], option: str) -> dict[str, object]:
    """`NAME=VALUE` words of a command. VALUE is JSON when it starts with [, { or ", else text; repeats make a list."""
    found: dict[str, object] = {}
    for word in given:
        name, equals, text = word.partition("=")
        if not equals or not name:
            raise WrongRequest(FieldProblem(option, "invalid", f"{option} takes NAME=VALUE, not “{word[:100]}”."))
        value = _value(name, text)
        if name in found:
            before = found[name]
            value = [
                *(before if isinstance(before, list) else [before]),
                *(value if isinstance(value, list) else [value]),
            ]
        found[name] = value
    return found


def _value(name: str, text: str) -> object:
    if text[:1] not in ("[", "{", '"'):
        return text
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError) as error:
        hint = (
            f"“{name}” looks like JSON and is none: {error}. A text that starts with {text[0]} is written as JSON text."
        )
        raise WrongRequest(FieldProblem(name, "invalid", hint)) from None
    return value


def resolve(
    project: Project, log: Log, format_: Format, parameters: Asked, filters: Asked, as_of: int | None
) -> Resolved:
    """What the request means for this project, now. Raises WrongRequest naming everything that is wrong."""
    problems: list[FieldProblem] = []
    chosen, tasks, repeated = Filters(), Filters(), dict[str, object]()
    try:
        chosen, tasks = resolve_filters(project, filters)
        repeated = echo(chosen, tasks, filters)
    except WrongRequest as error:
        problems += error.problems
    values: dict[str, Value] = {}
    try:
        values = resolve_parameters(format_, parameters, filtered=chosen.any or tasks.any)
    except WrongRequest as error:
        problems += error.problems
    size = log.size if as_of is None else as_of
    if problem := size_problem(project, log, as_of):
        problems.append(problem)
    if problems:
        raise WrongRequest(*problems)
    return Resolved(values, chosen, tasks, repeated, size)


def resolve_parameters(format_: Format, asked: Asked, *, filtered: bool) -> dict[str, Value]:
    """The value of every parameter of the format: as asked, else its default."""
    known = {parameter.name: parameter for parameter in format_.parameters}
    problems = [unknown(name, name, f"The parameter of {format_.slug}", known) for name in asked if name not in known]
    values: dict[str, Value] = {}
    for name, parameter in known.items():
        default = parameter.default_for(filtered=filtered)
        try:
            values[name] = _parameter(parameter, asked[name]) if name in asked else default
        except WrongRequest as error:
            problems += error.problems
    if problems:
        raise WrongRequest(*problems)
    return values


def _parameter(parameter: Parameter, asked: object) -> Value:
    if isinstance(asked, bool) and parameter.is_flag:
        return asked
    if isinstance(asked, bool) and {"true", "false"} <= set(parameter.choices):
        return str(asked).lower()
    if asked in (None, "None") and "default" in parameter.choices:
        return "default"  # What Kili's SDK calls it, also where it says what to do.
    if parameter.several:
        return _several(parameter, asked)
    if not isinstance(asked, str):
        text = f"“{parameter.name}” takes one value: {', '.join(parameter.choices) or 'a text'}."
        raise WrongRequest(FieldProblem(parameter.name, "invalid", text))
    if parameter.choices and asked not in parameter.choices:
        raise WrongRequest(unknown(parameter.name, asked, f"“{parameter.name}”", parameter.choices))
    return asked == "true" if parameter.is_flag else asked


def _several(parameter: Parameter, asked: object) -> tuple[str, ...]:
    """A list of texts, one text with commas between them, or an object: its names and values as name=value."""
    values = split(asked) if isinstance(asked, str) else asked
    if not values and values is not None and not parameter.default:
        return ()  # None of them, which is what it is when it is not given.
    if isinstance(asked, dict) and not parameter.choices:
        values = [
            f"{name}={_word(one)}" for name, of in asked.items() for one in (of if isinstance(of, list) else [of])
        ]
    if not isinstance(values, list | tuple) or not all(isinstance(value, str) for value in values) or not values:
        text = f"“{parameter.name}” takes one or several of: {', '.join(parameter.choices) or 'texts'}."
        raise WrongRequest(FieldProblem(parameter.name, "invalid", text))
    wrong = [value for value in values if parameter.choices and value not in parameter.choices]
    if wrong:
        raise WrongRequest(*(unknown(parameter.name, one, f"“{parameter.name}”", parameter.choices) for one in wrong))
    return tuple(dict.fromkeys(values))


def _word(value: object) -> str:
    """A value of an object as the text that means it."""
    return value if isinstance(value, str) else json.dumps(value)


def resolve_filters(project: Project, asked: Asked) -> tuple[Filters, Filters]:
    """The filters' meaning: those of events (and `status`), and those of tasks. `order` is none of an export's."""
    texts = {name: _texts(name, value) for name, value in asked.items()}
    if "order" in texts:
        raise WrongRequest(unknown("order", "order", "The filter", FILTERS))
    problems: list[FieldProblem] = []
    of_events, of_tasks = Filters(), Filters()
    try:
        known = [name for name in FILTERS if name not in OF_TASKS]
        of_events = parse({name: texts[name] for name in texts if name not in OF_TASKS}, known, project)
    except WrongRequest as error:
        problems += [_known(problem) for problem in error.problems]
    try:
        of_tasks = parse({OF_TASKS[name]: texts[name] for name in texts if name in OF_TASKS}, TASK_FILTERS, project)
    except WrongRequest as error:
        names = {plain: name for name, plain in OF_TASKS.items()}
        problems += [replace(problem, field=names[problem.field]) for problem in error.problems]
    if problems:
        raise WrongRequest(*problems)
    return of_events, of_tasks


def _known(problem: FieldProblem) -> FieldProblem:
    """An unknown filter is compared with all of an export's, not only with those of events."""
    if problem.code == "unknown" and problem.text.startswith("The filter"):
        return unknown(problem.field, problem.field, "The filter", FILTERS)
    return problem


def _texts(name: str, value: object) -> Sequence[str]:
    """The filter's values as texts; numbers are people's ids."""
    items = value if isinstance(value, list) else [value]
    for item in items:
        if isinstance(item, bool) or not isinstance(item, str | int):
            text = f"“{name}” takes texts; {json.dumps(item)[:100]} is none."
            raise WrongRequest(FieldProblem(name, "invalid", text))
    return [str(item) for item in items]


def echo(filters: Filters, tasks: Filters, asked: Asked) -> dict[str, object]:
    """The filters in words that mean the same at any later time: people as pseudonyms, times as instants."""
    people = {*filters.people, *tasks.people}
    pseudonyms = dict(Person.objects.filter(pk__in=people).values_list("pk", "pseudonym"))
    found: dict[str, object] = {
        "type": sorted(filters.types),
        "source_type": sorted(filters.source_types),
        "person": sorted(pseudonyms[person] for person in filters.people),
        "stage": sorted(filters.stages),
        "status": sorted(filters.statuses),
        "from": _instant(filters.since),
        "to": _instant(filters.until),
        "words": words_of(" ".join(_texts("words", asked["words"]))) if filters.words else [],
        "external_id": filters.external_ids[0] if len(filters.external_ids) == 1 else sorted(filters.external_ids),
        "task_person": sorted(pseudonyms[person] for person in tasks.people),
        "task_stage": sorted(tasks.stages),
        "task_from": _instant(tasks.since),
        "task_to": _instant(tasks.until),
        "task_words": words_of(" ".join(_texts("task_words", asked["task_words"]))) if tasks.words else [],
    }
    return {name: value for name, value in found.items() if value}


def without_names(asked: Asked, echoed: Mapping[str, object]) -> dict[str, object]:
    """Filters as they were asked for, people as pseudonyms: a request is kept when a person has to be erased."""
    return {name: echoed[name] if name in PEOPLE and name in echoed else value for name, value in asked.items()}


def _instant(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z") if moment else None
