"""Answers to questions: classes with what is asked because of them, texts, numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from audit.annotations import Answer, Choice, Problem
from audit.ontology import Job, Ontology
from audit.sources.kili.ontology import NUMBER
from audit.sources.values import Item, number, part, parts, text


@dataclass
class Answers:
    """Reads answers after an ontology; `problems` gets what can't be represented. `id` and `frame` say where it stands.

    A child that can't be represented is left out alone: what it belongs to stays.
    """

    ontology: Ontology
    problems: list[Problem] = field(default_factory=list)
    id: str | None = None
    frame: int | None = None

    def problem(self, code: str, why: str, job: str) -> None:
        """Note what can't be represented."""
        self.problems.append(Problem(code, why, job=job, id=self.id, frame=self.frame))  # type: ignore[arg-type]

    def answer(self, job: Job, said: Item) -> Answer | None:
        """The answer to one job; None when there is none."""
        if job.kind == "transcription":
            return self._text(job, said)
        if "text" in said and "categories" not in said:
            return self._text(job, said)
        choices = tuple(self._choices(job, said))
        return Answer(job.key, choices) if choices else None

    def children(self, said: Item) -> tuple[Answer, ...]:
        """What was asked because of a class, of something drawn or chosen."""
        if not said.get("children"):
            return ()
        found: list[Answer] = []
        for key, inner in part(said, "children").items():
            job = self.ontology.job(key)
            if job is None:
                self.problem("unknown_job", f'it answers "{key[:80]}", which the ontology does not ask', key)
            elif isinstance(inner, dict) and inner:
                answer = self.answer(job, inner)
                if answer is not None:
                    found.append(answer)
        return tuple(found)

    def _choices(self, job: Job, said: Item) -> Iterator[Choice]:
        for category in parts(said, "categories"):
            key = text(category, "name")
            if key is None:
                self.problem("no_class", f'an answer to "{job.key}" names no class', job.key)
            elif key not in job.paths:
                self.problem("unknown_class", f'"{key[:80]}" is no class of "{job.key}"', job.key)
            else:
                yield Choice(key, self.children(category), confidence(category))

    def _text(self, job: Job, said: Item) -> Answer | None:
        value = said.get("text")
        if value is None or value == "":
            return None
        if NUMBER in job.tools:
            figure = number(value) if not isinstance(value, str) else _figure(value)
            if figure is None:
                self.problem(
                    "bad_number", f'the answer to "{job.key}" is {str(value)[:60]!r}, which is no number', job.key
                )
                return None
            return Answer(job.key, number=figure)
        return Answer(job.key, text=value if isinstance(value, str) else str(value))


def confidence(of: Item) -> float | None:
    """0 to 1; Kili counts to 100."""
    found = number(of.get("confidence"))
    return None if found is None else found / 100


def _figure(written: str) -> float | None:
    try:
        return float(written)
    except ValueError:
        return None
