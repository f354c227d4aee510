"""Texts with their marked spans, for formats of named entities."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from audit.annotations import Ontology, TextSpan
from exports.archive.build import Archive, Skipped
from exports.formats.labels.annotated import Asset, LabelItem
from exports.formats.labels.sheets import skip_asset

WITH_TEXT = frozenset({"text", "html", "conversation"})
"""Kinds of media that may have a text."""


@dataclass(frozen=True, slots=True)
class Marked:
    """A text, and the spans of one label in it, by where they begin. `classes` are what spans are called."""

    asset: Asset
    item: LabelItem
    text: str
    spans: tuple[TextSpan, ...]


def marked(archive: Archive, asset: Asset) -> Iterator[Marked] | None:
    """The asset's text with each label's spans; None, when nothing could be written of it and it was skipped.

    A span outside of the text, of no length, or of no class has a line in errors.ndjson.
    """
    text = next((medium.text for medium in asset.media if medium.text is not None), None)
    if text is None:
        skip_asset(archive, asset, "no_text", "its text is not in the record, only where it is")
        return None
    return _marked(archive, asset, text)


def _marked(archive: Archive, asset: Asset, text: str) -> Iterator[Marked]:
    for item in asset.labels:
        kept: list[TextSpan] = []
        for one in item.said.annotations:
            if not isinstance(one, TextSpan):
                continue
            if one.message is not None:
                _note(archive, asset, item, one, "not_held", "a span of one message of a conversation")
            elif not 0 <= one.start < one.end <= len(text):
                _note(archive, asset, item, one, "bad_geometry", f"the text has no span {one.start} to {one.end}")
            elif not one.classes:
                _note(archive, asset, item, one, "no_class", "the span has no class")
            else:
                kept.append(one)
        yield Marked(asset, item, text, tuple(sorted(kept, key=lambda one: (one.start, -one.end))))


def apart(archive: Archive, found: Marked, spans: Sequence[TextSpan]) -> list[TextSpan]:
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


def _note(archive: Archive, asset: Asset, item: LabelItem, one: TextSpan, code: str, text: str) -> None:
    task, label = asset.task.task, item.row.external_id
    archive.warn(Skipped(task, code, text, label, one.job, one.id or one.object))
