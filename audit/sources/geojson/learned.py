"""Jobs, classes and questions that features name: GeoJSON has no ontology."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

from audit.sources.geojson.features import JOB, Pairs, class_of, in_words, ours
from audit.sources.geojson.shapes import tool_of
from audit.sources.values import Item, part, parts, text


@dataclass(slots=True)
class _Class:
    title: str
    jobs: dict[str, None] = field(default_factory=dict)


@dataclass(slots=True)
class _Job:
    title: str
    kind: str
    nested: bool
    multiple: bool = False
    tools: dict[str, None] = field(default_factory=dict)
    classes: dict[str, _Class] = field(default_factory=dict)


class Learned:
    """What could be said, as far as it was said; in the order in which it comes."""

    def __init__(self) -> None:
        self._jobs: dict[str, _Job] = {}

    def add(self, feature: object) -> None:
        """A feature's job, its class, and the questions that it answers."""
        if not isinstance(feature, dict):
            return
        said, geometry = ours(feature), part(feature, "geometry")
        if not said:
            self._others(feature, geometry)
        elif geometry:
            self._object(said, geometry, feature)
        elif text(said, "text") is not None and len(part(feature, "properties")) == 1:
            self._job(str(said["job"]), "transcription")
        else:
            self._answer(str(said["job"]), said, in_words(feature), "", nested=False)

    def told(self) -> list[dict[str, Any]]:
        """The jobs, as a project's payload has them."""
        return [
            {
                "key": key,
                "title": job.title,
                "kind": job.kind,
                "tools": list(job.tools),
                "multiple": job.multiple,
                "nested": job.nested,
                "classes": [
                    {"key": name, "title": one.title, "jobs": list(one.jobs)} for name, one in job.classes.items()
                ],
            }
            for key, job in self._jobs.items()
        ]

    def _job(self, key: str, kind: str, *, nested: bool = False) -> _Job:
        return self._jobs.setdefault(key, _Job(key, kind, nested))

    def _others(self, feature: Item, geometry: Item) -> None:
        job = self._job(JOB, "objects")
        job.title = "Objects"
        if geometry:
            job.tools.setdefault(tool_of(geometry))
        if (name := class_of(feature)) is not None:
            job.classes.setdefault(name, _Class(name))

    def _object(self, said: Item, geometry: Item, feature: Item) -> None:
        job, categories = self._job(str(said["job"]), "objects"), parts(said, "categories")
        job.tools.setdefault(text(said, "type") or tool_of(geometry))
        pairs = in_words(feature)
        name, value = next(pairs, ("", None)) if categories else ("", None)
        job.title = name or job.title
        job.multiple = job.multiple or isinstance(value, list)
        first = part(feature, "properties").get("class")
        found = self._classes(job, categories, [first] if value is None else value)
        if found:
            self._because(found[0], part(said, "children"), pairs, f"{name}.{found[0].title}.")

    def _because(self, of: _Class, children: Item, pairs: Pairs, before: str) -> None:
        """Questions that were asked because of a class."""
        for key, answer in children.items():
            if isinstance(answer, dict):
                of.jobs.setdefault(key)
                self._answer(key, answer, pairs, before, nested=True)

    def _answer(self, key: str, answer: Item, pairs: Pairs, before: str, *, nested: bool) -> None:
        """A question by one of its answers; `before` is what stands before its name in properties."""
        name, value = next(pairs, ("", None))
        job = self._job(key, "transcription" if nested and "text" in answer else "classification", nested=nested)
        if len(name) > len(before) and name.startswith(before):
            job.title = name.removeprefix(before)
        job.multiple = job.multiple or isinstance(value, list)
        categories = parts(answer, "categories")
        for category, known in zip(categories, self._classes(job, categories, value), strict=False):
            self._because(known, part(category, "children"), pairs, f"{name}.{known.title}.")

    @staticmethod
    def _classes(job: _Job, categories: list[Item], titles: object) -> list[_Class]:
        """The classes of these categories, which are called so where as many titles are told."""
        told = titles if isinstance(titles, list) else [titles]
        fitting = told if len(told) == len(categories) else []
        found = []
        for category, title in zip_longest(categories, fitting):
            name = text(category, "name")
            if name is not None:
                found.append(job.classes.setdefault(name, _Class(title if isinstance(title, str) and title else name)))
        return found
