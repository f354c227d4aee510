"""`spacy`: named entities as spaCy takes them for training (https://spacy.io/api/data-formats), a text a line.

`entities` are [start, end, class] of spans of which none lies over another, as spaCy wants them; `spans` are all of
them by job, as its SpanCategorizer takes them. Offsets count code points.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import orjson

from exports.archive.build import Archive
from exports.formats.base import Progress, Snapshot, Value, Written
from exports.formats.others.spans import Marked, SpansFormat, apart, marked


class SpacyFormat(SpansFormat):
    """Named entities, a text a line."""

    slug: ClassVar[str] = "spacy"
    title: ClassVar[str] = "spaCy JSONL (named entities)"
    extension: ClassVar[str] = "jsonl"
    beside: ClassVar[bool] = True

    def write(self, archive: Archive, snapshot: Snapshot, values: Mapping[str, Value], progress: Progress) -> Written:
        """One line for each label of each text."""
        tasks = labels = 0
        with archive.file("entities.jsonl") as target:
            for done, asset in enumerate(self.assets(archive, snapshot, values), 1):
                if not asset.labels:
                    tasks, labels = tasks + 1, labels + len(asset.task.labels)
                elif (found := marked(archive, snapshot, asset)) is not None:
                    for one in found:
                        target.write(orjson.dumps(_line(archive, one), option=orjson.OPT_APPEND_NEWLINE))
                    tasks, labels = tasks + 1, labels + len(asset.task.labels)
                progress(done)
        return {"tasks": tasks, "labels": labels}


def _line(archive: Archive, found: Marked) -> dict[str, Any]:
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
