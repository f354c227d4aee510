"""Which columns of a file (keys of a line, attributes of a XES event) hold what."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from audit.sources.files.errors import BadOption, listed, nearest

FIELDS: dict[str, tuple[str, ...]] = {
    "task": ("task", "task_id", "taskId", "case", "case_id", "case:concept:name"),
    "event": ("type", "event", "event_type", "eventType", "activity", "concept:name"),
    "time": ("time", "timestamp", "occurred_at", "created_at", "createdAt", "time:timestamp"),
    "actor": ("actor", "user", "person", "resource", "org:resource", "updatedBy", "createdBy"),
    "assignee": ("assignee",),
    "stage": ("stage", "stage_name"),
    "to_stage": ("to_stage",),
    "cycle": ("cycle",),
    "text": ("text", "comment", "message"),
    "id": ("event_id", "eventId", "id"),
    "name": ("task_name", "taskName", "title"),
    "email": ("actor_email",),
    "actor_name": ("actor_name",),
    "duration_ms": ("duration_ms", "active_ms", "timeSpentMs"),
    "duration_s": ("duration_s", "active_seconds", "seconds"),
    "lifecycle": ("lifecycle", "lifecycle:transition"),
}
"""Field to the names it is known by, best first. Case, spaces and hyphens don't matter."""

REQUIRED = ("task", "event", "time")
_TRAIL = frozenset({"actorKind", "updatedBy", "createdBy"})
"""Columns of trails that Labeltrail exports: their `actor` is a pseudonym, people stand in the others."""
_XES = {
    "event": "concept:name",
    "time": "time:timestamp",
    "actor": "org:resource",
    "lifecycle": "lifecycle:transition",
    "id": "identity:id",
}
_REMEMBERED = 10_000


def chosen(options: list[str]) -> dict[str, str]:
    """`field=NAME` options as a table; an empty NAME says that no column holds the field. Raises BadOption."""
    table: dict[str, str] = {}
    for option in options:
        field, equals, name = option.partition("=")
        if not equals:
            raise BadOption(f'--column "{option}": write field=NAME, for instance --column "actor=Annotator"')
        if field not in FIELDS:
            raise BadOption(
                f'--column "{option}": there is no field "{field}"{nearest(field, FIELDS)}; fields: {", ".join(FIELDS)}'
            )
        if table.setdefault(field, name) != name:
            raise BadOption(f'--column: {field} is given twice, as "{table[field]}" and "{name}"')
        if not name and field in REQUIRED:
            raise BadOption(f'--column "{option}": {field} is required, so it needs a column')
    return table


class Columns:
    """The columns of one file, recognised as they appear.

    `found` is field to the columns that hold it, best first: the first with a value counts. `mapped` are all columns
    in `found`. In XES the task is the trace's, no column of an event holds it.
    """

    def __init__(self, chosen: Mapping[str, str], *, xes: bool = False) -> None:
        if xes and "task" in chosen:
            raise BadOption("--column task=…: in XES the task is the trace, its concept:name is the task's id")
        self.found: dict[str, tuple[str, ...]] = {}
        self.mapped: frozenset[str] = frozenset()
        self._seen: dict[str, None] = {}
        self._missing = {name for name in chosen.values() if name}
        self._chosen = chosen
        self._ranks: dict[str, list[tuple[str, int]]] = {}
        for field, aliases in FIELDS.items():
            if field in chosen or (xes and field == "task"):
                continue
            first = (_XES[field],) if xes and field in _XES else ()
            for rank, alias in enumerate(dict.fromkeys(first + aliases)):
                self._ranks.setdefault(_fold(alias), []).append((field, rank))
        self._best: dict[str, list[tuple[int, str]]] = {}

    def learn(self, names: Collection[str]) -> None:
        """Take note of the columns of one row."""
        if self._seen.keys() >= set(names):
            return
        for name in names:
            if name not in self._seen:
                self._recognise(name)
        if len(self._seen) > _REMEMBERED:  # A file whose every line has other keys must not fill the memory.
            self._seen = dict.fromkeys(self.mapped)
        self.found = {field: tuple(name for _, name in sorted(best)) for field, best in self._best.items()}
        if "actor" in self.found and "actor" not in self._chosen and self._seen.keys() >= _TRAIL:
            self.found["actor"] = tuple(name for name in self.found["actor"] if name != "actor")
        self.mapped = frozenset(name for names in self.found.values() for name in names)

    def _recognise(self, name: str) -> None:
        self._seen[name] = None
        self._missing.discard(name)
        for field, rank in self._ranks.get(_fold(name), ()):
            best = self._best.setdefault(field, [])
            if len(best) < len(FIELDS[field]) * 2 and (rank, name) not in best:
                best.append((rank, name))
        for field, column in self._chosen.items():
            if column == name:
                self._best[field] = [(0, name)]

    @property
    def seen(self) -> tuple[str, ...]:
        """The columns so far, in order of appearance."""
        return tuple(self._seen)

    def lack(self, fields: Iterable[str]) -> str | None:
        """What to tell someone whose file has no column for one of the fields; None when it has all."""
        for field in fields:
            if field not in self.found:
                wanted = self._chosen.get(field)
                if wanted:
                    return self._absent(wanted, field)
                return (
                    f"no column holds the {field} (looked for: {', '.join(FIELDS[field])}); name it with "
                    f"--column {field}=NAME. The file has: {listed(self._seen) or 'no columns'}"
                )
        return None

    def never_seen(self) -> str | None:
        """What to tell someone who chose a column that the file turned out not to have; None when it has all."""
        for field, name in self._chosen.items():
            if name in self._missing:
                return self._absent(name, field)
        return None

    def _absent(self, name: str, field: str) -> str:
        near = nearest(name, self._seen)
        return f'--column {field}={name}: the file has no "{name}"{near}; it has: {listed(self._seen)}'


def _fold(name: str) -> str:
    return name.strip().casefold().replace(" ", "_").replace("-", "_")
