"""What files of YOLO's labels say: boxes and outlines in fractions, told apart by how many numbers a line has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from audit.annotations import Annotation, Box, Labelled, Medium, MediumKind, Polygon, Problem
from audit.ontology import Job, LabelClass, Ontology
from audit.sources.base import Neutral, ReadFile, no_file
from audit.sources.values import Item, an_object, item, number, part, parts, text, values
from audit.sources.yolo.lines import BadLine, drawn, lines_of

JOB = "objects"
"""The one job of a data set that names none: what is where?"""


class YoloNeutral(Neutral):
    """Data sets are jobs, or their classes are called JOB/CLASS."""

    def ontology(self, project: bytes) -> Ontology:
        """A job for each data set, or for each that the names say, with its classes by their numbers."""
        found: dict[str, tuple[list[LabelClass], tuple[str, ...]]] = {}
        for one in parts(item(project), "sets"):
            tools = tuple(map(str, values(one, "tools")))
            for place, name in distinct(_names(one)).items():
                job, key = _parted(text(one, "job"), name)
                found.setdefault(job, ([], tools))[0].append(LabelClass(key, key, id=str(place)))
            if (only := text(one, "job")) is not None:
                found.setdefault(only, ([], tools))
        return Ontology(tuple(Job(key, key, "objects", tools, tuple(own)) for key, (own, tools) in found.items()))

    def kinds(self, project: bytes) -> frozenset[MediumKind] | None:
        """YOLO is about pictures."""
        return frozenset({"image"})

    def media(self, task: bytes) -> tuple[Medium, ...]:
        """The picture; its size is known where its file lay beside its labels."""
        found = item(task)
        size = number(found.get("width")), number(found.get("height"))
        return (Medium("image", text(found, "name") or "", text(found, "url"), *size),)

    def annotations(self, label: bytes, task: bytes, ontology: Ontology, read: ReadFile = no_file) -> Labelled:
        """What each line says."""
        found: list[Annotation] = []
        problems: list[Problem] = []
        for one in parts(an_object(label), "sets"):
            for said in _said(one):
                (problems if isinstance(said, Problem) else found).append(said)  # type: ignore[arg-type]  # each its own
        return Labelled(tuple(found), tuple(problems))


def distinct(names: Mapping[int, str]) -> dict[int, str]:
    """The keys of classes by their numbers: their names, with the number behind where two have one, or alone where one
    is empty."""
    counted = Counter(names.values())
    return {
        place: (name if counted[name] == 1 else f"{name} {place}") if name else str(place)
        for place, name in sorted(names.items())
    }


def _said(one: Item) -> Iterator[Annotation | Problem]:
    """The lines of one data set's file."""
    job, lines, names = text(one, "job"), one.get("text"), _names(one)
    if not isinstance(lines, str):
        yield Problem("unreadable", "it has no text of labels", job)
        return
    for line, words in lines_of(lines):
        id_ = str(line) if job in (None, JOB) else f"{job}/{line}"
        try:
            found = drawn(words, names)
        except BadLine as problem:
            yield Problem(problem.code, f"line {line}: {problem}", job, id_)
            continue
        of, key = _parted(job, found.class_)
        if found.box is None:
            yield Polygon(
                job=of, tool="polygon", classes=(key,), object=id_, id=id_, confidence=found.confidence,
                outline=found.outline,
            )  # fmt: skip
            continue
        x, y, width, height = found.box
        yield Box(
            job=of, tool="box", classes=(key,), object=id_, id=id_, confidence=found.confidence,
            x=x, y=y, width=width, height=height,
        )  # fmt: skip


def _names(one: Item) -> dict[int, str]:
    """Names of classes by their numbers."""
    return {int(place): str(name) for place, name in part(one, "classes").items() if place.isdecimal()}


def _parted(job: str | None, name: str) -> tuple[str, str]:
    """The job and the key of a class."""
    if job is not None:
        return job, name
    own, _, key = name.partition("/")
    return own, key
