"""Classes and their numbers: the ontology's order, the same in every format that numbers classes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from audit.annotations import Annotation
from audit.ontology import Job, LabelClass, Ontology


@dataclass(frozen=True, slots=True)
class Numbered:
    """A class with its place, from 0, among all classes that one file knows."""

    place: int
    job: Job
    known: LabelClass


class Classes:
    """The classes of some jobs, numbered in the ontology's order. `prefixed`: names say which job they are of."""

    def __init__(self, jobs: Iterable[Job], *, prefixed: bool) -> None:
        self.prefixed = prefixed
        self.all: list[Numbered] = []
        self._places: dict[tuple[str, str], Numbered] = {}
        for job in jobs:
            for known in job.classes:
                found = Numbered(len(self.all), job, known)
                self.all.append(found)
                self._places[job.key, known.key] = found

    def of(self, one: Annotation) -> Numbered | None:
        """The class of an annotation: its main one. None where it has none, or one that the ontology does not know."""
        return self._places.get((one.job, one.classes[0])) if one.classes else None

    def name(self, found: Numbered) -> str:
        """What files call the class: its key, as Kili's exports do."""
        return f"{found.job.key}/{found.known.key}" if self.prefixed else found.known.key

    @property
    def names(self) -> list[str]:
        """All names, by place."""
        return [self.name(found) for found in self.all]


def drawn_jobs(ontology: Ontology) -> tuple[Job, ...]:
    """The jobs whose classes are numbered: all objects that can be drawn, whatever tool draws them."""
    return tuple(job for job in ontology.jobs if job.kind == "objects" and not job.nested)
