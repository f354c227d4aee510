"""Texts with their marked spans, for formats of named entities."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from msgspec.structs import replace

from audit.annotations import Annotation, TextSpan
from audit.ontology import Ontology
from audit.sources import from_files
from audit.textunits import code_points, units_in
from exports.archive.build import Leaving, Noting, Skipped
from exports.formats.base import MediaOf, NoMedium, ProjectInfo, Snapshot, Value
from exports.formats.labels.annotated import AnnotatedFormat, Asset, LabelItem, chosen
from exports.formats.labels.media import media_files
from exports.formats.labels.sheets import skip_asset

WITH_TEXT = frozenset({"text", "html", "conversation"})
"""Kinds of media that may have a text."""
FILES = frozenset({"text"})
"""Kinds of media whose files are texts."""
LARGEST = 1 << 28
"""Bytes of a file that is read as a text."""

NOT_TOLD = (
    "The texts of this project are not in the record, only where they are: named entities are words of a text. Let "
    "exports fetch them: set the project's media to on_export, on its page Sync or with manage.py connect --media "
    "on_export, and ask again."
)
OF_FILES = (
    "This project was loaded from files, which name its texts and hold none: named entities are words of a text. "
    "Connect the project at its platform, with its media set to on_export, to have them."
)


class SpansFormat(AnnotatedFormat):
    """A format of marked spans of texts: those in the record, and files of texts that the project keeps or fetches."""

    holds: ClassVar[tuple[type[Annotation], ...]] = (TextSpan,)
    of_media: ClassVar[frozenset[str]] = WITH_TEXT

    def refusal(self, project: ProjectInfo) -> str:
        """Also where no text can be had."""
        if reason := super().refusal(project):
            return reason
        if project.texts_told is False and not project.media_kept:
            return OF_FILES if from_files(project.source) else NOT_TOLD
        return ""

    def unfit(self, ontology: Ontology) -> str:
        """It holds marked spans of text."""
        return "" if entity_jobs(ontology) else "the project has no job in which spans of text are marked"

    def media(self, project: ProjectInfo, values: Mapping[str, Value]) -> MediaOf | None:
        """Files of texts, of tasks with a label that is meant, where the project keeps or fetches them."""
        if not project.media_kept:
            return None
        return media_files(project, FILES, lambda task: bool(chosen(task, values)))


@dataclass(frozen=True, slots=True)
class Marked:
    """A text, and the spans of one label in it, by where they begin. `classes` are what spans are called."""

    asset: Asset
    item: LabelItem
    text: str
    spans: tuple[TextSpan, ...]


def marked(archive: Leaving, snapshot: Snapshot, asset: Asset) -> Iterator[Marked] | None:
    """The asset's text with each label's spans; None, when nothing could be written of it and it was skipped.

    A span outside of the text, of no length, or of no class has a line in errors.ndjson.
    """
    text = next((medium.text for medium in asset.media if medium.text is not None), None)
    if text is not None:
        return _marked(archive, asset, text)
    why = "its text is not in the record, only where it is"
    file = next((medium.files[0] for medium in asset.media if medium.kind in FILES and medium.files), None)
    if file is not None and snapshot.project.media_kept:
        try:
            with snapshot.medium(asset.task, file) as source:
                return _marked(archive, asset, source.read(LARGEST).decode("utf-8-sig"), fetched=True)
        except NoMedium as error:
            why = f"its text is not in the record, and its file not to be had: {error}"
        except UnicodeDecodeError:
            why = "its file is no text in UTF-8"
    skip_asset(archive, asset, "no_text", why)
    return None


def _marked(archive: Noting, asset: Asset, text: str, *, fetched: bool = False) -> Iterator[Marked]:
    for item in asset.labels:
        kept: list[TextSpan] = []
        for one in item.said.annotations:
            if not isinstance(one, TextSpan):
                continue
            if fetched:
                one = _placed(one, text)
            if one.message is not None:
                _note(archive, asset, item, one, "not_held", "a span of one message of a conversation")
            elif not 0 <= one.start < one.end <= len(text):
                _note(archive, asset, item, one, "bad_geometry", f"the text has no span {one.start} to {one.end}")
            elif not one.classes:
                _note(archive, asset, item, one, "no_class", "the span has no class")
            else:
                kept.append(one)
        yield Marked(asset, item, text, tuple(sorted(kept, key=lambda one: (one.start, -one.end))))


def _placed(one: TextSpan, text: str) -> TextSpan:
    """The span in a text that was not there when the label was read: where units were counted, they become code points
    as soon as its words say so."""
    if one.quote is None or text[one.start : one.end] == one.quote:
        return one
    start, end = code_points(one.start, one.start + units_in(one.quote), text, one.quote)
    return replace(one, start=start, end=end) if text[start:end] == one.quote else one


def apart(archive: Noting, found: Marked, spans: Sequence[TextSpan]) -> list[TextSpan]:
    """Spans of which none lies over another: the longest is kept, of equal ones the first. The others are noted."""
    kept: list[TextSpan] = []
    for one in sorted(spans, key=lambda one: (one.start - one.end, one.start)):
        place = bisect_left(kept, one.start, key=lambda other: other.start)
        before, after = kept[place - 1 : place], kept[place : place + 1]
        if any(other.end > one.start for other in before) or any(other.start < one.end for other in after):
            text = "another span lies over it, which this file can't say"
            _note(archive, found.asset, found.item, one, "overlap", text)
        else:
            kept.insert(place, one)
    return kept


def entity_jobs(ontology: Ontology) -> tuple[str, ...]:
    """The jobs that mark spans of text."""
    return tuple(job.key for job in ontology.jobs if job.kind == "entities")


def _note(archive: Noting, asset: Asset, item: LabelItem, one: TextSpan, code: str, text: str) -> None:
    task, label = asset.task.task, item.row.external_id
    archive.warn(Skipped(task, code, text, label, one.job, one.id or one.object))
