"""One entry of a task's label data in neutral words: what was drawn and measured, in which series and frame."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from audit.annotations import Annotation, Answer, Choice, Classification, Problem, Transcription, VolumeMask
from audit.ontology import Job, LabelClass, Ontology
from audit.sources.redbrick.answers import answers_of
from audit.sources.redbrick.ontology import OBJECTS, PATH, SCOPES, TASK
from audit.sources.redbrick.series import Series
from audit.sources.redbrick.shapes import MASK, SHAPES, Common, Misdrawn
from audit.sources.values import Item, part, text, values

Found = Iterator[Annotation | Problem]

OLDER = {"tasklevelclassify": True, "multiclassify": False}
"""How entries of older taxonomies say that they are of the task, and of a series."""


class Drawn:
    """Reads the entries of one label. `masks` are the label's files by the index of the series they belong to."""

    def __init__(self, ontology: Ontology, series: Sequence[Series], masks: Mapping[int, str]) -> None:
        self.jobs = {job.key: job for job in ontology.jobs}
        self.series = series
        self.masks = masks
        objects = [(job, known) for job in ontology.jobs if job.kind == "objects" for known in job.classes]
        self.classes: dict[str, tuple[Job, LabelClass]] = {known.key: (job, known) for job, known in objects}
        self.titles = {(job.key, known.title): known.key for job, known in objects}

    def read(self, entry: Item) -> Found:
        """The annotations of one entry, and what of it can't be represented."""
        scope = next((scope for scope in SCOPES if entry.get(f"{scope}classify")), None)
        older = next((name for name in OLDER if entry.get(name)), None)
        if scope is not None:
            yield from self._classified(entry, scope)
        elif older is not None:
            yield from self._classified_in_tree(entry, of_task=OLDER[older])
        else:
            yield from self._object(entry)

    # What is said of a study, a series or an instance

    def _classified(self, entry: Item, scope: str) -> Found:
        place = self._place(entry)
        for found in answers_of(entry, scope, self.jobs):
            if isinstance(found, Problem):
                yield found
            else:
                yield self._said(found, place, of_task=scope == "study")

    def _said(self, answer: Answer, place: Common, *, of_task: bool) -> Annotation:
        job = self.jobs[answer.job]
        common = {**place, "job": job.key, "tool": job.tools[0]}
        if answer.text is not None:
            return Transcription(text=answer.text, of_task=of_task, **common)
        return Classification(answer=answer, multiple=job.multiple, of_task=of_task, **common)

    def _classified_in_tree(self, entry: Item, *, of_task: bool) -> Found:
        place, answers = self._place(entry), []
        for found in answers_of(entry, TASK, self.jobs):
            if isinstance(found, Problem):
                yield found
            else:
                answers.append(found)
        known = {one.key for one in self.jobs[TASK].classes} if TASK in self.jobs else set()
        paths = _paths(entry)
        if strangers := [path for path in paths if PATH.join(path) not in known]:
            yield _problem(entry, "unknown_class", f'the taxonomy has no class "{" / ".join(strangers[0])}"', TASK)
        chosen = tuple(Choice(PATH.join(path), tuple(answers)) for path in paths if PATH.join(path) in known)
        if chosen:
            yield Classification(
                answer=Answer(TASK, chosen),
                multiple=len(chosen) > 1,
                of_task=of_task,
                job=TASK,
                tool="classify",
                **place,
            )
        else:
            for answer in answers:
                yield self._said(answer, place, of_task=of_task)

    # What is drawn

    def _object(self, entry: Item) -> Found:
        shape = next((name for name in SHAPES if _has(entry, name)), None)
        if shape is None:
            yield _problem(entry, "no_geometry", "nothing is drawn that we know of")
            return
        tool, make = SHAPES[shape]
        found = self._class(entry, tool)
        if isinstance(found, Problem):
            yield found
            return
        job, classes, answers = found
        for answer in answers_of(entry, classes[-1] if job.key != OBJECTS else OBJECTS, self.jobs):
            if isinstance(answer, Problem):
                yield answer
            else:
                answers.append(answer)
        common = {**self._place(entry), "job": job.key, "tool": tool, "classes": classes, "answers": tuple(answers)}
        try:
            yield from self._masks(entry, common) if make is None else iter([make(entry, common)])
        except Misdrawn as error:
            yield _problem(entry, "bad_geometry", f"the {shape} can't be drawn: {error}", job.key)

    def _class(self, entry: Item, tool: str) -> tuple[Job, tuple[str, ...], list[Answer]] | Problem:
        """Job, path of classes, and further classes as answers, where an older taxonomy allows several."""
        if isinstance(entry.get("category"), list):
            keys = [PATH.join(path) for path in _paths(entry)]
        elif isinstance(entry.get("classid"), int) and OBJECTS not in self.jobs:
            keys = [str(entry["classid"])]
        else:
            name = text(entry, "category")
            keys = [] if name is None else [self.titles.get((tool, name)) or self.titles.get((OBJECTS, name)) or name]
        if not keys:
            return _problem(entry, "no_class", "it has no class")
        for key in keys:
            if key not in self.classes:
                return _problem(entry, "unknown_class", f'the taxonomy has no class "{key.replace(PATH, " / ")}"')
        job, known = self.classes[keys[0]]
        more = [Answer(job.key, tuple(Choice(key) for key in keys[1:]))] if keys[1:] else []
        return job, self._path(known), more

    def _path(self, known: LabelClass) -> tuple[str, ...]:
        found = [known.key]
        while known.parent is not None and known.parent in self.classes and len(found) < len(self.classes):
            known = self.classes[known.parent][1]
            found.insert(0, known.key)
        return tuple(found)

    def _masks(self, entry: Item, common: Common) -> Found:
        """The voxels of an instance: in one series, or in each that has a mask when the entry names none."""
        drawn = part(entry, "dicom")
        value = drawn.get("instanceid")
        if not isinstance(value, int) or isinstance(value, bool):
            raise Misdrawn("its number is none")
        group = tuple(one for one in values(drawn, "groupids") if type(one) is int)
        told = entry.get("volumeindex")
        if (own := text(drawn, "file")) is not None:  # In exports, where each instance may have a file of its own.
            inside = drawn.get("value")
            if type(inside) is int:
                yield VolumeMask(file=own, value=inside, group=group, **common)
            else:
                yield _problem(entry, "no_file", f'its mask "{own}" is no NIfTI file in the export', common["job"])
            return
        for at in [told] if type(told) is int else sorted(self.masks):
            if at in self.masks:
                yield VolumeMask(file=self.masks[at], value=value, group=group, **{**common, "medium": at})
            else:
                title = self.series[at].title if 0 <= at < len(self.series) else str(at)
                yield _problem(entry, "no_file", f'there is no mask file for series "{title}"', common["job"])
        if told is None and not self.masks:
            yield _problem(entry, "no_file", "there is no mask file for it", common["job"])

    def _place(self, entry: Item) -> Common:
        """What every annotation has: where it is, and what it belongs to."""
        stats = part(entry, "stats")
        frame = entry.get("frameindex")
        if type(frame) is not int or frame < 0:
            frame = entry.get("seriesframeindex")
        medium = entry.get("volumeindex")
        medium = medium if type(medium) is int and medium >= 0 else 0
        if type(frame) is not int or frame < 0:
            frame = self._item(entry, medium)
        track = text(entry, "trackid")
        return {
            "id": text(entry, "labelid"),
            "object": track or text(entry, "labelid"),
            "frame": frame,
            "key_frame": entry.get("keyframe") is not False,
            "ends": track is not None and entry.get("end") is not False,
            "medium": medium,
            "linked": text(entry, "linkid"),
            "locked": entry.get("readonly") is True,
            "figures": tuple((name, one) for name, one in stats.items() if isinstance(one, int | float | str)),
        }

    def _item(self, entry: Item, medium: int) -> int | None:
        """The place within the series of the item that the entry names."""
        told = entry.get("globalitemsindex")
        items = sorted(self.series[medium].items) if medium < len(self.series) else []
        return items.index(told) if type(told) is int and told in items and len(items) > 1 else None


def _has(entry: Item, shape: str) -> bool:
    return part(entry, shape).get("instanceid") is not None if shape == MASK else bool(entry.get(shape))


def _paths(entry: Item) -> list[tuple[str, ...]]:
    """The paths of classes in an older taxonomy's tree, each without its root."""
    category = entry.get("category")
    if isinstance(category, str):
        return [(category,)]
    found = category if isinstance(category, list) else []
    if found and all(isinstance(name, str) for name in found):
        found = [["", *found]]
    return [tuple(map(str, path[1:])) for path in found if isinstance(path, list) and len(path) > 1]


def _problem(entry: Item, code: Any, why: str, job: str | None = None) -> Problem:
    frame = entry.get("frameindex")
    return Problem(code, why, job, text(entry, "labelid"), frame if type(frame) is int else None)
