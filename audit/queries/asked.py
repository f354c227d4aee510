"""What a request asks of a list: filters, order, page. The same for pages and API."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from django.http import QueryDict

from audit.models import Project
from audit.queries.filters import Filters, parse
from exportsite.problems import FieldProblem, WrongRequest, check_keys

MOST_ROWS = 500
PAGING = ("order", "limit", "cursor")


@dataclass(frozen=True, slots=True)
class Asked:
    """Filters as resolved, and as given: (name, value) pairs in the order of the address."""

    filters: Filters
    limit: int
    cursor: str | None
    given: tuple[tuple[str, str], ...] = ()


def asked(
    query: QueryDict, known: Sequence[str], project: Project | None, *, also: Iterable[str] = (), limit: int = 50
) -> Asked:
    """Read a query string; unknown keys, wrong values and a wrong limit are named together in one WrongRequest.

    `known` are the list's filters, `also` keys that the address takes besides.
    """
    problems = check_keys(query, [*known, *PAGING, *also])
    given = [(name, value) for name in known for value in query.getlist(name) if value.strip()]
    filters = Filters()
    try:
        filters = parse({name: query.getlist(name) for name in (*known, "order") if name in query}, known, project)
    except WrongRequest as error:
        problems += error.problems
    try:
        limit = limit_of(query, limit)
    except WrongRequest as error:
        problems += error.problems
    if problems:
        raise WrongRequest(*problems)
    return Asked(filters, limit, query.get("cursor") or None, tuple(given))


def limit_of(query: QueryDict, otherwise: int) -> int:
    """`limit`, a whole number from 1 to 500."""
    raw = query.get("limit")
    if not raw:
        return otherwise
    if not (raw.isascii() and raw.isdigit() and len(raw) < 6 and 1 <= int(raw) <= MOST_ROWS):
        text = f"“limit” is “{raw[:100]}”; it is a whole number from 1 to {MOST_ROWS}."
        raise WrongRequest(FieldProblem("limit", "invalid", text))
    return int(raw)


def oldest_unless(filters: Filters, query: QueryDict) -> Filters:
    """Trails read from the beginning: oldest first, unless the address says otherwise."""
    return filters if query.get("order") else replace(filters, oldest_first=True)
