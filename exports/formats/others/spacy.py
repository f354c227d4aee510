"""`spacy`: named entities as spaCy takes them for training (https://spacy.io/api/data-formats), a text a line.

`entities` are [start, end, class] of spans of which none lies over another, as spaCy wants them; `spans` are all of
them by job, as its SpanCategorizer takes them. Offsets count code points.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, ClassVar

import orjson

from exports.archive.build import Archive, Noting
from exports.formats.base import LabelledTask, Progress, Snapshot, Value, Written
from exports.formats.labels.annotated import titled_ontology
from exports.formats.labels.made import Kept, told, write_lines, written
from exports.formats.others.spans import Marked, SpansFormat, apart, marked


class SpacyFormat(SpansFormat):
    """Named entities, a text a line."""

    slug: ClassVar[str] = "spacy"
    title: ClassVar[str] = "spaCy JSONL (named entities)"
    extension: ClassVar[str] = "jsonl"
    beside: ClassVar[bool] = True

    def write(self, archive: Archive, snapshot: Snapshot, values: Mapping[str, Value], progress: Progress) -> Written:
        """One line for each label of each text."""
        ontology, kept, count = titled_ontology(snapshot.project), Kept(), Counter[str]()

        def make(task: LabelledTask) -> bytes | None:
            asset = self.asset(kept, snapshot, ontology, task, values)
            found = marked(kept, snapshot, asset) if asset.labels else ()
            if found is None:
                return None
            return b"".join(orjson.dumps(_line(kept, one), option=orjson.OPT_APPEND_NEWLINE) for one in found)

        with archive.file("entities.jsonl") as target:
            write_lines(target, told(archive, snapshot, make, kept, count, progress))
        return written(count)


def _line(archive: Noting, found: Marked) -> dict[str, Any]:
    by_job: dict[str, list[list[Any]]] = {}
    for span in found.spans:
        by_job.setdefault(span.job, []).append([span.start, span.end, span.classes[0]])
    task = found.asset.task
    return {
        "text": found.text,
        "entities": [[span.start, span.end, span.classes[0]] for span in apart(archive, found, found.spans)],
        "spans": by_job,
        "meta": {"task": task.task, "name": task.name, "label": found.item.row.external_id},
    }
