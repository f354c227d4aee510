"""Filters of data rows, by the names that they have in Labelbox's SDK (`filters` of `export`), as parameters.

A data row has to pass all of them. They look at it as the snapshot has it; what only Labelbox says of a data row is
refused for projects of other platforms.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime

import msgspec

from exports.archive.build import Archive, Skipped
from exports.formats.base import LabelledTask, Parameter, ProjectInfo, Unfit, Value

STATUSES = {"ToLabel": "TO_LABEL", "InReview": "IN_REVIEW", "InRework": "IN_REWORK", "Done": "DONE"}
"""Labelbox's names of states in filters, and those in its rows."""
TIMES = ("last_activity_at", "label_created_at")
NAMED = {"data_row_ids": "id", "global_keys": "global key"}
"""Filters that name data rows one by one, and by what: one that is named and not there has a line in errors.ndjson."""
ANYWHERE = frozenset(("data_row_ids", "label_created_at"))
"""Filters that data rows of any platform can be asked."""

FILTERS = (
    Parameter("data_row_ids", (), "", "only these data rows", several=True),
    Parameter("global_keys", (), "", "only data rows with these global keys", several=True),
    Parameter("batch_ids", (), "", "only data rows of these batches", several=True),
    Parameter("workflow_status", tuple(STATUSES), "", "only data rows in one of these states", several=True),
    Parameter("last_activity_at", (), "", "only data rows with activity from START to END, both in: START,END"),
    Parameter("label_created_at", (), "", "only data rows with a label created from START to END, both in: START,END"),
    Parameter("model_run_ids", (), "", "of model runs these only; asks for their labels", several=True),
)

Bounds = tuple[datetime | None, datetime | None]
Test = Callable[["_Row", LabelledTask], bool]


class _Details(msgspec.Struct):
    last_activity_at: str | None = None


class _DataRow(msgspec.Struct):
    global_key: str | None = None
    details: _Details | None = None


class _ProjectDetails(msgspec.Struct):
    batch_id: str | None = None
    workflow_status: str | None = None


class _Row(msgspec.Struct):
    data_row: _DataRow | None = None
    project_details: _ProjectDetails | None = None


_row = msgspec.json.Decoder(_Row).decode


Named = tuple[str, str]
"""The id and the global key of a data row; empty where nobody asks."""


class Wanted:
    """Whether data rows pass the filters; remembers which of the named ones there were."""

    def __init__(self, values: Mapping[str, Value], *, own: bool) -> None:
        self._own = own
        self._left = {name: set(_texts(values, name)) for name in NAMED}
        self._tests = list(_tests(values))

    def named(self, task: LabelledTask) -> Named | None:
        """What it is called, if it passes: to be told to `saw`. Raises msgspec.DecodeError for payloads of others."""
        if not self._tests:
            return "", ""
        row = _row(task.details) if self._own and task.details is not None else _Row()
        return (task.task, _key(row) or "") if all(test(row, task) for test in self._tests) else None

    def saw(self, named: Named) -> None:
        """Take note of a data row that passed."""
        for left, name in zip(self._left.values(), named, strict=True):
            left.discard(name)

    def missing(self, archive: Archive, *others: Wanted) -> None:
        """A line for each named data row that neither this nor `others` came upon."""
        for name, left in self._left.items():
            for one in sorted(left.intersection(*(other._left[name] for other in others))):
                text = (
                    f"no data row that passes the filters has this {'id' if name == 'data_row_ids' else 'global key'}"
                )
                archive.warn(Skipped(one, "not_found", text))


def unfit_filters(project: ProjectInfo, values: Mapping[str, Value], *, own: bool) -> Iterator[Unfit]:
    """What of the filters can't be understood, or has no meaning for the project."""
    for parameter in FILTERS:
        if values[parameter.name] and parameter.name not in ANYWHERE and not own:
            text = f"only Labelbox says that of a data row; this project is one of {project.source}"
            yield Unfit(parameter.name, text)
    for name in TIMES:
        try:
            _bounds(str(values[name]))
        except ValueError as error:
            yield Unfit(name, f"{name} is START,END, of which one may be left out: {error}")


def _tests(values: Mapping[str, Value]) -> Iterator[Test]:
    if ids := _texts(values, "data_row_ids"):
        yield lambda row, task: task.task in ids
    if keys := _texts(values, "global_keys"):
        yield lambda row, task: _key(row) in keys
    if batches := _texts(values, "batch_ids"):
        yield lambda row, task: _project(row).batch_id in batches
    if states := {STATUSES[name] for name in _texts(values, "workflow_status")}:
        yield lambda row, task: _project(row).workflow_status in states
    if values["last_activity_at"]:
        active = _bounds(str(values["last_activity_at"]))
        yield lambda row, task: _within(active, _activity(row))
    if values["label_created_at"]:
        created = _bounds(str(values["label_created_at"]))
        yield lambda row, task: any(_within(created, label.created_at) for label in task.labels)


def _texts(values: Mapping[str, Value], name: str) -> frozenset[str]:
    given = values[name]
    return frozenset(given if isinstance(given, tuple) else ())


def _key(row: _Row) -> str | None:
    return row.data_row.global_key if row.data_row is not None else None


def _project(row: _Row) -> _ProjectDetails:
    return row.project_details or _ProjectDetails()


def _activity(row: _Row) -> datetime | None:
    details = row.data_row.details if row.data_row is not None else None
    return _instant(details.last_activity_at) if details is not None and details.last_activity_at else None


def _within(bounds: Bounds, moment: datetime | None) -> bool:
    start, end = bounds
    return moment is not None and (start is None or moment >= start) and (end is None or moment <= end)


def _bounds(text: str) -> Bounds:
    """Two times with a comma between; one without a zone is UTC, as Labelbox's are. Raises ValueError."""
    if not text:
        return None, None
    start, comma, end = (word.strip() for word in text.partition(","))
    if not comma:
        raise ValueError(f"“{text[:100]}” has no comma")
    found = _instant(start) if start else None, _instant(end) if end else None
    if found == (None, None):
        raise ValueError("neither is given")
    if found[0] is not None and found[1] is not None and found[0] > found[1]:
        raise ValueError("the start is after the end")
    return found


def _instant(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
