"""Kili's jsonInterface in neutral words."""

from __future__ import annotations

from typing import Literal

from audit.annotations import COMPARISON
from audit.ontology import Job, LabelClass, Ontology
from audit.sources.kili.payload import unpacked
from audit.sources.values import Item, canonical, item, part, parts, text, values

JobKind = Literal["objects", "classification", "transcription", "entities", "relations", "ranking", "ranges", "other"]
KINDS: dict[str, JobKind] = {
    "OBJECT_DETECTION": "objects",
    "POSE_ESTIMATION": "objects",
    "CLASSIFICATION": "classification",
    "PAGE_LEVEL_CLASSIFICATION": "classification",
    "TRANSCRIPTION": "transcription",
    "PAGE_LEVEL_TRANSCRIPTION": "transcription",
    "SPEECH_TO_TEXT": "transcription",
    "NAMED_ENTITIES_RECOGNITION": "entities",
    "NAMED_ENTITIES_RELATION": "relations",
    "OBJECT_RELATION": "relations",
    "RANKING": "ranking",
    "COMPARISON": "ranking",
}
RANGE = "range"
MANY = frozenset({"checkbox", "multipleDropdown"})
"""The inputs of which several answers may be chosen."""
NUMBER = "number"


def ontology_of(project: bytes) -> Ontology:
    """The jobs in the project's order, those that are only asked within a class included. Raises ValueError."""
    interface = item(project).get("jsonInterface")
    if isinstance(interface, str):
        interface = item(unpacked(canonical(interface)))
    jobs = interface.get("jobs") if isinstance(interface, dict) else None
    if not isinstance(jobs, dict):
        raise ValueError("the project's payload has no ontology (jsonInterface with jobs)")
    return Ontology(tuple(_job(key, job) for key, job in jobs.items() if isinstance(job, dict)))


def _job(key: str, job: Item) -> Job:
    content = part(job, "content")
    task = text(job, "mlTask") or ""
    tools = tuple(tool for tool in values(job, "tools") if isinstance(tool, str))
    input_ = text(content, "input") or ""
    compared = task == "COMPARISON"
    categories = part(content, "options" if compared else "categories")
    kind: JobKind = "ranges" if tools == (RANGE,) else KINDS.get(task, "other")
    if compared:
        tools = (COMPARISON,)
    return Job(
        key=key,
        title=text(job, "instruction") or key,
        kind=kind,
        tools=tools or ((input_,) if kind in ("classification", "transcription") and input_ else ()),
        classes=tuple(_class(name, part(categories, name)) for name in categories),
        multiple=input_ in MANY,
        required=bool(job.get("required")),
        nested=job.get("isChild") is True,
    )


def _class(key: str, category: Item) -> LabelClass:
    color = text(category, "color")
    return LabelClass(
        key=key,
        title=text(category, "name") or key,
        color=color.lower() if color is not None and _is_color(color) else None,
        jobs=tuple(job for job in values(category, "children") if isinstance(job, str)),
        points=tuple(code for point in parts(category, "points") if (code := text(point, "code")) is not None),
        tie=category.get("mutual") is True,
    )


def _is_color(written: str) -> bool:
    return len(written) == 7 and written[0] == "#" and all(digit in "0123456789abcdefABCDEF" for digit in written[1:])
