"""Filters: the same names and rules on pages, in the API and in commands (docs/contracts.md section 5)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from audit import words
from audit.eventtypes import TYPES
from audit.models import Person, Project
from audit.people import Shown, people_called
from exportsite.problems import FieldProblem, WrongRequest, unknown

STATUSES = tuple(dict.fromkeys(kind.status for kind in TYPES.values() if kind.status))
TASK_FILTERS = ("person", "stage", "status", "from", "to", "words", "external_id")
EVENT_FILTERS = ("type", "source_type", "person", "stage", "from", "to", "words", "external_id")
TIME_FILTERS = ("person", "stage")
ORDERS = ("newest", "oldest")
MOST_VALUES = 50
"""Values of one filter; each is a range of the index."""
LONGEST = 10_000
"""Characters of a value."""
SHOWN = 8
"""People that are named when a name may mean several."""


@dataclass(frozen=True, slots=True)
class Filters:
    """Filters as resolved: people as ids, times as instants (`since` <= t < `until`), words as PostgreSQL's query text.

    `oldest_first` turns the list round. What is empty or None does not filter.
    """

    types: tuple[str, ...] = ()
    source_types: tuple[str, ...] = ()
    people: tuple[int, ...] = ()
    stages: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    words: str = ""
    external_ids: tuple[str, ...] = ()
    oldest_first: bool = False

    @property
    def any(self) -> bool:
        """Whether anything is left out (the order does not count)."""
        return any(getattr(self, field.name) for field in fields(self) if field.name != "oldest_first")


def parse(asked: Mapping[str, Sequence[str]], known: Sequence[str], project: Project | None) -> Filters:
    """Resolve filters given by name, each with one or more values; everything wrong is named in one WrongRequest.

    Empty values are no filters: a form sends all of its fields.
    """
    problems: list[FieldProblem] = []
    found: dict[str, Any] = {}
    for name, values in asked.items():
        if name != "order" and name not in known:
            problems.append(unknown(name, name, "The filter", [*known, "order"]))
            continue
        given = tuple(dict.fromkeys(value.replace("\0", "\ufffd").strip() for value in values))
        given = tuple(value for value in given if value)
        if not given:
            continue
        problem = _too_much(name, given)
        if problem is None:
            try:
                found.update(_PARSERS[name](name, given, project))
                continue
            except WrongRequest as error:
                problems += error.problems
        else:
            problems.append(problem)
    since, until = found.get("since"), found.get("until")
    if since and until and since >= until:
        text = "“to” is not after “from”: nothing can lie between them."
        problems.append(FieldProblem("to", "invalid", text))
    if problems:
        raise WrongRequest(*problems)
    return Filters(**found)


def _too_much(name: str, values: Sequence[str]) -> FieldProblem | None:
    if len(values) > MOST_VALUES:
        return FieldProblem(name, "too_many", f"“{name}” has {len(values)} values; at most {MOST_VALUES} are possible.")
    if any(len(value) > LONGEST for value in values):
        return FieldProblem(name, "too_long", f"“{name}” is longer than {LONGEST:,} characters.")
    return None


def _one(name: str, values: Sequence[str]) -> str:
    if len(values) > 1:
        raise WrongRequest(
            FieldProblem(name, "repeated", f"“{name}” is given {len(values)} times; it takes one value.")
        )
    return values[0]


def _names(field: str) -> Callable[[str, Sequence[str], Project | None], dict[str, Any]]:
    def parse_names(name: str, values: Sequence[str], project: Project | None) -> dict[str, Any]:
        return {field: tuple(values)}

    return parse_names


def _known(
    field: str, what: str, known: Sequence[str]
) -> Callable[[str, Sequence[str], Project | None], dict[str, Any]]:
    def parse_known(name: str, values: Sequence[str], project: Project | None) -> dict[str, Any]:
        problems = [unknown(name, value, what, known) for value in values if value not in known]
        if problems:
            raise WrongRequest(*problems)
        return {field: tuple(values)}

    return parse_known


def _people(name: str, values: Sequence[str], project: Project | None) -> dict[str, Any]:
    """People by pseudonym or by our id; else by what they are called."""
    people = Person.objects.filter(project=project)
    found = dict(people.filter(pseudonym__in=values).values_list("pseudonym", "id"))
    numbers = {value: int(value) for value in values if value.isascii() and value.isdigit() and len(value) < 19}
    ids = set(people.filter(id__in=numbers.values()).values_list("id", flat=True))
    found |= {value: number for value, number in numbers.items() if number in ids}
    named = [value for value in values if value not in found]
    if named:
        meant = people_called(project, named) if project is not None else {value: [] for value in named}
        problems = [_not_one(name, value, meant[value]) for value in named if len(meant[value]) != 1]
        if problems:
            raise WrongRequest(*problems)
        found |= {value: meant[value][0][0].pk for value in named}
    return {"people": tuple(dict.fromkeys(found[value] for value in values))}


def _not_one(name: str, value: str, meant: Sequence[tuple[Person, Shown]]) -> FieldProblem:
    if not meant:
        text = (
            f"Nobody in this project has the id, pseudonym, e-mail or name “{value[:100]}”; capitals and blanks count."
        )
        return FieldProblem(name, "unknown", text)
    several = ", ".join(f"{shown.label} ({person.pseudonym})" for person, shown in meant[:SHOWN])
    more = f" and {len(meant) - SHOWN} more" if len(meant) > SHOWN else ""
    text = f"“{value[:100]}” may mean {len(meant)} people of this project: {several}{more}. Give a pseudonym."
    return FieldProblem(name, "ambiguous", text, meant[0][0].pseudonym)


def _since(name: str, values: Sequence[str], project: Project | None) -> dict[str, Any]:
    value = _one(name, values)
    day = _date(value)
    return {"since": datetime.combine(day, time(), UTC) if day else instant(name, value)}


def _until(name: str, values: Sequence[str], project: Project | None) -> dict[str, Any]:
    """Up to but without this instant; a date includes its day."""
    value = _one(name, values)
    day = _date(value)
    if day is None:
        return {"until": instant(name, value)}
    if day == date.max:
        return {}
    return {"until": datetime.combine(day + timedelta(days=1), time(), UTC)}


def _date(value: str) -> date | None:
    """The day, when the value is YYYY-MM-DD."""
    if len(value) != 10:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def instant(name: str, value: str) -> datetime:
    """The instant of an ISO 8601 time that names its zone; else a WrongRequest that says what is missing."""
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        moment = None
    if moment is None:
        text = f"“{value[:100]}” is no date or time. Write 2026-11-20, or 2026-11-20T14:30:00Z."
        raise WrongRequest(FieldProblem(name, "invalid", text))
    if moment.tzinfo is None:
        # In a query string a plus sign is a space; that is how most zones get lost.
        text = (
            f"“{value[:100]}” has no time zone. Add Z for UTC, or an offset such as +01:00 (in an address: %2B01:00)."
        )
        raise WrongRequest(FieldProblem(name, "no_zone", text, f"{value}Z"))
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise WrongRequest(
            FieldProblem(name, "invalid", f"“{value[:100]}” lies outside the years 1 to 9999.")
        ) from None


def _words(name: str, values: Sequence[str], project: Project | None) -> dict[str, Any]:
    query = words.query(" ".join(values))
    if not query:
        raise WrongRequest(FieldProblem(name, "invalid", f"“{values[0][:100]}” has no letter or digit to search for."))
    if query.count(" & ") >= MOST_VALUES:
        raise WrongRequest(FieldProblem(name, "too_many", f"A search takes at most {MOST_VALUES} words."))
    return {"words": query}


def _order(name: str, values: Sequence[str], project: Project | None) -> dict[str, Any]:
    value = _one(name, values)
    if value not in ORDERS:
        raise WrongRequest(unknown(name, value, "The order", ORDERS))
    return {"oldest_first": value == "oldest"}


_PARSERS: dict[str, Callable[[str, Sequence[str], Project | None], dict[str, Any]]] = {
    "type": _known("types", "The event type", tuple(TYPES)),
    "source_type": _names("source_types"),
    "person": _people,
    "stage": _names("stages"),
    "status": _known("statuses", "The status", STATUSES),
    "from": _since,
    "to": _until,
    "kind": _names("kinds"),
    "words": _words,
    "external_id": _names("external_ids"),
    "order": _order,
}
