"""What a line says: its text, whose label it is, and the spans that are marked in it.

Labeltrail writes `spans` by job as [start, end, class], and once more in `entities` those that do not overlap; `meta`
names task and label. spaCy has `ents` and `spans` by key, or `entities`, Prodigy a list of `spans`, each with `start`,
`end` and `label`. Offsets count code points.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from audit.sources.values import Item, part, text, values

ENTITIES, SPANS = "entities", "spans"
"""The jobs of spans that name none, by the field in which they stand."""
LABEL = "spans"
"""The id of a label that the line does not name."""
_REPEATED = ("entities", "ents")
_KINDS = {"reject": "REJECTED", "ignore": "IGNORED"}
UNREAD = ("cats", "label", "labels", "accept", "relations")
"""What lines may say besides, of which nothing is read."""


def is_line(said: Item) -> bool:
    """Whether it is a text with marked words."""
    marked = any(isinstance(said.get(name), list | dict) for name in (*_REPEATED, "spans"))
    return isinstance(said.get("text"), str) and marked


def is_ours(said: Item) -> bool:
    """Whether Labeltrail wrote the line."""
    meta = part(said, "meta")
    return text(meta, "task") is not None and text(meta, "label") is not None and isinstance(said.get("spans"), dict)


def task_of(said: Item) -> tuple[str, bool]:
    """The id of the text, and whether the line says it: of others it is made from the text."""
    if is_ours(said):
        return str(part(said, "meta")["task"]), True
    own = said.get("id")
    if isinstance(own, str | int) and not isinstance(own, bool) and str(own):
        return str(own), True
    return sha256(str(said.get("text")).encode("utf-8", "replace")).hexdigest()[:16], False


def label_of(said: Item) -> str:
    """The id of the label: Labeltrail's, or when the words were marked, where Prodigy says so; never a person's."""
    if is_ours(said):
        return str(part(said, "meta")["label"])
    moment = said.get("_timestamp")
    return str(moment) if type(moment) is int else LABEL


def annotator_of(said: Item) -> str | None:
    """Who marked the words, where Prodigy says so."""
    return text(said, "_annotator_id") or text(said, "_session_id")


def kind_of(said: Item) -> str:
    """REJECTED or IGNORED what somebody did not accept in Prodigy."""
    answer = said.get("answer")
    return _KINDS.get(answer, "DEFAULT") if isinstance(answer, str) else "DEFAULT"


def name_of(said: Item, task: str) -> str:
    """What the text is called."""
    return (text(part(said, "meta"), "name") if is_ours(said) else None) or task


def spans_of(said: Item) -> Iterator[tuple[str, Any]]:
    """Each span with its job, as it stands in the line."""
    spans = said.get("spans")
    if isinstance(spans, dict):
        for job, found in spans.items():
            for one in found if isinstance(found, list) else [found]:
                yield job, one
    else:
        for one in values(said, "spans"):
            yield SPANS, one
    if not is_ours(said):
        for name in _REPEATED:
            for one in values(said, name):
                yield ENTITIES, one


def not_repeated(said: Item) -> Iterator[Any]:
    """Of our lines: `entities` that are none of the spans, which they only repeat."""
    if is_ours(said):
        known = [one for _, one in spans_of(said)]
        for one in values(said, "entities"):
            if one not in known:
                yield one


def parts_of(span: object) -> tuple[object, object, str | None, str | None]:
    """Start, end, class and id of a span, each as it stands there. Raises ValueError for what is none."""
    if isinstance(span, list) and len(span) >= 2:
        return span[0], span[1], _called(span[2]) if len(span) > 2 else None, None
    if isinstance(span, dict):
        return span.get("start"), span.get("end"), _called(span.get("label")), _called(span.get("id"))
    raise ValueError("a span is neither a list nor an object")


def _called(value: object) -> str | None:
    """A name; numbers are names, too."""
    plain = isinstance(value, str | int) and not isinstance(value, bool)
    return (str(value) or None) if plain else None
