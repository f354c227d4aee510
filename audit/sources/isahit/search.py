"""The filters of the SDK's `tasks()`: what they ask the server for, and which tasks of a record they mean."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from audit.sources.values import Item, instant, part, text, when

STATUSES = ("pending", "complete", "to-review", "reviewed", "configuring")
_SIGNS = ((">", "gt"), (">=", "gte"), ("<", "lt"), ("<=", "lte"))

Scalar = str | int | float


class BadSearch(ValueError):
    """A search that can't be asked for; the text says why."""


@dataclass(frozen=True, slots=True)
class TaskSearch:
    """A search, by the SDK's names. Times are "YYYY-MM-DD HH:MM:SS" in UTC; `name_like` is a regular expression.

    All conditions must hold; of a list one value. Raises BadSearch for a status, time or expression that is none.
    """

    batch_id_in: tuple[str, ...] = ()
    status_in: tuple[str, ...] = ()
    task_id_in: tuple[str, ...] = ()
    name_in: tuple[str, ...] = ()
    name_like: str | None = None
    created_at_gt: str | None = None
    created_at_gte: str | None = None
    created_at_lt: str | None = None
    created_at_lte: str | None = None
    updated_at_gt: str | None = None
    updated_at_gte: str | None = None
    updated_at_lt: str | None = None
    updated_at_lte: str | None = None
    data: Mapping[str, Scalar] = field(default_factory=dict)
    properties: Mapping[str, Scalar] = field(default_factory=dict)

    def __post_init__(self) -> None:
        unknown = [status for status in self.status_in if status not in STATUSES]
        if unknown:
            raise BadSearch(f'"{unknown[0]}" is no status of a task; statuses: {", ".join(STATUSES)}')
        for name, _, written in self._times():
            try:
                instant(written)
            except ValueError:
                raise BadSearch(
                    f'{name} is "{written[:60]}", which is no time; write it as 2024-12-25 00:00:00'
                ) from None
        try:
            re.compile(self.name_like or "")
        except re.error as error:
            raise BadSearch(f"name_like is no regular expression: {error}") from None

    def query(self) -> Iterator[tuple[str, str]]:
        """What is asked for, in the SDK's order; what comes with a task (`optionalFields`) is put before the times."""
        yield from (("batchIds", value) for value in self.batch_id_in)
        yield from (("statuses", value) for value in self.status_in)
        if self.name_like:
            yield "nameLike", self.name_like
        yield from (("taskIds", value) for value in self.task_id_in)
        yield from (("taskNames", value) for value in self.name_in)

    def times(self) -> Iterator[tuple[str, str]]:
        """What is asked for of times, data and properties, which the SDK puts behind the optional fields."""
        yield from ((name, sign + written) for name, sign, written in self._times())
        yield from ((f"data.{name}", str(value)) for name, value in self.data.items())
        yield from ((f"properties.{name}", str(value)) for name, value in self.properties.items())

    def matches(self, task: Item, body: Item) -> bool:
        """Whether the search means the task (as the API tells it); `body` is what its data says."""
        for wanted, name in (
            (self.batch_id_in, "batchId"),
            (self.status_in, "status"),
            (self.task_id_in, "_id"),
            (self.name_in, "name"),
        ):
            if wanted and text(task, name) not in wanted:
                return False
        if self.name_like and not re.search(self.name_like, text(task, "name") or ""):
            return False
        properties = part(task, "properties")
        return (
            all(_holds(when(task, name)[1], sign, instant(written)) for name, sign, written in self._times())
            and all(_equal(body.get(name), value) for name, value in self.data.items())
            and all(_equal(properties.get(name), value) for name, value in self.properties.items())
        )

    def _times(self) -> Iterator[tuple[str, str, str]]:
        """Field of the task, sign and time of each condition."""
        for name, prefix in (("createdAt", "created_at"), ("updatedAt", "updated_at")):
            for sign, suffix in _SIGNS:
                written: str | None = getattr(self, f"{prefix}_{suffix}")
                if written:
                    yield name, sign, written


def _holds(moment: datetime | None, sign: str, limit: datetime) -> bool:
    if moment is None:
        return False
    if moment == limit:
        return sign.endswith("=")
    return (moment > limit) == sign.startswith(">")


def _equal(found: object, wanted: Scalar) -> bool:
    """As a query compares: by its text, whatever kind of value it was."""
    return found == wanted or (isinstance(found, str | int | float) and str(found) == str(wanted))
