"""Model runs of data rows: what models said of them, and in which split they are.

An export of a project says nothing of model runs. So its rows are put aside, as many as one export can be asked for by
their ids, and the catalog is asked for the model runs of these.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import islice, takewhile
from tempfile import TemporaryFile

import msgspec

from audit.sources.ahead import ahead
from audit.sources.labelbox import wire
from audit.sources.labelbox.client import LabelboxClient
from audit.sources.labelbox.export import exported, lines, raise_errors
from audit.sources.labelbox.rows import row_id
from audit.sources.labelbox.told import Spool
from audit.sources.values import mended


class _Experiments(msgspec.Struct):
    experiments: msgspec.Raw = msgspec.Raw(b"{}")


class _Batch:
    """Rows that are put aside, with the model runs of each."""

    def __init__(self, client: LabelboxClient, rows: Iterable[bytes]) -> None:
        self._kept, self._aside = Spool(), TemporaryFile()  # noqa: SIM115 - `rows` closes it
        self._ids: list[str] = []
        for row in rows:
            self._ids.append(row_id(row))
            self._aside.write(row + b"\n")
        if self._ids:
            export = exported(client, "Catalog", wire.runs_export(self._ids))
            self._kept.add((row_id(line), _experiments(client, line)) for line in lines(client, export))
            raise_errors(client, export)
            self._kept.sort()

    def __len__(self) -> int:
        return len(self._ids)

    def rows(self) -> Iterator[tuple[bytes, bytes | None]]:
        """Each row with its model runs. To be asked for once."""
        with self._aside, closing(self._kept):
            self._aside.seek(0)
            for row, id_ in zip(self._aside, self._ids, strict=True):
                yield row[:-1], next(iter(self._kept.of(id_)), None)


def with_runs(client: LabelboxClient, rows: Iterator[bytes]) -> Iterator[tuple[bytes, bytes | None]]:
    """Each row with its model runs ("experiments"), None where it has none. Raises SourceError.

    The next export is made while rows of this one are taken.
    """
    batches = iter(lambda: _Batch(client, islice(rows, wire.MAX_IDS)), None)
    for batch in ahead(takewhile(len, batches), 1):
        yield from batch.rows()


def _experiments(client: LabelboxClient, line: bytes) -> bytes:
    return bytes(client.decoded(mended(line), _Experiments, "model runs of its data rows").experiments)
