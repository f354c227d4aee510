"""Labelbox's ontology in neutral words. Keys are those of feature schemas, which labels name; names change.

Tools of one sort make one job, of which each tool is a class; each classification is a job of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from audit.ontology import Job, LabelClass, Ontology
from audit.sources.values import Item, item, part, parts, text

OBJECTS, ENTITIES, RELATIONS, MESSAGES, OTHER = "objects", "entities", "relations", "messages", "other"

SORTS = {
    "rectangle": OBJECTS,
    "polygon": OBJECTS,
    "line": OBJECTS,
    "point": OBJECTS,
    "superpixel": OBJECTS,
    "raster-segmentation": OBJECTS,
    "named-entity": ENTITIES,
    "edge": RELATIONS,
    "message-single-selection": MESSAGES,
    "message-multi-selection": MESSAGES,
    "message-ranking": MESSAGES,
}
"""Which job a tool belongs to; tools that are not here belong to OTHER."""

_JOBS = (
    Job(OBJECTS, "Objects", "objects"),
    Job(ENTITIES, "Entities", "entities"),
    Job(RELATIONS, "Relationships", "relations"),
    Job(MESSAGES, "Messages", "ranking"),
    Job(OTHER, "Other tools", "other"),
)


def ontology_of(project: bytes) -> Ontology:
    """What can be said in the project. Raises ValueError for a payload without an ontology."""
    normalized = part(item(project), "ontology").get("normalized")
    found = item(normalized.encode()) if isinstance(normalized, str) else normalized
    if not isinstance(found, dict):
        raise ValueError("the project's payload has no ontology")
    asked: dict[str, Job] = {}
    classes: dict[str, dict[str, LabelClass]] = {}
    used: dict[str, dict[str, None]] = {}
    for tool in parts(found, "tools"):
        kind, key = text(tool, "tool") or "", schema(tool)
        if key is None:
            continue
        sort = SORTS.get(kind, OTHER)
        nested = tuple(_asked(parts(tool, "classifications"), asked, nested=True))
        color = text(tool, "color")
        classes.setdefault(sort, {})[key] = LabelClass(key, text(tool, "name") or key, _hex(color), jobs=nested)
        used.setdefault(sort, {})[kind] = None
    for relation in parts(found, "relationships"):
        if (key := schema(relation)) is not None:
            title = text(relation, "name") or key
            classes.setdefault(RELATIONS, {})[key] = LabelClass(key, title, _hex(text(relation, "color")))
            used.setdefault(RELATIONS, {})["edge"] = None
    list(_asked(parts(found, "classifications"), asked, nested=False))
    drawn = [
        Job(job.key, job.title, job.kind, tuple(used[job.key]), tuple(classes[job.key].values()))
        for job in _JOBS
        if job.key in classes
    ]
    return Ontology((*drawn, *asked.values()))


def schema(feature: Item) -> str | None:
    """The key of an ontology's feature, or of a label's."""
    return text(feature, "featureSchemaId") or text(feature, "feature_schema_id")


def _asked(questions: list[Item], jobs: dict[str, Job], *, nested: bool) -> Iterator[str]:
    """Put questions, and those that their options ask, into `jobs`; the keys of the outer ones."""
    for question in questions:
        key, kind = schema(question), text(question, "type") or ""
        if key is None:
            continue
        yield key
        if key in jobs:  # Asked in several places; where nothing has to be chosen first, it is not nested.
            known = {option.key for option in jobs[key].classes}
            more = () if kind == "text" else tuple(_options(parts(question, "options"), jobs))
            classes = (*jobs[key].classes, *(option for option in more if option.key not in known))
            jobs[key] = replace(jobs[key], nested=jobs[key].nested and nested, classes=classes)
            continue
        title = text(question, "instructions") or text(question, "name") or key
        written = kind == "text"
        job = Job(
            key,
            title,
            "transcription" if written else "classification",
            (kind,),
            multiple=kind == "checklist",
            required=question.get("required") is True,
            nested=nested,
        )
        jobs[key] = job  # Before those that its options ask: an outer question comes first.
        options = () if written else tuple(_options(parts(question, "options"), jobs))
        jobs[key] = replace(jobs[key], classes=options)


def _options(options: list[Item], jobs: dict[str, Job]) -> Iterator[LabelClass]:
    for option in options:
        if (key := schema(option)) is not None:
            nested = tuple(_asked(parts(option, "options"), jobs, nested=True))
            yield LabelClass(key, text(option, "label") or text(option, "value") or key, jobs=nested)


def _hex(color: str | None) -> str | None:
    """#rrggbb; a color that is written otherwise is none of ours."""
    return color.lower() if color is not None and color.startswith("#") and len(color) == 7 else None
