"""Kili's filters of assets by their labels: one label has to match all of them; then the asset is there, with all of
its labels.

Who labelled and who reviewed: of a review the labeler is the author of the newest label before it that is none, of any
other label its author; the reviewer is the author of the review, or of the first one after the label.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import orjson

from exports.formats.base import LabelRow
from exports.formats.kili.category_search import Counts, counts_of, parsed

REVIEW = "REVIEW"
Payload = Mapping[str, Any]


@dataclass(slots=True)
class Said:
    """A label as filters see it. `label` is Kili's payload of it, `flags` are marks; both empty of other platforms."""

    row: LabelRow
    label: Payload
    flags: Payload
    labeler: LabelRow | None
    reviewer: LabelRow | None
    people: Mapping[str, frozenset[str]]
    """What the author of each label of the asset is called, by the label's id."""
    _counts: Counts | None = field(default=None)

    @property
    def counts(self) -> Counts:
        """How often it names each category."""
        if self._counts is None:
            self._counts = counts_of(self.label.get("jsonResponse"))
        return self._counts

    def called(self, row: LabelRow | None) -> frozenset[str]:
        """All that the author of a label is called."""
        return frozenset() if row is None else self.people.get(row.external_id, frozenset())


Test = Callable[[Said, tuple[str, ...]], bool]


def _author(said: Said, values: tuple[str, ...]) -> bool:
    return not said.called(said.row).isdisjoint(values)


def _who(which: str, *, wanted: bool) -> Test:
    def test(said: Said, values: tuple[str, ...]) -> bool:
        called = said.called(getattr(said, which))
        return bool(called) and called.isdisjoint(values) != wanted

    return test


def _mark(name: str, *, least: bool) -> Test:
    def test(said: Said, values: tuple[str, ...]) -> bool:
        mark = said.flags.get(name, said.label.get(name))
        if isinstance(mark, bool) or not isinstance(mark, int | float):
            return False
        return mark >= float(values[0]) if least else mark <= float(values[0])

    return test


def _made(how: Callable[[date, date], bool]) -> Test:
    def test(said: Said, values: tuple[str, ...]) -> bool:
        made = said.row.created_at
        return made is not None and any(how(made.date(), date.fromisoformat(value)) for value in values)

    return test


def _search(said: Said, values: tuple[str, ...]) -> bool:
    return any(parsed(value)(said.counts) for value in values)


ANYWHERE: dict[str, Test] = {
    "label_type_in": lambda said, values: said.row.kind in values,
    "label_created_at": _made(lambda made, asked: made == asked),
    "label_created_at_gte": _made(lambda made, asked: made >= asked),
    "label_created_at_lte": _made(lambda made, asked: made <= asked),
}
"""Filters that any project's labels can be asked."""

OF_KILI: dict[str, Test] = {
    "label_author_in": _author,
    "label_labeler_in": _who("labeler", wanted=True),
    "label_labeler_not_in": _who("labeler", wanted=False),
    "label_reviewer_in": _who("reviewer", wanted=True),
    "label_reviewer_not_in": _who("reviewer", wanted=False),
    "label_consensus_mark_gte": _mark("consensusMark", least=True),
    "label_consensus_mark_lte": _mark("consensusMark", least=False),
    "label_honeypot_mark_gte": _mark("honeypotMark", least=True),
    "label_honeypot_mark_lte": _mark("honeypotMark", least=False),
    "label_category_search": _search,
}
"""Filters that ask Kili's own payload."""

TESTS = {**ANYWHERE, **OF_KILI}


def labels_said(rows: Sequence[LabelRow], flags: Sequence[Payload], *, of_kili: bool) -> Iterator[Said]:
    """The labels of an asset, in its order."""
    labels = [_label(row) if of_kili else {} for row in rows]
    marks = {str(one.get("id")): one for one in flags}
    people = {row.external_id: _called(row, label) for row, label in zip(rows, labels, strict=True)}
    for place, (row, label) in enumerate(zip(rows, labels, strict=True)):
        labeler: LabelRow | None = row
        reviewer: LabelRow | None = row
        if row.kind == REVIEW:
            labeler = next((one for one in reversed(rows[:place]) if one.kind != REVIEW), None)
        else:
            reviewer = next((one for one in rows[place + 1 :] if one.kind == REVIEW), None)
        yield Said(row, label, marks.get(row.external_id, {}), labeler, reviewer, people)


def _label(row: LabelRow) -> Payload:
    try:
        found = orjson.loads(row.content)
    except orjson.JSONDecodeError:
        return {}
    label = found.get("label") if isinstance(found, dict) else None
    return label if isinstance(label, dict) else {}


def _called(row: LabelRow, label: Payload) -> frozenset[str]:
    """Id, address, name, first and last name; the pseudonym in any case."""
    found = {row.author} if row.author else set()
    author = label.get("author")
    if isinstance(author, dict):
        name, length = author.get("name"), author.get("firstnameLength")
        found |= {text for key in ("id", "email", "name") if isinstance(text := author.get(key), str)}
        if isinstance(name, str) and isinstance(length, int):
            found |= {name[:length].strip(), name[length:].strip()}
    return frozenset(one for one in found if one)
