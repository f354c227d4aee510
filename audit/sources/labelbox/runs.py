"""Model runs of data rows: what models said of them, and in which split they are.

An export of a project says nothing of model runs. So its rows are put aside, as many as one export can be asked for by
their ids, and the catalog is asked for the model runs of these.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from tempfile import TemporaryFile

import msgspec

from audit.sources.labelbox import wire
from audit.sources.labelbox.client import LabelboxClient
from audit.sources.labelbox.export import exported, lines, raise_errors
from audit.sources.labelbox.rows import row_id
from audit.sources.labelbox.told import Spool
from audit.sources.values import mended


class _Experiments(msgspec.Struct):
    experiments: msgspec.Raw = msgspec.Raw(b"{}")


def with_runs(client: LabelboxClient, rows: Iterator[bytes]) -> Iterator[tuple[bytes, bytes | None]]:
    """Each row with its model runs ("experiments"), None where it has none. Raises SourceError."""
    while True:
        with TemporaryFile() as aside, closing(Spool()) as kept:
            ids: list[str] = []
            for row in islice(rows, wire.MAX_IDS):
                ids.append(row_id(row))
                aside.write(row + b"\n")
            if not ids:
                return
            export = exported(client, "Catalog", wire.runs_export(ids))
            kept.add((row_id(line), _experiments(client, line)) for line in lines(client, export))
            raise_errors(client, export)
            kept.sort()
            aside.seek(0)
            for row, id_ in zip(aside, ids, strict=True):
                yield row[:-1], next(iter(kept.of(id_)), None)


def _experiments(client: LabelboxClient, line: bytes) -> bytes:
    return bytes(client.decoded(mended(line), _Experiments, "model runs of its data rows").experiments)
