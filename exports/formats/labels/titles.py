"""What files for people call classes and questions, where a source's keys are mere numbers and ids: by their titles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from msgspec.structs import replace as changed

from audit.annotations import Annotation, Answer, Choice, Classification, Labelled
from audit.ontology import Job, LabelClass, Ontology

Keys = Mapping[str, str]


@dataclass(frozen=True)
class Titled(Ontology):
    """An ontology whose titles stand in the place of keys, each once: those of several have their key behind them.

    `before` is the source's own. Jobs in which objects are drawn keep their keys, which say how they are drawn.
    """

    before: Ontology = field(default_factory=Ontology)
    _questions: Keys = field(default_factory=dict)
    _classes: Mapping[str, Keys] = field(default_factory=dict)

    @classmethod
    def of(cls, before: Ontology) -> Titled:
        """The ontology with titles."""
        drawn = [job.key for job in before.jobs if job.kind == "objects"]
        questions = _once({job.key: job.title for job in before.jobs if job.kind != "objects"}, taken=drawn)
        classes = {job.key: _once({one.key: one.title for one in job.classes}) for job in before.jobs}
        jobs = tuple(_job(job, questions, classes[job.key]) for job in before.jobs)
        return cls(jobs, before, questions, classes)

    def said(self, said: Labelled) -> Labelled:
        """What a label says in the source's keys, in titles."""
        return changed(said, annotations=tuple(map(self._annotation, said.annotations)))

    def _annotation(self, one: Annotation) -> Annotation:
        of_job = self._classes.get(one.job, {})
        found = changed(
            one,
            job=self._questions.get(one.job, one.job),
            classes=tuple(of_job.get(key, key) for key in one.classes),
            answers=tuple(map(self._answer, one.answers)),
        )
        return changed(found, answer=self._answer(found.answer)) if isinstance(found, Classification) else found

    def _answer(self, answer: Answer) -> Answer:
        of_job = self._classes.get(answer.job, {})
        choices = tuple(self._choice(of_job, one) for one in answer.choices)
        return replace(answer, job=self._questions.get(answer.job, answer.job), choices=choices)

    def _choice(self, of_job: Keys, one: Choice) -> Choice:
        return replace(one, key=of_job.get(one.key, one.key), answers=tuple(map(self._answer, one.answers)))


def _job(job: Job, questions: Keys, of_job: Keys) -> Job:
    classes = tuple(_class(one, questions, of_job) for one in job.classes)
    return replace(job, key=questions.get(job.key, job.key), classes=classes)


def _class(one: LabelClass, questions: Keys, of_job: Keys) -> LabelClass:
    return replace(
        one,
        key=of_job[one.key],
        parent=None if one.parent is None else of_job.get(one.parent, one.parent),
        id=one.id or one.key,
        jobs=tuple(questions.get(name, name) for name in one.jobs),
    )


def _once(titles: Keys, taken: Iterable[str] = ()) -> dict[str, str]:
    """Key to title; to title and key where the title is empty, or that of others, too."""
    count = Counter([*titles.values(), *taken])
    return {key: title if title and count[title] == 1 else f"{title} ({key})".strip() for key, title in titles.items()}
