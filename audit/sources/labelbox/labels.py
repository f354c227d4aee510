"""Labels as they are now, and what each cost: the events that a data row's labels yield."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Any

import orjson
from msgspec.structs import replace

from audit.sources.base import FileRef, PersonRef, SourceEvent, Version
from audit.sources.labelbox.project import LabelboxProject
from audit.sources.values import NESTED, Item, canonical, item, number, part, parts, text, unsigned, unsigned_url, when

VOLATILE = (
    "performance_details",
    "label_details.reviews",
    "label_details.updated_at",
    "composite_mask.url",
    "mask.url",
)
"""What a label is exported with and what makes no new version of it.

Seconds and scores change while people look at it; addresses of masks belong to one export. When its annotations
change, `content_last_updated_at` does, too; where an export has none, `updated_at` counts instead.
"""

REVIEWED = "LABEL_REVIEWED"
TIME = "PERFORMANCE_DETAILS"
KINDS = ("create", "review", "rework")
"""What people did with a label: the stage of an active time."""
MAX_SECONDS = 10**12

_MASKS = ("composite_mask", "mask")
_OF_EXPORT = re.compile(r"/tasks/[^/]+/masks/(.+)")


def label_event(task: str, raw: bytes, id_: str, project: LabelboxProject) -> SourceEvent:
    """The label as it is now, `label.created` while the record has none. `raw` may hold it under "label"."""
    found = item(raw)
    label = part(found, "label") or found
    details = part(label, "label_details")
    author = project.by_email(text(details, "created_by"))
    plain = _plain(task, label, raw, author, project)
    occurred_at, instant = when(details, "content_last_updated_at")
    updated = replace(plain, occurred_at=occurred_at, instant=instant)
    occurred_at, instant = when(details, "created_at")
    created = replace(plain, type="label.created", occurred_at=occurred_at, instant=instant)
    return replace(updated, version=Version(f"label/{id_}", state_of(found), first=created))


def state_of(label: Item) -> str:
    """What stands for the label without VOLATILE."""
    return sha256(canonical(_lasting(label))).hexdigest()


def review_events(task: str, label: Item, project: LabelboxProject) -> Iterator[SourceEvent]:
    """That somebody reviewed the label; what came of it, versions say."""
    seen: dict[str, int] = {}
    for review in parts(part(label, "label_details"), "reviews"):
        reviewer = project.by_email(text(review, "reviewed_by"))
        occurred_at, instant = when(review, "reviewed_at")
        ordinal = seen[occurred_at or ""] = seen.get(occurred_at or "", -1) + 1
        yield SourceEvent(
            task=task,
            type="activity.recorded",
            source_type=REVIEWED,
            occurred_at=occurred_at,
            instant=instant,
            source_key=f"review/{text(label, 'id')}/{occurred_at}/{ordinal}",
            actor=reviewer,
            actor_kind="person" if reviewer else "unknown",
            content=orjson.dumps({"label": text(label, "id"), **review}),
            people=people_of(reviewer),
        )


def time_events(task: str, labels: Sequence[Item], project: LabelboxProject) -> Iterator[SourceEvent]:
    """What the data row's labels took to create, review and rework, each summed for one person.

    Labelbox says who created a label, and nobody's name for reviews and rework; nor when anybody worked.
    """
    sums: dict[tuple[str, str | None], list[dict[str, object]]] = {}
    for label in labels:
        author = text(part(label, "label_details"), "created_by")
        for kind in KINDS:
            if (seconds := seconds_to(kind, label)) is not None:
                of = sums.setdefault((kind, author if kind == "create" else None), [])
                of.append({"label": text(label, "id"), "seconds": seconds})
    for (kind, who), spent in sums.items():
        milliseconds = sum(round(float(str(one["seconds"])) * 1000) for one in spent)
        actor = project.by_email(who)
        revised = SourceEvent(
            task=task,
            type="time.revised",
            source_type=TIME,
            occurred_at=None,
            instant=None,
            actor=actor,
            actor_kind="person" if actor else "unknown",
            stage=kind,
            content=orjson.dumps({"kind": kind, "milliseconds": milliseconds, "labels": spent}),
            people=people_of(actor),
        )
        # The address is what the export names people by, whether their ids are known or not.
        # Nothing stands there as 0 until somebody works.
        first = replace(revised, type="time.recorded") if milliseconds else None
        version = Version(f"time/{kind}/{who}", f"{milliseconds}", first=first)
        yield replace(revised, version=version)


def seconds_to(kind: str, label: Item) -> float | None:
    """Seconds by the newer figures, else by the older ones; None where there are none that can be."""
    performance = part(label, "performance_details")
    for figures in (part(performance, "performance_details_v2"), performance):
        found = number(figures.get(f"seconds_to_{kind}"))
        if found is not None and 0 <= found < MAX_SECONDS:
            return found
    return None


def mask_name(url: str) -> str:
    """How a mask is called whatever export it came with: its address without export and signature."""
    plain = unsigned_url(url)
    found = _OF_EXPORT.search(plain)
    return f"masks/{found[1]}" if found else plain


def mask_urls(value: Item) -> Iterator[str]:
    """The addresses of all masks of a label, each once, in its order."""
    seen: dict[str, None] = {}
    left: list[Any] = [value]
    while left:
        entry = left.pop()
        if isinstance(entry, dict):
            for name in _MASKS:
                if name in entry and (url := text(part(entry, name), "url")) is not None:
                    seen.setdefault(url)
            entry = list(entry.values())
        left += [inner for inner in reversed(entry) if isinstance(inner, NESTED)]
    yield from seen


def people_of(*refs: PersonRef | None) -> tuple[PersonRef, ...]:
    """Those who are somebody, each once."""
    return tuple(dict.fromkeys(ref for ref in refs if ref is not None))


def _plain(task: str, label: Item, raw: bytes, author: PersonRef | None, project: LabelboxProject) -> SourceEvent:
    reviewers = [project.by_email(text(one, "reviewed_by")) for one in parts(part(label, "label_details"), "reviews")]
    names = {mask_name(url): url for url in mask_urls(label)}
    return SourceEvent(
        task=task,
        type="label.updated",
        source_type=text(label, "label_kind") or "label",
        occurred_at=None,
        instant=None,
        actor=author,
        actor_kind="person" if author else "unknown",
        content=unsigned(raw),
        people=people_of(author, *reviewers),
        files=tuple(
            FileRef(name, url, f"the mask {name} of label {text(label, 'id')} of data row {task}")
            for name, url in names.items()
        ),
    )


def _lasting(value: Item | list[Any]) -> Any:
    if isinstance(value, list):
        return [_lasting(entry) if isinstance(entry, NESTED) else entry for entry in value]
    found = {name: _lasting(inner) if isinstance(inner, NESTED) else inner for name, inner in value.items()}
    if isinstance(performance := found.pop("performance_details", None), dict):
        found["skipped"] = bool(performance.get("skipped"))
    if isinstance(details := found.get("label_details"), dict):
        details.pop("reviews", None)
        details.pop("created_by", None)  # Nobody else can become the author; an address can become another.
        if "content_last_updated_at" in details:
            details.pop("updated_at", None)
    for name in _MASKS:
        if isinstance(mask := found.get(name), dict) and isinstance(mask.get("url"), str):
            del mask["url"]
    return found
