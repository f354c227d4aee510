"""Answers to questions, about a region or the whole, as results: choices, ways through a taxonomy, texts, numbers.

What is asked because of a choice stands beside it; the configuration says because of which.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from audit.annotations import Answer, finite
from audit.ontology import Job
from exports.formats.labels.shapes import Unwritable
from exports.formats.labelstudio.config import SEPARATOR, Config, Control, paths_of, writable
from exports.formats.labelstudio.regions import Object, Result, result_of
from exports.formats.labelstudio.shapes import Value


class Answers:
    """Says answers, and gathers their tags. `jobs` are those of the project, by key."""

    def __init__(self, config: Config, jobs: Mapping[str, Job]) -> None:
        self._config = config
        self._jobs = jobs
        self.paths = {job.key: paths_of(job) for job in jobs.values()}
        """Of each job that has classes within classes, the way to each; of others nothing."""

    def about_region(self, answers: Sequence[Answer], of: Object, common: Result, about: Value) -> Iterator[Result]:
        """What was asked about a region, which `common` names, and `about` says where it is."""
        yield from self._said(answers, of, common, about)

    def about_whole(
        self, answers: Sequence[Answer], of: Object, common: Result, new: Callable[[], str], *, multiple: bool = False
    ) -> Iterator[Result]:
        """What was asked about the whole. `new` makes an id for each result."""
        yield from self._said(answers, of, common, {}, new=new, multiple=multiple)

    def _said(
        self,
        answers: Sequence[Answer],
        of: Object,
        common: Result,
        about: Value,
        *,
        new: Callable[[], str] | None = None,
        multiple: bool = False,
        when: tuple[str, str] | None = None,
    ) -> Iterator[Result]:
        for answer in answers:
            type_, value = self._value(answer)
            control = self._config.control(writable(answer.job), type_, of.name)
            control.per_region = new is None
            control.multiple = control.multiple or multiple or len(answer.choices) > 1
            control.when = control.when or when
            if type_ == "choices":
                self.knows(control, answer.job, value["choices"])
            elif type_ == "taxonomy":
                control.knows(SEPARATOR.join(path) for path in self.paths[answer.job].values())
            own = common if new is None else common | {"id": new()}
            scores = {choice.confidence for choice in answer.choices}
            if new is not None and len(scores) == 1 and (score := scores.pop()) is not None:
                own = own | {"score": score}
            yield result_of(control, own, {**about, **value})
            for choice in answer.choices:
                asked = (control.name, writable(choice.key))
                yield from self._said(choice.answers, of, common, about, new=new, when=asked)

    def _value(self, answer: Answer) -> tuple[str, Value]:
        if answer.number is not None:
            if not finite([answer.number]):
                raise Unwritable("bad_number", "an answer is no finite number")
            return "number", {"number": answer.number}
        if answer.text is not None and not answer.choices:
            return "textarea", {"text": [answer.text]}
        if paths := self.paths.get(answer.job):
            return "taxonomy", {
                "taxonomy": [list(paths.get(choice.key, (writable(choice.key),))) for choice in answer.choices]
            }
        return "choices", {"choices": [writable(choice.key) for choice in answer.choices]}

    def knows(self, control: Control, job: str, names: Sequence[str]) -> None:
        """The job's classes in its order, then those that results name besides."""
        for known in self._jobs[job].classes if job in self._jobs and not control.labels else ():
            control.labels[writable(known.key)] = known
            if control.type == "keypointlabels":
                control.knows(map(writable, known.points))
        control.knows(names)
