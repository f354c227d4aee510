"""What Pascal VOC's objects say: boxes, in pixels there, in fractions here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from audit.annotations import Annotation, Answer, Box, Choice, Labelled, Medium, MediumKind, Problem
from audit.ontology import Job, LabelClass, Ontology
from audit.sources.base import Neutral, ReadFile, no_file
from audit.sources.pascal_voc.objects import BadObject, NoAnnotation, Thing, annotated
from audit.sources.values import an_object, item, number, parts, text, values, whole

BOX = "box"
Size = tuple[float, float]


class PascalVocNeutral(Neutral):
    """Objects say their jobs, or are of one."""

    def ontology(self, project: bytes) -> Ontology:
        """The jobs and classes that objects name, and what is asked about each object."""
        found = item(project)
        asked = {str(one.get("question")): tuple(map(str, values(one, "answers"))) for one in parts(found, "questions")}
        jobs = [
            Job(
                key := str(one.get("job")),
                key.capitalize() if key.islower() else key,
                "objects",
                (BOX,),
                tuple(LabelClass(str(name), str(name), jobs=tuple(asked)) for name in values(one, "classes")),
            )
            for one in parts(found, "jobs")
        ]
        questions = [
            Job(
                key,
                key.capitalize(),
                "classification",
                ("radio",),
                tuple(_choice(key, one) for one in answers),
                nested=True,
            )
            for key, answers in asked.items()
        ]
        return Ontology((*jobs, *questions))

    def kinds(self, project: bytes) -> frozenset[MediumKind] | None:
        """Pascal VOC is about pictures."""
        return frozenset({"image"})

    def media(self, task: bytes) -> tuple[Medium, ...]:
        """The picture."""
        found = item(task)
        size = number(found.get("width")), number(found.get("height"))
        return (Medium("image", text(found, "name") or "", None, *size),)

    def annotations(self, label: bytes, task: bytes, ontology: Ontology, read: ReadFile = no_file) -> Labelled:
        """What each object says, and each part of one."""
        said, (medium,) = an_object(label), self.media(task)
        try:
            things = annotated(text(said, "text") or "").things
        except NoAnnotation as problem:
            return Labelled((), (Problem("unreadable", f"the file can't be read: {problem}"),))
        base = whole(said, "base") or 0
        size = (medium.width, medium.height) if medium.width and medium.height else None
        whole_ones = Counter(one.of for one in things)
        found: list[Annotation] = []
        problems: list[Problem] = []
        for one in things:
            try:
                found.append(_box(one, size, base, linked=whole_ones[one.of] > 1))
            except BadObject as problem:
                problems.append(Problem(problem.code, f"object {one.number}: {problem}", one.job, one.number))
        return Labelled(tuple(found), tuple(problems))


def _box(one: Thing, size: Size | None, base: int, *, linked: bool) -> Box:
    """An object's box. Raises BadObject."""
    if not one.name:
        raise BadObject("no_class", "it has no name")
    left, top, right, bottom = one.edges()
    if size is None:
        raise BadObject("no_size", "the file does not say the picture's width and height, and no picture is beside it")
    width, height = size
    left, top = left - base, top - base
    return Box(
        job=one.job,
        tool=BOX,
        classes=(one.name,),
        answers=tuple(_answers(one)),
        object=one.number,
        id=one.number,
        linked=one.of if linked else None,
        x=left / width,
        y=top / height,
        width=(right - left) / width,
        height=(bottom - top) / height,
    )


def _answers(one: Thing) -> Iterator[Answer]:
    for question, answer in one.answers():
        yield Answer(question, (Choice(answer),))


def _choice(question: str, answer: str) -> LabelClass:
    return LabelClass(answer, "Yes" if answer == "1" and question != "pose" else answer)
