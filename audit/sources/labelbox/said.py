"""Reads a label item by item, into annotations and problems: nothing of it is left out without a word."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from audit.annotations import (
    Annotation,
    Answer,
    Choice,
    Classification,
    Labelled,
    Problem,
    ProblemCode,
    Relation,
    Transcription,
)
from audit.ontology import Job, Ontology
from audit.sources.labelbox.ontology import RELATIONS, schema
from audit.sources.labelbox.shapes import Bad, Canvas, Common, shapes, tool_of
from audit.sources.values import Item, number, part, parts, text

_ANSWERS = ("radio_answer", "checklist_answers", "text_answer", "dropdown_answers")
_RELATIONS = {"unidirectional_relationship": True, "bidirectional_relationship": False}


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the data row something is said: on which canvas, of which medium, in which frame (from 0)."""

    canvas: Canvas
    medium: int = 0
    frame: int | None = None


@dataclass(slots=True)
class Said:
    """What a label says so far."""

    ontology: Ontology
    annotations: list[Annotation] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    jobs: dict[str, Job] = field(init=False)
    drawn: dict[str, str] = field(init=False)
    """Jobs by the keys of the classes that are drawn."""

    def __post_init__(self) -> None:
        self.jobs = {job.key: job for job in self.ontology.jobs}
        self.drawn = {
            known.key: job.key
            for job in self.ontology.jobs
            if job.kind not in ("classification", "transcription")
            for known in job.classes
        }

    def labelled(self) -> Labelled:
        """All of it."""
        return Labelled(tuple(self.annotations), tuple(self.problems))

    def problem(self, code: ProblemCode, said: str, found: Item | None = None, place: Place | None = None) -> None:
        """Note what can't be represented."""
        of = found or {}
        frame = None if place is None else place.frame
        name = text(of, "name") or text(of, "value") or "something"
        self.problems.append(Problem(code, f'"{name}": {said}', schema(of), text(of, "feature_id"), frame))

    def objects(self, found: Iterable[Any], place: Place, key_frames: Item | None = None) -> None:
        """Objects; `key_frames` says of the frame which of them were drawn there, by feature id."""
        for one in found:
            if isinstance(one, dict):
                set_here = (key_frames or {}).get(text(one, "feature_id") or "", key_frames is None)
                self._object(one, place, key_frame=set_here is True)
            else:
                self.problem("unreadable", "an object is no JSON object", place=place)

    def _object(self, found: Item, place: Place, *, key_frame: bool) -> None:
        key, kind = schema(found), text(found, "annotation_kind") or ""
        job = self.drawn.get(key or "")
        if key is None or job is None:
            self.problem("unknown_class", "the ontology has no such tool", found, place)
            return
        answers = [self.answer(one, place) for one in parts(found, "classifications")]
        common: Common = {
            "job": job,
            "tool": tool_of(kind),
            "classes": (key,),
            "answers": tuple(answer for answer in answers if answer is not None),
            "object": text(found, "feature_id"),
            "id": text(found, "feature_id"),
            "frame": place.frame,
            "key_frame": key_frame,
            "medium": place.medium,
            "confidence": number(found.get("confidence")),
        }
        try:
            self.annotations += list(shapes(kind, found, place.canvas, common))
        except Bad as problem:
            self.problem(problem.code, str(problem), found, place)

    def classifications(self, found: Iterable[Any], place: Place) -> None:
        """Answers about the whole medium, a frame or a message."""
        for one in found:
            if not isinstance(one, dict):
                self.problem("unreadable", "a classification is no JSON object", place=place)
            elif (answer := self.answer(one, place)) is not None:
                self._classified(one, answer, place)

    def _classified(self, found: Item, answer: Answer, place: Place) -> None:
        job = self.jobs[answer.job]
        common: Common = {
            "job": job.key,
            "tool": job.tools[0] if job.tools else "",
            # What an answer about a message is about.
            "object": text(found, "message_id"),
            "id": text(found, "feature_id"),
            "frame": place.frame,
            "medium": place.medium,
            "confidence": number(found.get("confidence")),
        }
        if answer.text is not None:
            self.annotations.append(Transcription(text=answer.text, **common))
        else:
            self.annotations.append(Classification(answer=answer, multiple=job.multiple, **common))

    def answer(self, found: Item, place: Place) -> Answer | None:
        """What was answered to a question; None, with a problem, for what can't be said."""
        job = self.jobs.get(schema(found) or "")
        if job is None:
            self.problem("unknown_job", "the ontology has no such question", found, place)
            return None
        given = next((found[name] for name in _answers() if name in found), None)
        if isinstance(given, dict) and isinstance(written := given.get("content"), str):
            return Answer(job.key, text=written)
        chosen = [one for one in (given if isinstance(given, list) else [given]) if isinstance(one, dict)]
        known = {one.key for one in job.classes}
        choices: list[Choice] = []
        for one in chosen:
            key = schema(one)
            if key is None or key not in known:
                self.problem("unknown_class", f'the question "{job.title}" has no such choice', one, place)
                continue
            nested = [self.answer(inner, place) for inner in parts(one, "classifications")]
            inner_answers = tuple(answer for answer in nested if answer is not None)
            choices.append(Choice(key, inner_answers, number(one.get("confidence"))))
        if not choices:
            if not chosen:
                self.problem("no_class", f'nothing is answered to "{job.title}"', found, place)
            return None
        return Answer(job.key, tuple(choices))

    def relations(self, found: Iterable[Any]) -> None:
        """Relationships between objects, which they name by their feature ids."""
        for one in found:
            if not isinstance(one, dict):
                self.problem("unreadable", "a relationship is no JSON object")
                continue
            key = schema(one)
            kind = next((name for name in _RELATIONS if isinstance(one.get(name), dict)), None)
            if key is None or self.drawn.get(key) != RELATIONS:
                self.problem("unknown_class", "the ontology has no such relationship", one)
                continue
            ends = part(one, kind) if kind else {}
            source, target = text(ends, "source"), text(ends, "target")
            if kind is None or source is None or target is None:
                self.problem("no_geometry", "it does not say between which objects it is", one)
                continue
            self.annotations.append(
                Relation(
                    job=RELATIONS,
                    tool="edge",
                    classes=(key,),
                    id=text(one, "feature_id"),
                    sources=(source,),
                    targets=(target,),
                    directed=_RELATIONS[kind],
                )
            )


def _answers() -> Iterable[str]:
    for name in _ANSWERS:
        yield name
        yield f"conversational_{name}"
