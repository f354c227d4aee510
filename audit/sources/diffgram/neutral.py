"""What Diffgram's payloads say in neutral words, those of its API and those of its database."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from audit.annotations import (
    Annotation,
    Answer,
    Choice,
    Classification,
    Labelled,
    Medium,
    Problem,
    Relation,
    Transcription,
)
from audit.ontology import Job, LabelClass, Ontology
from audit.sources.base import Neutral, ReadFile, no_file
from audit.sources.diffgram.label import children
from audit.sources.diffgram.shapes import GEO, TOOLS, Bad, Canvas, drawn
from audit.sources.mediafacts import media_of
from audit.sources.values import Item, an_object, inner, item, number, part, parts, text, whole

OBJECTS, TAGS, ENTITIES, RELATIONS = "objects", "tags", "entities", "relations"
CHOSEN = frozenset({"select", "multiple_select", "radio", "tree"})
WHOLE = frozenset({"tag", "global", "global_attribute"})
"""Types of instances that are of the whole file."""


class DiffgramNeutral(Neutral):
    """Reads what `events`, `project` and `label` put into events. Keys are Diffgram's numbers, titles its names."""

    keys_are_ids: ClassVar[bool] = True

    def ontology(self, project: bytes) -> Ontology:
        """Labels can be drawn, be tags, mark words and relations; attribute groups are questions about them. Raises
        ValueError for a payload without labels."""
        found = item(project)
        if "labels" not in found:
            raise ValueError("the project's payload has no labels")
        groups = parts(found, "attribute_groups")
        asked: dict[str, tuple[str, ...]] = {}
        for group in groups:
            for file in parts(group, "label_file_list"):
                label = str(file.get("id"))
                asked[label] = (*asked.get(label, ()), str(group.get("id")))
        classes = tuple(_class(label, asked) for label in parts(found, "labels") if whole(label, "id") is not None)
        jobs = (
            Job(OBJECTS, "Objects", "objects", TOOLS, classes),
            Job(TAGS, "Tags", "classification", ("tag",), classes, multiple=True),
            Job(ENTITIES, "Words", "entities", ("text_token",), classes),
            Job(RELATIONS, "Relations", "relations", ("relation",), classes),
        )
        return Ontology((*jobs, *(_question(group) for group in groups if whole(group, "id") is not None)))

    def media(self, task: bytes) -> tuple[Medium, ...]:
        """The task's file, or the files in a compound one."""
        return media_of(item(task))

    def annotations(self, label: bytes, task: bytes, ontology: Ontology, read: ReadFile = no_file) -> Labelled:
        """Every instance, frame by frame for videos. Reads no files."""
        found = _Found(item(task), ontology)
        found.take(part(an_object(label), "packet"))
        return Labelled(tuple(found.annotations), tuple(found.problems))


class _Found:
    """Takes packets, and has what they say."""

    def __init__(self, task: Item, ontology: Ontology) -> None:
        self.annotations: list[Annotation] = []
        self.problems: list[Problem] = []
        self._media = parts(task, "media")
        self._ontology = ontology
        job = ontology.job(OBJECTS)
        self._classes = frozenset(known.key for known in job.classes) if job else frozenset()

    def take(self, packet: Item) -> None:
        """A file's instances, and those of the files in it."""
        medium = self._medium(whole(part(packet, "file"), "id"))
        for row in (*parts(packet, "parent_instance_list"), *parts(packet, "instance_list")):
            self._row(row, medium, None)
        for sequence in parts(packet, "sequence_list"):
            for row in parts(sequence, "instance_list"):
                self._row(row, medium, str(sequence.get("id")))
        for child in children(packet):
            self.take(child)

    def _row(self, row: Item, medium: int, sequence: str | None) -> None:
        kind = text(row, "type") or ""
        number_ = row.get("id")
        id_ = None if number_ is None else str(number_)
        frame = whole(row, "frame_number")
        sort = ENTITIES if kind == "text_token" else RELATIONS if kind == "relation" else OBJECTS
        if sequence is None and whole(row, "sequence_id") is not None:
            sequence = str(row["sequence_id"])
        try:
            common: dict[str, Any] = {
                "tool": kind,
                "classes": self._class(row),
                "answers": tuple(self._answers(row)),
                "object": id_ if sequence is None else f"sequence-{sequence}",
                "id": id_,
                "frame": frame,
                "key_frame": row.get("interpolated") is not True,
                "medium": medium,
            }
            if kind in WHOLE:
                self._whole(common)
            elif kind == "relation":
                ends = [str(row[name]) for name in ("from_instance_id", "to_instance_id") if row.get(name) is not None]
                if len(ends) != 2:
                    raise Bad("no_geometry", "it does not say between which instances it is")
                self.annotations.append(Relation(job=sort, sources=(ends[0],), targets=(ends[1],), **common))
            else:
                self.annotations += drawn(row, self._canvas(medium), {"job": sort, **common})
        except Bad as bad:
            self.problems.append(Problem(bad.code, f"the {kind or 'instance'}: {bad.text}", sort, id_, frame))

    def _whole(self, common: dict[str, Any]) -> None:
        """A tag is its label with its answers; what has no label is its answers alone."""
        classes: tuple[str, ...] = common["classes"]
        answers: tuple[Answer, ...] = common["answers"]
        shared = {**common, "classes": (), "answers": ()}
        if classes:
            answer = Answer(TAGS, (Choice(classes[0], answers),))
            self.annotations.append(Classification(job=TAGS, answer=answer, multiple=True, **shared))
            return
        if not answers:
            raise Bad("no_class", "it has neither a label nor attributes")
        for answer in answers:
            if answer.text is not None:
                self.annotations.append(Transcription(job=answer.job, text=answer.text, **shared))
            else:
                self.annotations.append(Classification(job=answer.job, answer=answer, **shared))

    def _class(self, row: Item) -> tuple[str, ...]:
        label = row.get("label_file_id")
        if label is None:
            return ()
        if str(label) not in self._classes:
            raise Bad("unknown_class", f"its label {label} is not among those of the project")
        return (str(label),)

    def _answers(self, row: Item) -> Iterator[Answer]:
        groups = inner(row.get("attribute_groups"))
        for key, value in groups.items() if isinstance(groups, dict) else ():
            answer = _answer(key, value)
            if answer is not None:
                yield answer

    def _medium(self, file: int | None) -> int:
        return next((index for index, fact in enumerate(self._media) if fact.get("file") == file), 0)

    def _canvas(self, medium: int) -> Canvas:
        fact = self._media[medium] if medium < len(self._media) else {}
        if fact.get("kind") == "geo":
            return Canvas(*GEO)
        return Canvas(number(fact.get("width")), number(fact.get("height")))


def _answer(group: str, value: object) -> Answer | None:
    """What was said to a group: a template, several by their numbers, a text, a number."""
    if value is None or value in ("", {}, []):
        return None
    if isinstance(value, bool):
        return Answer(group, (Choice(str(value).lower()),))
    if isinstance(value, int | float):
        return Answer(group, number=number(value))
    if isinstance(value, str):
        return Answer(group, text=value)
    entries = [value] if isinstance(value, dict) and "id" in value else None
    if entries is None:
        entries = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    keys = [str(entry["id"]) for entry in entries if isinstance(entry, dict) and entry.get("id") is not None]
    if not keys and isinstance(value, dict):  # A tree: {"88": {"selected": true}} names them by its keys alone.
        keys = [key for key, entry in value.items() if entry]
    return Answer(group, tuple(map(Choice, keys))) if keys else None


def _class(label: Item, asked: dict[str, tuple[str, ...]]) -> LabelClass:
    key = str(label["id"])
    color = text(part(label, "colour"), "hex") or ""
    name = text(part(label, "label"), "name") or key
    return LabelClass(key, name, color if len(color) == 7 and color.startswith("#") else None, jobs=asked.get(key, ()))


def _question(group: Item) -> Job:
    kind = text(group, "kind") or ""
    key = str(group["id"])
    title = text(group, "prompt") or text(group, "name") or key
    choices = tuple(
        LabelClass(str(template["id"]), text(template, "name") or str(template["id"]), parent=_parent(template))
        for template in parts(group, "attribute_template_list")
        if template.get("id") is not None
    )
    return Job(
        key,
        title,
        "transcription" if kind == "text" else "classification",
        (kind,),
        choices if kind in CHOSEN or choices else (),
        multiple=kind in ("multiple_select", "tree"),
        nested=group.get("is_global") is not True,
    )


def _parent(template: Item) -> str | None:
    found = template.get("parent_id")
    return None if found is None else str(found)
