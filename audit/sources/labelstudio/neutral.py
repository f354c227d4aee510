"""What Label Studio's labels say. The export has no labelling configuration: controls and classes are those that
results name (`exported` puts them into the project's payload), by their names.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from audit.annotations import (
    Annotation,
    Answer,
    Choice,
    Classification,
    Labelled,
    Medium,
    Problem,
    Ranking,
    Relation,
    Transcription,
)
from audit.ontology import Job, LabelClass, Ontology
from audit.sources.base import Neutral, ReadFile, no_file
from audit.sources.labelstudio.media import index_of, is_pair
from audit.sources.labelstudio.shapes import BadShape, drawn, is_drawn
from audit.sources.mediafacts import media_of
from audit.sources.values import Item, an_object, item, number, part, parts, text, values

RELATION = "relation"
SIDES = ("left", "right")
"""The two things of a Pairwise."""
SEPARATOR = "/"
"""Between the steps of a taxonomy's path, in keys of classes."""
_ANSWERS = ("choices", "taxonomy", "text", "number", "rating", "datetime", "pairwise", "selected", "ranker")
JobKind = Literal["objects", "classification", "transcription", "entities", "relations", "ranking", "ranges", "other"]


class LabelStudioNeutral(Neutral):
    """Reads what `events` and `exported` put into events."""

    def ontology(self, project: bytes) -> Ontology:
        """A job for each control, in the order in which the export names them first."""
        return Ontology(tuple(_job(control) for control in parts(item(project), "controls")))

    def media(self, task: bytes) -> tuple[Medium, ...]:
        """Files and texts of the task's data."""
        return _media(item(task))

    def annotations(self, label: bytes, task: bytes, ontology: Ontology, read: ReadFile = no_file) -> Labelled:
        """What the label's results say. Reads no files."""
        about = item(task)
        said = _Said(ontology, _media(about), parts(about, "media"), part(about, "data"))
        return said.read(part(an_object(label), "annotation"))


def _media(task: Item) -> tuple[Medium, ...]:
    """The task's media; their addresses are paths of the platform as often as not, so no file is asked for."""
    return media_of(task, lambda fact: ())


class _Said:
    """Reads one label. Results of one id are one region: where it is, what it is called, what was asked about it."""

    def __init__(self, ontology: Ontology, media: tuple[Medium, ...], facts: list[Item], data: Item) -> None:
        self._data = data
        self._jobs = {job.key: job for job in ontology.jobs}
        self._media = media
        self._facts = facts
        self._problems: list[Problem] = []

    def read(self, label: Item) -> Labelled:
        regions: dict[str, list[Item]] = {}
        for place, one in enumerate(values(label, "result")):
            if not isinstance(one, dict):
                self._problems.append(Problem("unreadable", "a result is no JSON object"))
            elif one.get("type") == RELATION or text(one, "id") is None:
                regions[f"\0{place}"] = [one]
            else:
                regions.setdefault(text(one, "id") or "", []).append(one)
        found = [annotation for region in regions.values() for annotation in self._region(region)]
        return Labelled(tuple(found), tuple(self._problems))

    def _region(self, region: list[Item]) -> Iterator[Annotation]:
        where = [one for one in region if is_drawn(part(one, "value"))]
        try:
            if where:
                yield from self._object(region, where)
                return
            for one in region:
                yield self._whole(one)
        except BadShape as problem:
            control = control_of(region[0])
            self._problems.append(Problem(problem.code, f'"{control}": {problem}', control, text(region[0], "id")))

    def _object(self, region: list[Item], where: list[Item]) -> Iterator[Annotation]:
        """The region, called by what labels it, with the other results as answers."""
        classes = [one for one in region if labels_of(one)]
        shown = next((one for one in where if one not in classes and not _asked(one)), where[0])
        main = classes[0] if classes else shown
        answers: list[Answer] = []
        for one in region:
            if one is not shown and one is not main:
                answers += [Answer(control_of(one), tuple(map(Choice, labels_of(one))))] if labels_of(one) else []
            if _asked(one):
                answers.append(self._answer(one))
        names = labels_of(main)
        if len(names) > 1:  # Several classes of one region are no path: the others are an answer.
            answers.insert(0, Answer(control_of(main), tuple(map(Choice, names))))
        self._known(main, names)
        notes = [str(note) for note in values(part(shown, "meta"), "text")]
        answers += [Answer("meta", text=note) for note in notes]
        yield from drawn(
            shown, part(shown, "value"), self._medium(shown), self._common(main, shown, names[:1], tuple(answers))
        )

    def _common(self, main: Item, shown: Item, names: list[str], answers: tuple[Answer, ...]) -> dict[str, Any]:
        score = number(shown.get("score"))
        return {
            "job": control_of(main),
            "tool": text(shown, "type") or "",
            "classes": tuple(names),
            "answers": answers,
            "object": text(shown, "id"),
            "id": text(shown, "id"),
            "medium": index_of(self._facts, shown) or 0,
            "confidence": score,
            "linked": text(shown, "parentID"),
            "locked": shown.get("readonly") is True or shown.get("locked") is True,
        }

    def _whole(self, one: Item) -> Annotation:
        """What is said of the whole medium. Raises BadShape."""
        if one.get("type") == RELATION:
            return _relation(one)
        value, control = part(one, "value"), control_of(one)
        common = self._common(one, one, [], ())
        common["object"] = None
        if "ranker" in value or "selected" in value:
            return Ranking(order=_order(value, control, self._sides(one)), **common)
        if not _asked(one):
            raise BadShape("unknown_tool", f"what it says ({', '.join(value)[:80]}) has no neutral form")
        answer = self._answer(one)
        if answer.text is not None and not answer.choices:
            return Transcription(text=answer.text, **common)
        job = self._jobs.get(control)
        return Classification(answer=answer, multiple=job is not None and job.multiple, **common)

    def _answer(self, one: Item) -> Answer:
        """What was answered: choices, words or a number. Raises BadShape."""
        value, control = part(one, "value"), control_of(one)
        chosen = chosen_of(value)
        if chosen:
            self._known(one, chosen)
            return Answer(control, tuple(Choice(key, confidence=number(one.get("score"))) for key in chosen))
        for name in ("number", "rating"):
            if (amount := number(value.get(name))) is not None:
                return Answer(control, number=amount)
        said = value.get("datetime", value.get("text"))
        if isinstance(said, list) and all(isinstance(line, str) for line in said):
            said = "\n".join(said)
        if isinstance(said, str):
            return Answer(control, text=said)
        if [] in (value.get("choices"), value.get("taxonomy")):
            return Answer(control)
        raise BadShape("unreadable", f"what it says ({', '.join(value)[:80]}) can't be read")

    def _known(self, one: Item, names: list[str]) -> None:
        job = self._jobs.get(control_of(one))
        if job is None:
            raise BadShape("unknown_job", "it is no control that the project has")
        keys = {known.key for known in job.classes}
        unknown = next((name for name in names if name not in keys), None)
        if unknown is not None:
            raise BadShape("unknown_class", f"its class is {unknown[:80]!r}, which the project does not have")

    def _sides(self, one: Item) -> tuple[str, str]:
        """What is left and right in a Pairwise: what stands there where an export of ours names it, else the sides."""
        name = text(one, "to_name") or ""
        if is_pair(one):
            left, right = (text(self._data, f"{name.removesuffix(SIDES[0])}{side}") for side in SIDES)
            if left is not None and right is not None:
                return left, right
        return SIDES

    def _medium(self, one: Item) -> Medium | None:
        at = index_of(self._facts, one)
        return None if at is None else self._media[at]


def control_of(one: Item) -> str:
    """The name of the control with which a result was made; of relations, which have none, their type."""
    return text(one, "from_name") or text(one, "type") or "result"


def labels_of(one: Item) -> list[str]:
    """The classes that a result gives a region: `labels`, `rectanglelabels` and so on."""
    type_, value = text(one, "type") or "", part(one, "value")
    for name in (type_, "labels"):
        if name.endswith("labels") and isinstance(value.get(name), list):
            return [label for label in value[name] if isinstance(label, str)]
    return [label for label in values(one, "labels") if isinstance(label, str)]


def chosen_of(value: Item) -> list[str]:
    """The choices of a result; of a taxonomy each path as one key."""
    found = values(value, "choices") or values(value, "taxonomy")
    paths = [one if isinstance(one, list) else [one] for one in found]
    return [SEPARATOR.join(map(str, path)) for path in paths if path]


def _asked(one: Item) -> bool:
    """Whether a result answers a question about its region, or about the whole."""
    type_, value = text(one, "type") or "", part(one, "value")
    if type_ in ("textarea", "choices", "taxonomy", "rating", "number", "datetime"):
        return True
    return not type_.endswith("labels") and not is_drawn(value) and any(name in value for name in _ANSWERS)


def _relation(one: Item) -> Relation:
    source, target = text(one, "from_id"), text(one, "to_id")
    if source is None or target is None:
        raise BadShape("no_geometry", "the relation does not have both ends")
    way = text(one, "direction")
    ends = (target, source) if way == "left" else (source, target)
    return Relation(
        job=control_of(one),
        tool=RELATION,
        classes=tuple(labels_of(one)[:1]),
        answers=tuple(Answer(RELATION, (Choice(label),)) for label in labels_of(one)[1:]),
        sources=ends[:1],
        targets=ends[1:],
        directed=way != "bi",
    )


def _order(value: Item, control: str, sides: tuple[str, str]) -> tuple[tuple[str, ...], ...]:
    """A ranking; of two things the chosen one comes first, or both are as good.

    A ranker has one list under its own name, best first, or one for each bucket, whose things are as good.
    """
    chosen = value.get("selected")
    if isinstance(chosen, str):
        left, right = sides
        return {"left": ((left,), (right,)), "right": ((right,), (left,))}.get(chosen, (sides,))
    ranked = value.get("ranker")
    if isinstance(ranked, dict) and [*ranked] == [control]:
        ranked = ranked[control]
    if isinstance(ranked, list):
        return tuple((str(one),) for one in ranked)
    if isinstance(ranked, dict):
        return tuple(tuple(map(str, group)) for group in ranked.values() if isinstance(group, list))
    raise BadShape("unreadable", "the order can't be read")


def _job(control: Item) -> Job:
    type_ = text(control, "type") or ""
    keys = [key for key in values(control, "labels") if isinstance(key, str)]
    paths = type_ == "taxonomy"
    return Job(
        key=text(control, "name") or "",
        title=text(control, "name") or "",
        kind=_kind(type_, text(control, "media")),
        tools=(type_,),
        classes=tuple(_class(key, paths=paths) for key in keys),
        multiple=control.get("multiple") is True,
        nested=control.get("region") is True,
    )


def _class(key: str, *, paths: bool) -> LabelClass:
    above, _, title = key.rpartition(SEPARATOR) if paths else ("", "", key)
    return LabelClass(key, title, parent=above or None)


def _kind(type_: str, media: str | None) -> JobKind:
    plain: dict[str, JobKind] = {
        "choices": "classification",
        "taxonomy": "classification",
        "rating": "classification",
        "number": "classification",
        "textarea": "transcription",
        "datetime": "transcription",
        "pairwise": "ranking",
        "ranker": "ranking",
        RELATION: "relations",
        "timeserieslabels": "ranges",
        "timelinelabels": "ranges",
        "hypertextlabels": "entities",
        "paragraphlabels": "entities",
    }
    if type_ in plain:
        return plain[type_]
    if type_ == "labels" and media in ("text", "html", "conversation"):
        return "entities"
    return "ranges" if type_ == "labels" and media == "audio" else "objects"
