"""What Labelbox tells beside its exports, brought to the data rows: versions of labels, issues with their comments.

They come by a cursor over the whole project, data rows come from an export in another order. For a full pass all of
them are put into a temporary file and looked up there, row by row; a few rows are asked for one by one.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from audit.sources.ahead import answers
from audit.sources.labelbox.client import LabelboxClient
from audit.sources.values import item, text

AT_A_TIME = 4
"""Data rows that are asked for at the same time; each takes two requests."""


@dataclass(frozen=True, slots=True)
class Beside:
    """What is told of one data row beside its export, each in the bytes of the answer, in the platform's order."""

    versions: tuple[bytes, ...] = ()
    issues: tuple[bytes, ...] = ()


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
        return Beside(tuple(self.client.label_versions(row)), tuple(self.client.issues(row)))


class Spool:
    """Payloads by data row, in a temporary file that goes with this object: their number has no bound."""

    def __init__(self) -> None:
        # "": a file without a name. Whoever stops early closes it from another thread than the one that reads ahead.
        self._tables = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._tables.execute("PRAGMA journal_mode = OFF")
        self._tables.execute("PRAGMA synchronous = OFF")
        self._tables.execute("CREATE TABLE told (row TEXT, seq INTEGER PRIMARY KEY, raw BLOB)")

    def close(self) -> None:
        """Forget all."""
        self._tables.close()

    def add(self, found: Iterable[tuple[str, bytes]]) -> None:
        """Keep payloads with their data rows."""
        rows = ((row, zlib.compress(raw, 1)) for row, raw in found)
        self._tables.execute("BEGIN")
        self._tables.executemany("INSERT INTO told (row, raw) VALUES (?, ?)", rows)
        self._tables.execute("COMMIT")

    def sort(self) -> None:
        """To be called once, after all was added."""
        self._tables.execute("CREATE INDEX told_of ON told (row)")

    def of(self, row: str) -> tuple[bytes, ...]:
        """The payloads of one data row, in the order in which they were added."""
        query = "SELECT raw FROM told WHERE row = ? ORDER BY seq"
        return tuple(zlib.decompress(raw) for (raw,) in self._tables.execute(query, (row,)))


class Kept(Teller):
    """Looks into what was told of all data rows. Both are to be read once before."""

    def __init__(self, client: LabelboxClient) -> None:
        self.client = client
        self.versions, self.issues = Spool(), Spool()

    def of(self, rows: Sequence[str]) -> Iterator[Beside]:
        """One after the other."""
        for row in rows:
            yield Beside(self.versions.of(row), self.issues.of(row))

    def read_versions(self) -> None:
        """All versions of labels. Raises SourceError."""
        self.versions.add((self._row(raw), raw) for raw in self.client.label_versions())
        self.versions.sort()

    def read_issues(self) -> None:
        """All issues; one may be about no data row: then nobody asks for it. Raises SourceError."""
        self.issues.add((text(item(raw), "dataRowId") or "", raw) for raw in self.client.issues())
        self.issues.sort()

    def close(self) -> None:
        """Forget all."""
        self.versions.close()
        self.issues.close()

    def _row(self, raw: bytes) -> str:
        """Whose version it is."""
        if (row := text(item(raw), "dataRowId")) is None:
            raise self.client.web.nonsense("versions of its labels", "one of them is of no data row")
        return row
