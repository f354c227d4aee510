"""What GeoJSON's features say: points, lines and areas on the earth, and answers of those that have no geometry."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, cast, get_args

from audit.annotations import (
    Annotation,
    Answer,
    Choice,
    Classification,
    Labelled,
    Medium,
    MediumKind,
    Problem,
    ProblemCode,
    Transcription,
    finite,
)
from audit.ontology import Job, LabelClass, Ontology
from audit.sources.base import Neutral, ReadFile, no_file
from audit.sources.files.errors import quoted
from audit.sources.geojson.features import JOB, Pairs, class_of, features_of, in_words, ours
from audit.sources.geojson.shapes import BadGeometry, drawn, tool_of
from audit.sources.values import Item, an_object, item, number, part, parts, text, values

Kind = Literal["objects", "classification", "transcription"]


class GeoJsonNeutral(Neutral):
    """Coordinates are longitude and latitude: the medium is a map without a size."""

    def ontology(self, project: bytes) -> Ontology:
        """The jobs, classes and questions that features named when they were loaded."""
        return Ontology(tuple(_job(one) for one in parts(item(project), "jobs")))

    def kinds(self, project: bytes) -> frozenset[MediumKind] | None:
        """GeoJSON is about the earth."""
        return frozenset({"geo"})

    def media(self, task: bytes) -> tuple[Medium, ...]:
        """The map, without its file."""
        return (Medium("geo", text(item(task), "name") or ""),)

    def annotations(self, label: bytes, task: bytes, ontology: Ontology, read: ReadFile = no_file) -> Labelled:
        """What each feature says: parts of one geometry are parts of one object."""
        found: list[Annotation] = []
        problems: list[Problem] = []
        for place, feature in enumerate(features_of(part(an_object(label), "geojson")), 1):
            said = feature if isinstance(feature, dict) else {}
            id_ = _id(said)
            try:
                if not said:
                    raise _Cannot("unreadable", "a feature is no object")
                found += _said(said, id_, f"feature {place}", ontology)
            except (_Cannot, BadGeometry) as problem:
                problems.append(Problem(problem.code, str(problem), text(ours(said), "job") or JOB, id_))
        return Labelled(tuple(found), tuple(problems))


class _Cannot(Exception):
    """A feature that can't be represented."""

    def __init__(self, code: ProblemCode, why: str) -> None:
        super().__init__(why)
        self.code: ProblemCode = code


def _job(told: Item) -> Job:
    kind = text(told, "kind") or ""
    classes = tuple(
        LabelClass(key, text(one, "title") or key, jobs=_texts(one, "jobs"))
        for one in parts(told, "classes")
        if (key := text(one, "key")) is not None
    )
    key = text(told, "key") or JOB
    return Job(
        key,
        text(told, "title") or key,
        cast("Kind", kind) if kind in get_args(Kind) else "objects",
        _texts(told, "tools"),
        classes,
        multiple=told.get("multiple") is True,
        nested=told.get("nested") is True,
    )


def _texts(of: Item, name: str) -> tuple[str, ...]:
    return tuple(one for one in values(of, name) if isinstance(one, str))


def _id(feature: Item) -> str | None:
    found = feature.get("id")
    return str(found) if isinstance(found, str | int | float) and not isinstance(found, bool) else None


def _said(feature: Item, id_: str | None, made_up: str, ontology: Ontology) -> Iterator[Annotation]:
    """What a feature says. `made_up` is the object's id where it has parts and no id. Raises _Cannot, BadGeometry."""
    said, geometry = ours(feature), part(feature, "geometry")
    job = ontology.job(str(said["job"]) if said else JOB)
    if job is None:
        raise _Cannot("unknown_job", f"the project has no job {quoted(str(said.get('job', JOB)))}")
    if not geometry:
        if not said:
            raise _Cannot("no_geometry", "the feature has no geometry: nothing is drawn")
        yield _whole(job, said, feature, id_)
        return
    pairs = in_words(feature)
    for category in _categories(said, feature, pairs):
        name = text(category, "name")
        if name is not None and name not in job.paths:
            raise _Cannot("unknown_class", f"the job {quoted(job.key)} has no class {quoted(name)}")
        common: dict[str, Any] = {
            "job": job.key,
            "tool": (text(said, "type") or tool_of(geometry)),
            "classes": () if name is None else (name,),
            "answers": _answers(part(said, "children"), pairs),
            "object": id_,
            "id": id_,
            "confidence": _confidence(category),
        }
        shapes = drawn(geometry, common)
        if len(shapes) > 1 and id_ is None:
            shapes = drawn(geometry, common | {"object": made_up})
        yield from shapes


def _categories(said: Item, feature: Item, pairs: Pairs) -> list[Item]:
    """The classes of an object, each with what is said of it; one without a name where it has none."""
    if not said:
        return [{"name": class_of(feature)}]
    found = parts(said, "categories")
    if found:
        next(pairs, None)
    return found or [{}]


def _whole(job: Job, said: Item, feature: Item, id_: str | None) -> Annotation:
    """What is said of the whole map."""
    tool = job.tools[0] if job.tools else ""
    if job.kind == "transcription" and isinstance(said.get("text"), str):
        return Transcription(job=job.key, tool=tool, id=id_, text=said["text"])
    answer = _answer(job.key, said, in_words(feature))
    return Classification(job=job.key, tool=tool, id=id_, answer=answer, multiple=job.multiple)


def _answers(children: Item, pairs: Pairs) -> tuple[Answer, ...]:
    return tuple(_answer(key, one, pairs) for key, one in children.items() if isinstance(one, dict))


def _answer(job: str, said: Item, pairs: Pairs) -> Answer:
    """An answer: a number is one in words only, since Kili's form has texts alone."""
    _, value = next(pairs, ("", None))
    if isinstance(written := said.get("text"), str):
        counted = number(value)
        if counted is not None and finite((counted,)):
            return Answer(job, number=counted)
        return Answer(job, text=written)
    if not isinstance(said.get("categories"), list):
        raise _Cannot("unreadable", f"the answer to {quoted(job)} is neither a text nor a choice")
    choices = []
    for category in parts(said, "categories"):
        name = text(category, "name")
        if name is None:
            raise _Cannot("no_class", f"a choice in the answer to {quoted(job)} has no name")
        choices.append(Choice(name, _answers(part(category, "children"), pairs), _confidence(category)))
    return Answer(job, tuple(choices))


def _confidence(category: Item) -> float | None:
    """Kili counts to 100."""
    found = number(category.get("confidence"))
    return None if found is None or not finite((found,)) else found / 100
