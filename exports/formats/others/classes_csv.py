"""`classification_csv`: what was chosen for each asset, a choice a row, RFC 4180 in UTF-8."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC
from typing import ClassVar

from audit.annotations import Annotation, Answer, Classification, Transcription
from audit.ontology import Ontology
from exports.archive.build import Archive
from exports.formats.base import LabelledTask, Progress, Snapshot, Value, Written
from exports.formats.events.trail import neutral
from exports.formats.labels.annotated import AnnotatedFormat, Asset, LabelItem, ontology_of
from exports.formats.labels.made import Kept, told, write_lines, written

COLUMNS = (
    "task", "name", "label", "kind", "author", "created_at", "job", "path", "class", "title", "text", "number",
    "confidence", "frame", "page",
)  # fmt: skip
SEPARATOR = " / "


class ClassificationCsvFormat(AnnotatedFormat):
    """Classifications and transcriptions of whole assets, nested ones too."""

    slug: ClassVar[str] = "classification_csv"
    title: ClassVar[str] = "Classifications as CSV"
    extension: ClassVar[str] = "csv"
    beside: ClassVar[bool] = True
    holds: ClassVar[tuple[type[Annotation], ...]] = (Classification, Transcription)

    def unfit(self, ontology: Ontology) -> str:
        """It holds answers about whole assets."""
        fit = any(job.kind in ("classification", "transcription") and not job.nested for job in ontology.jobs)
        return "" if fit else "the project has no job in which whole assets are classified"

    def write(self, archive: Archive, snapshot: Snapshot, values: Mapping[str, Value], progress: Progress) -> Written:
        """A row for each choice; an asset without any has a row with nothing but itself and its label."""
        ontology, kept, count = ontology_of(snapshot.project), Kept(), Counter[str]()
        titles = {(job.key, one.key): one.title for job in ontology.jobs for one in job.classes}

        def make(task: LabelledTask) -> bytes:
            asset = self.asset(kept, snapshot, ontology, task, values)
            lines: list[bytes] = []
            for item in asset.labels:
                head = _head(snapshot, asset, item)
                rows = list(_rows(item, titles)) or [("",) * (len(COLUMNS) - len(head))]
                lines += [_line((*head, *row)) for row in rows]
            return b"".join(lines)

        with archive.file("classifications.csv") as target:
            target.write(_line(COLUMNS))
            write_lines(target, told(archive, snapshot, make, kept, count, progress))
        return written(count)


def _head(snapshot: Snapshot, asset: Asset, item: LabelItem) -> tuple[object, ...]:
    row = item.row
    created = row.created_at.astimezone(UTC).isoformat(timespec="microseconds") if row.created_at else ""
    return asset.task.task, asset.task.name, row.external_id, row.kind, snapshot.person(row.author) or "", created


def _rows(item: LabelItem, titles: Mapping[tuple[str, str], str]) -> Iterator[tuple[object, ...]]:
    for one in item.said.annotations:
        place = (_plain(one.frame), _plain(one.page))
        if isinstance(one, Transcription):
            yield one.job, one.job, "", "", one.text, "", "", *place
        elif isinstance(one, Classification):
            for row in _answers(one.answer, one.answer.job, titles):
                yield one.job, *row, *place


def _answers(answer: Answer, path: str, titles: Mapping[tuple[str, str], str]) -> Iterator[tuple[object, ...]]:
    """The answer and those nested in it: path, class, title, text, number, confidence."""
    if answer.text is not None or answer.number is not None:
        yield path, "", "", answer.text or "", _plain(answer.number), ""
    elif not answer.choices:
        yield path, "", "", "", "", ""
    for choice in answer.choices:
        title = titles.get((answer.job, choice.key), choice.key)
        yield path, choice.key, title, "", "", _plain(choice.confidence)
        for inner in choice.answers:
            yield from _answers(inner, SEPARATOR.join((path, choice.key, inner.job)), titles)


def _plain(value: object) -> object:
    return "" if value is None else value


def _line(cells: tuple[object, ...]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerow([neutral(cell) for cell in cells])
    return out.getvalue().encode()
