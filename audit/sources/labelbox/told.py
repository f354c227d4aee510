"""What Labelbox tells beside its exports, brought to the data rows: versions of labels, issues with their comments.

They come by a cursor over the whole project, data rows come from an export in another order. For a full pass all of
them are put into a temporary file and looked up there, row by row; a few rows are asked for one by one.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import msgspec

from audit.sources.ahead import answers
from audit.sources.joint import Joint
from audit.sources.labelbox import wire
from audit.sources.labelbox.client import LabelboxClient, NotAllowed
from audit.sources.labelbox.export import exported, lines, raise_errors, total_lines
from audit.sources.values import item, part, text
from exportsite.temporary import TemporaryTables

AT_A_TIME = 4
"""Data rows that are asked for at the same time; each takes two requests."""
LARGEST_SLICE = 100_000
"""Data rows of a slice, beyond which they are not read: a slice is of the whole workspace."""


@dataclass(frozen=True, slots=True)
class Beside:
    """What is told of one data row beside its export, each in the bytes of the answer, in the platform's order.

    None where this key may not see it, or where it was not asked for.
    """

    versions: tuple[bytes, ...] | None = ()
    issues: tuple[bytes, ...] | None = ()
    slices: tuple[bytes, ...] | None = None
    """`{"id","name"}` of each slice that finds the data row."""


class Teller(Protocol):
    """Knows what is told beside the export."""

    def of(self, rows: Sequence[str]) -> Iterator[Beside]:
        """Of each data row, in their order."""
        ...


class Asked(Teller):
    """Asks for each data row."""

    def __init__(self, client: LabelboxClient) -> None:
        self.client = client

    def of(self, rows: Sequence[str]) -> Iterator[Beside]:
        """Several at a time."""
        for _, found in answers(self.one, rows, AT_A_TIME):
            yield found

    def one(self, row: str) -> Beside:
        """Of one data row."""
        return Beside(_seen(self.client.label_versions(row)), _seen(self.client.issues(row)))


class Spool:
    """Payloads by data row, in temporary tables: their number has no bound."""

    def __init__(self) -> None:
        # KiB of memory: there are several of these at a time.
        self._tables = TemporaryTables(
            "PRAGMA cache_size = -256", "CREATE TABLE told (row TEXT, seq INTEGER PRIMARY KEY, raw BLOB)"
        )

    def close(self) -> None:
        """Forget all."""
        self._tables.close()

    def add(self, found: Iterable[tuple[str, bytes]]) -> None:
        """Keep payloads with their data rows."""
        rows = ((row, zlib.compress(raw, 1)) for row, raw in found)
        self._tables.changed("INSERT INTO told (row, raw) VALUES (?, ?)", rows)

    def sort(self) -> None:
        """To be called once, after all was added."""
        self._tables.do("CREATE INDEX told_of ON told (row)")

    def of(self, row: str) -> tuple[bytes, ...]:
        """The payloads of one data row, in the order in which they were added."""
        found = self._tables.rows("SELECT raw FROM told WHERE row = ? ORDER BY seq", row)
        return tuple(zlib.decompress(raw) for (raw,) in found)


class Kept(Teller):
    """Looks into what was told of all data rows. All of it is to be read once before, side by side (`joint`)."""

    def __init__(self, client: LabelboxClient, joint: Joint) -> None:
        self.client = client
        self._joint = joint
        self._versions, self._issues, self._slices = Spool(), Spool(), Spool()
        self._closed: set[Spool] = set()

    def of(self, rows: Sequence[str]) -> Iterator[Beside]:
        """One after the other."""
        for row in rows:
            yield Beside(self._of(self._versions, row), self._of(self._issues, row), self._of(self._slices, row))

    def read_versions(self) -> None:
        """All versions of labels. Raises SourceError."""
        self._read(self._versions, ((self._row(raw), raw) for raw in self.client.label_versions()))

    def read_issues(self) -> None:
        """All issues; one may be about no data row: then nobody asks for it. Raises SourceError."""
        self._read(self._issues, ((text(item(raw), "dataRowId") or "", raw) for raw in self.client.issues()))

    def read_slices(self) -> None:
        """The data rows of each slice, as far as it is not too large. Raises SourceError."""
        self._read(self._slices, self._members_of_slices())

    def close(self) -> None:
        """Forget all."""
        for spool in (self._versions, self._issues, self._slices):
            spool.close()

    def _read(self, into: Spool, found: Iterable[tuple[str, bytes]]) -> None:
        try:
            into.add(self._joint.each(found))
        except NotAllowed:
            self._closed.add(into)
        else:
            into.sort()

    def _of(self, spool: Spool, row: str) -> tuple[bytes, ...] | None:
        return None if spool in self._closed else spool.of(row)

    def _members_of_slices(self) -> Iterator[tuple[str, bytes]]:
        for raw in self.client.slices():
            slice_ = item(raw)
            if (id_ := text(slice_, "id")) is None:
                continue
            about = msgspec.json.encode({"id": id_, "name": text(slice_, "name")})
            export = exported(self.client, "Slice", wire.slice_export(id_), self._joint.check)
            if total_lines(self.client, export) > LARGEST_SLICE:
                continue
            for line in lines(self.client, export):
                yield text(part(item(line), "data_row"), "id") or "", about
            raise_errors(self.client, export)

    def _row(self, raw: bytes) -> str:
        """Whose version it is."""
        if (row := text(item(raw), "dataRowId")) is None:
            raise self.client.web.nonsense("versions of its labels", "one of them is of no data row")
        return row


def _seen(found: Iterable[bytes]) -> tuple[bytes, ...] | None:
    """All of it; None where the key may not see it."""
    try:
        return tuple(found)
    except NotAllowed:
        return None
