"""What a load may be told about its file, checked before the file is opened."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias, get_args

from audit.sources.files import eventnames, fields, times
from audit.sources.files.errors import BadOption, nearest

Kind: TypeAlias = Literal["xes", "csv", "ndjson", "redbrick"]
ActiveTime: TypeAlias = Literal["auto", "duration", "pairs", "none"]


@dataclass(frozen=True, slots=True)
class FileOptions:
    """How to read a file. `kind` None: by its content. `zone` (IANA): what times without one mean; "" refuses them.

    `columns` is field to column, `types` an event's name in the file to one of our types. `active_time`: from a column
    of durations, from pairs of start and completion, from the first of these that the file has (`auto`), or not at all.
    """

    kind: Kind | None = None
    zone: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    types: Mapping[str, str] = field(default_factory=dict)
    active_time: ActiveTime = "auto"

    @classmethod
    def parse(
        cls,
        *,
        kind: str | None = None,
        zone: str = "",
        columns: Iterable[str] = (),
        types: Iterable[str] = (),
        active_time: str = "auto",
    ) -> FileOptions:
        """From the texts of a command line. Raises BadOption for the first that can't be followed."""
        times.zone_named(zone)
        checked_kind: Kind | None = None
        for known in get_args(Kind):
            checked_kind = known if kind == known else checked_kind
        if kind is not None and checked_kind is None:
            raise BadOption(
                f'--kind: there is no kind "{kind}"{nearest(kind, get_args(Kind))}; kinds: {", ".join(get_args(Kind))}'
            )
        if active_time not in get_args(ActiveTime):
            raise BadOption(
                f'--active-time: "{active_time}" is none of {", ".join(get_args(ActiveTime))}'
                f"{nearest(active_time, get_args(ActiveTime))}"
            )
        return cls(
            kind=checked_kind,
            zone=zone,
            columns=fields.chosen(list(columns)),
            types=eventnames.mapped(list(types)),
            active_time=active_time,  # type: ignore[arg-type]  # one of get_args(ActiveTime), see above
        )
