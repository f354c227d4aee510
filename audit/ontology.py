"""What can be said in a project, whatever platform it comes from: the questions, and the classes to choose from."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal


@dataclass(frozen=True, slots=True)
class LabelClass:
    """A class of a job: `key` in labels, `title` for people, `color` as #rrggbb; `id` is the source's own, where that
    is not the key. `parent` is the key of the class above; `jobs` are the questions asked where it was chosen; `points`
    are the named points of a pose. `folders` are the headings under which people find it, from the outermost inwards.
    With `tie` it says of two things that they are as good as each other.
    """

    key: str
    title: str
    color: str | None = None
    parent: str | None = None
    id: str | None = None
    jobs: tuple[str, ...] = ()
    points: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    tie: bool = False


@dataclass(frozen=True)
class Job:
    """A question, or a set of classes to draw. `tools` are the platform's names; `kind` is what an answer to it is."""

    key: str
    title: str
    kind: Literal["objects", "classification", "transcription", "entities", "relations", "ranking", "ranges", "other"]
    tools: tuple[str, ...] = ()
    classes: tuple[LabelClass, ...] = ()
    multiple: bool = False
    required: bool = False
    nested: bool = False
    """Asked only within another job's class."""

    @cached_property
    def paths(self) -> dict[str, tuple[str, ...]]:
        """The keys of its classes, each with itself as an annotation's `classes`."""
        return {known.key: (known.key,) for known in self.classes}


@dataclass(frozen=True)
class Ontology:
    """What could be said: jobs in the platform's order, which is the order of classes in every format."""

    jobs: tuple[Job, ...] = field(default=())

    def job(self, key: str) -> Job | None:
        """The job of this key; of several the first one."""
        return self._by_key.get(key)

    @cached_property
    def _by_key(self) -> dict[str, Job]:
        return {job.key: job for job in reversed(self.jobs)}
