"""Features of Labelbox's ontology, as labels name them: questions with their answers, and classes that are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from audit.annotations import Answer
from audit.ontology import Ontology

Row = dict[str, Any]


class Features:
    """The features that an ontology of any platform makes at Labelbox."""

    def __init__(self, ontology: Ontology) -> None:
        self._titles = {job.key: job.title for job in ontology.jobs}
        self._classes = {(job.key, one.key): one.title for job in ontology.jobs for one in job.classes}
        self._several = {job.key: job.multiple for job in ontology.jobs}

    def feature(self, id_: str, job: str, key: str | None = None, kind: str = "") -> Row:
        """A feature of the ontology: a question, or a class of a job. Its schema's id is made of their keys.

        A class that is drawn as several kinds is a feature for each: a tool of Labelbox draws one kind.
        """
        title = self._titles.get(job, job) if key is None else self._classes.get((job, key), key)
        schema = made_up("/".join(name for name in (job, key, kind) if name))
        return {"feature_id": id_, "feature_schema_id": schema, "name": title, "value": key or job}

    def answer(self, answer: Answer, id_: str, *, message: bool = False) -> Row:
        """An answer to a question, with those to the questions that it made somebody ask."""
        row = self.feature(id_, answer.job)
        begin = "conversational_" if message else ""
        if answer.text is not None or answer.number is not None:
            written = answer.text if answer.text is not None else f"{answer.number:.15g}"
            return row | {f"{begin}text_answer": {"content": written}}
        chosen = [
            self.feature(f"{id_}/{place}", answer.job, choice.key)
            | ({} if choice.confidence is None else {"confidence": choice.confidence})
            | {"classifications": self.answers(choice.answers, f"{id_}/{place}")}
            for place, choice in enumerate(answer.choices)
        ]
        if len(chosen) == 1 and not self._several.get(answer.job, False):
            return row | {f"{begin}radio_answer": chosen[0]}
        return row | {f"{begin}checklist_answers": chosen}

    def answers(self, answers: Sequence[Answer], id_: str) -> list[Row]:
        """Answers within something."""
        return [self.answer(answer, f"{id_}/{answer.job}") for answer in answers]


def made_up(of: str) -> str:
    """An id for what has none, the same in every export."""
    return str(uuid5(NAMESPACE_URL, f"labeltrail:{of}"))
