"""Answers about frames of a video, as Label Studio's `TimelineLabels` has them: a region for each stretch of frames of
which the same was said. https://labelstud.io/tags/timelinelabels
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from audit.annotations import Answer, Classification, Transcription
from audit.ontology import Job, LabelClass
from exports.formats.labelstudio.answers import Answers
from exports.formats.labelstudio.config import Config, writable
from exports.formats.labelstudio.regions import Object, Regions, Result, result_of
from exports.formats.labelstudio.shapes import Value

Framed = Classification | Transcription
TYPE = "timelinelabels"


class Frames:
    """Says what was answered to one question about the frames of a video."""

    def __init__(self, config: Config, jobs: Mapping[str, Job], answers: Answers) -> None:
        self._config = config
        self._jobs = jobs
        self._answers = answers

    def said(self, group: Sequence[Framed], of: Object, common: Result, regions: Regions) -> Iterator[Result]:
        """A region for each stretch. Choices are its labels; any other answer is asked about a region that has the
        question for its label."""
        for first, last, answer in _stretches(group):
            about: Value = {"ranges": [{"start": first + 1, "end": last + 1}]}
            own = common | {"id": regions.new()}
            key = writable(answer.job)
            scores = {choice.confidence for choice in answer.choices}
            if len(scores) == 1 and (score := scores.pop()) is not None:
                own["score"] = score
            if answer.choices and not self._answers.paths.get(answer.job):
                labels = [writable(choice.key) for choice in answer.choices]
                control = self._config.control(key, TYPE, of.name)
                control.multiple = control.multiple or len(labels) > 1
                self._answers.knows(control, answer.job, labels)
                asked = [inner for choice in answer.choices for inner in choice.answers]
            else:
                labels, asked = [key], [answer]
                control = self._config.control(f"{key}-frames", TYPE, of.name)
                title = self._jobs[answer.job].title if answer.job in self._jobs else answer.job
                control.labels.setdefault(key, LabelClass(key, title))
            yield result_of(control, own, {**about, TYPE: labels})
            yield from self._answers.about_region(asked, of, own, about)


def _stretches(group: Sequence[Framed]) -> Iterator[tuple[int, int, Answer]]:
    """First and last frame (from 0) with what was answered there, by frames."""
    told = sorted(((one.frame or 0, _answer(one)) for one in group), key=lambda pair: pair[0])
    begun: tuple[int, int, Answer] | None = None
    for frame, answer in told:
        if begun is not None and answer == begun[2] and frame <= begun[1] + 1:
            begun = (begun[0], frame, answer)
            continue
        if begun is not None:
            yield begun
        begun = (frame, frame, answer)
    if begun is not None:
        yield begun


def _answer(one: Framed) -> Answer:
    return one.answer if isinstance(one, Classification) else Answer(one.job, text=one.text)
