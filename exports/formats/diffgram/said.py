"""What labels of other platforms say, as packets of Diffgram: files and labels have numbers from 1."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

from audit.annotations import (
    Annotation,
    Answer,
    Box,
    Classification,
    Ellipse,
    Marker,
    Medium,
    MediumKind,
    Ontology,
    Polygon,
    Polyline,
    Relation,
    Ring,
    TextSpan,
    Transcription,
    finite,
)
from audit.sources.values import Item
from exports.archive.build import Archive, Skipped
from exports.formats.diffgram.packets import Packet
from exports.formats.labels.annotated import Asset, LabelItem
from exports.formats.labels.shapes import Unwritable

HELD: tuple[type[Annotation], ...] = (
    Box, Polygon, Polyline, Marker, Ellipse, TextSpan, Relation, Classification, Transcription,
)  # fmt: skip

FILE_TYPES: dict[MediumKind, str] = {
    "image": "image",
    "video": "video",
    "text": "text",
    "audio": "audio",
    "geo": "geospatial",
    "point cloud": "sensor_fusion",
    "conversation": "conversational",
}
_PLACES = {"image": "image", "video": "video", "text": "text", "sensor_fusion": "point_cloud"}
_KINDS = {True: "multiple_select", False: "select"}


class Sayer:
    """Says labels of one project. What Diffgram has no words for is noted in the archive."""

    def __init__(self, archive: Archive, ontology: Ontology) -> None:
        self._archive = archive
        drawn = [job for job in ontology.jobs if job.kind not in ("classification", "transcription")]
        asked = [job for job in ontology.jobs if job.kind in ("classification", "transcription")]
        keys = [(job.key, one.key) for job in drawn for one in job.classes]
        self._labels = {key: number for number, key in enumerate(keys, 1)}
        self._titles = [one.title for job in drawn for one in job.classes]
        self._colors = [one.color for job in drawn for one in job.classes]
        self._groups = {job.key: number for number, job in enumerate(asked, 1)}
        choices = [(job.key, one.key) for job in asked for one in job.classes]
        self._templates = {key: number for number, key in enumerate(choices, 1)}
        self._asked = asked
        self._next = 1
        self._sequences = 0

    def head(self) -> Item:
        """Labels and questions by their numbers."""
        numbers = range(1, len(self._titles) + 1)
        return {
            "label_map": {f"{number}": title for number, title in zip(numbers, self._titles, strict=True)},
            "label_colour_map": {
                f"{number}": {"hex": color} for number, color in zip(numbers, self._colors, strict=True) if color
            },
            "attribute_groups_reference": [
                {
                    "id": self._groups[job.key],
                    "kind": "text" if job.kind == "transcription" else _KINDS[job.multiple],
                    "is_root": not job.nested,
                    "name": job.key,
                    "prompt": job.title,
                    "is_global": not job.nested,
                    "attribute_template_list": [
                        {
                            "id": self._templates[job.key, one.key],
                            "name": one.title,
                            "group_id": self._groups[job.key],
                            "display_order": order,
                        }
                        for order, one in enumerate(job.classes)
                    ],
                    "label_file_list": [],
                }
                for job in self._asked
            ],
        }

    def packet(self, asset: Asset) -> Packet:
        """The packet of a task: of its medium, or a compound one with a packet for each of several."""
        media = asset.media or (Medium("other", asset.task.name),)
        children = {f"{self._number()}": medium for medium in media} if len(media) > 1 else {}
        number = self._number()
        if not children:
            return Packet(f"{number}", self._of(asset, media[0], number))
        fields: Item = {"file": {"id": number, "original_filename": asset.task.name, "type": "compound"}}
        fields["instance_list"] = []
        return Packet(
            f"{number}", fields | {name: self._of(asset, medium, int(name)) for name, medium in children.items()}
        )

    def _number(self) -> int:
        self._next += 1
        return self._next - 1

    def _of(self, asset: Asset, medium: Medium, number: int) -> Item:
        type_ = FILE_TYPES.get(medium.kind, "other")
        name = medium.name or asset.task.name
        fields: Item = {"file": {"id": number, "original_filename": name, "blob_url": medium.url, "type": type_}}
        if (place := _PLACES.get(type_)) is not None:
            facts: Item = {"width": medium.width, "height": medium.height, "frame_rate": medium.frame_rate}
            facts |= {"frame_count": medium.frames, "original_filename": name}
            if type_ == "video":
                facts |= {"offset_in_seconds": 0, "global_frame_start": 0}
            fields[place] = {key: value for key, value in facts.items() if value is not None}
        rows = list(self._rows(asset, medium))
        if type_ != "video":
            return fields | {"instance_list": [row for _, row in rows]}
        parents = [row for one, row in rows if one.frame is None]
        return fields | {"parent_instance_list": parents, "sequence_list": self._sequences_of(rows)}

    def _sequences_of(self, rows: Sequence[tuple[Annotation, Item]]) -> list[Item]:
        """A sequence for each object, with its frames; numbered in the order in which they begin."""
        found: dict[str, list[tuple[Annotation, Item]]] = {}
        for one, row in rows:
            if one.frame is not None:
                found.setdefault(one.object or f"#{row['id']}", []).append((one, row))
        sequences = []
        for place, group in enumerate(found.values(), 1):
            self._sequences += 1
            for one, row in group:
                row |= {"frame_number": one.frame, "global_frame_number": one.frame, "number": place}
                row |= {"local_sequence_number": place, "interpolated": not one.key_frame}
            keys = sorted({one.frame for one, _ in group if one.key_frame and one.frame is not None})
            sequence = {"id": self._sequences, "label_file_id": group[0][1]["label_file_id"], "number": place}
            sequences.append(sequence | {"keyframe_list": keys, "instance_list": [row for _, row in group]})
        return sequences

    def _rows(self, asset: Asset, medium: Medium) -> Iterator[tuple[Annotation, Item]]:
        for label in asset.labels:
            of_medium = [one for one in label.said.annotations if one.medium == medium.index]
            ids: dict[str, int] = {}
            # Relations name instances, so they come behind them.
            for one in sorted(of_medium, key=lambda one: isinstance(one, Relation)):
                try:
                    found = self._ends(one, ids) if isinstance(one, Relation) else [self._said(one, medium)]
                except Unwritable as error:
                    self._note(asset, label, one, error)
                    continue
                for said in found:
                    number = self._number()
                    if one.object or one.id:
                        ids.setdefault(one.object or one.id or "", number)
                    row = {"id": number, "attribute_groups": self._answers(one.answers), "label_file_id": None, **said}
                    if one.classes and "label_file_id" not in said:
                        row["label_file_id"] = self._labels.get((one.job, one.classes[0]))
                    yield one, row

    def _note(self, asset: Asset, label: LabelItem, one: Annotation, error: Unwritable) -> None:
        id_ = one.id or one.object
        self._archive.warn(Skipped(asset.task.task, error.code, str(error), label.row.external_id, one.job, id_))

    def _ends(self, one: Relation, ids: dict[str, int]) -> list[Item]:
        pairs = [(source, target) for source in one.sources for target in one.targets]
        if any(end not in ids for pair in pairs for end in pair):
            raise Unwritable("bad_geometry", "it joins an object that was not written")
        return [
            {"type": "relation", "from_instance_id": ids[source], "to_instance_id": ids[target]}
            for source, target in pairs
        ]

    def _said(self, one: Annotation, medium: Medium) -> Item:
        if isinstance(one, Classification):
            return {"type": "global", "attribute_groups": self._answers([one.answer])}
        if isinstance(one, Transcription):
            return {"type": "global", "attribute_groups": self._answers([Answer(one.job, text=one.text)])}
        if isinstance(one, TextSpan):
            return {"type": "text_token", "start_char": one.start, "end_char": one.end}
        return _drawn(one, medium)

    def _answers(self, answers: Sequence[Answer]) -> Item | None:
        found: Item = {}
        for answer in answers:
            group = f"{self._groups.get(answer.job, answer.job)}"
            if answer.text is not None or answer.number is not None:
                found[group] = answer.text if answer.text is not None else answer.number
                continue
            keys = [self._templates.get((answer.job, choice.key)) for choice in answer.choices]
            chosen = [{"id": key, "name": choice.key} for key, choice in zip(keys, answer.choices, strict=True) if key]
            found[group] = chosen[0] if len(chosen) == 1 else {f"{one['id']}": one for one in chosen}
            for choice in answer.choices:
                found |= self._answers(choice.answers) or {}
        return found or None


def _drawn(one: Annotation, medium: Medium) -> Item:
    """A shape in pixels, in degrees on a map. Raises Unwritable."""
    if medium.kind == "geo":
        raise Unwritable("not_held", "shapes of other platforms' maps are not said in Diffgram's degrees")
    width, height = medium.width, medium.height
    if not width or not height:
        raise Unwritable("no_size", "the size of what it is drawn on is not known, so there are no pixels")
    if isinstance(one, Box):
        sides = (one.x * width, one.y * height, (one.x + one.width) * width, (one.y + one.height) * height)
        left, top, right, bottom = _checked(sides)
        said: dict[str, Any] = {"type": "box", "x_min": left, "y_min": top, "x_max": right, "y_max": bottom}
        return said | ({"angle": math.radians(one.angle)} if one.angle % 360 else {})
    if isinstance(one, Ellipse):
        sides = (one.center[0] * width, one.center[1] * height, one.radius_x * width, one.radius_y * height)
        x, y, across, down = _checked(sides)
        said = {"type": "ellipse", "center_x": x, "center_y": y, "width": across, "height": down}
        return said | {"angle": math.radians(one.angle)}
    if isinstance(one, Polygon) and one.holes:
        raise Unwritable("not_held", "Diffgram's polygons have no holes")
    if isinstance(one, Polygon):
        return {"type": "polygon", "points": _points(one.outline, width, height, 3)}
    if isinstance(one, Polyline):
        return {"type": "line", "points": _points(one.points, width, height, 2)}
    if isinstance(one, Marker):
        return {"type": "point", "points": _points((one.point,), width, height, 1)}
    raise Unwritable("not_held", f"Diffgram has no {type(one).__name__.lower()}")


def _points(ring: Ring, width: float, height: float, least: int) -> list[Item]:
    if len(ring) < least:
        raise Unwritable("bad_geometry", f"it has {len(ring)} points; at least {least} are needed")
    pairs = [_checked((x * width, y * height)) for x, y in ring]
    return [{"x": x, "y": y} for x, y in pairs]


def _checked(values: Sequence[float]) -> list[float]:
    """Pixels to the millionth: what is beyond comes from fractions."""
    if not finite(values):
        raise Unwritable("bad_number", "a coordinate is no finite number")
    return [round(value, 6) for value in values]
