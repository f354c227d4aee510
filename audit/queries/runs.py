"""Lists of runs, the newest first."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from django.db.models import Q
from django.http import QueryDict

from audit.queries.asked import PAGING, limit_of
from audit.queries.lists import read
from audit.queries.records import Listed
from exportsite import keyset
from exportsite.jobs import LeasedRun, State
from exportsite.keyset import Condition, Scan
from exportsite.problems import FieldProblem, WrongRequest, check_keys, unknown

FILTERS = ("project", "state")
ORDERS = ("newest", "oldest")
R = TypeVar("R", bound=LeasedRun)


def runs(
    model: type[R],
    query: QueryDict,
    key: tuple[str, ...],
    visible: list[Condition],
    *related: str,
    also: Iterable[str] = (),
    of_project: str = "project_id = %s",
) -> Listed[R]:
    """A page of runs with their `related` rows. `key` is the order, which an index has; `visible` says whose are shown.

    `also` are keys of the query string that the list does not look at, `of_project` is the condition that a run is of
    a project. Raises WrongRequest naming all that is wrong.
    """
    problems = check_keys(query, [*FILTERS, *PAGING, *also])
    within, tests = list(visible), list[Condition]()
    if project := query.get("project"):
        if project.isascii() and project.isdigit() and len(project) < 18:
            within.append((of_project, (int(project),)))
        else:
            text = f"“project” is “{project[:100]}”; it is a project's id."
            problems.append(FieldProblem("project", "invalid", text))
    if state := query.get("state"):
        if state in State.values:
            tests.append(("state = %s", (state,)))
        else:
            problems.append(unknown("state", state, "The state", State.values))
    if (order := query.get("order") or "newest") not in ORDERS:
        problems.append(unknown("order", order, "The order", ORDERS))
    if problems:
        raise WrongRequest(*problems)
    columns = tuple(dict.fromkeys(("id", *key, "state")))
    scan = Scan(
        model._meta.db_table,
        columns,
        key,
        within=tuple(within),
        tests=tuple(tests),
        newest_first=order == "newest",
    )
    page = read(scan, limit_of(query, 50), query.get("cursor"))
    ids = [row["id"] for row in page.rows]
    found: dict[Any, R] = {run.pk: run for run in model._default_manager.filter(Q(pk__in=ids)).select_related(*related)}
    rows = [found[pk] for pk in ids if pk in found]
    return Listed.of(page, rows, keyset.count(scan))
