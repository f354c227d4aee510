"""What labels of other platforms say, as packets of Diffgram: files and labels have numbers, in each packet from 1.

Those of the export go on from one packet to the next: where one is written there is a mark (`marked`), until packets
come together (`Numbers`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from os.path import splitext

import orjson

from audit.annotations import Annotation, Answer, Classification, Medium, MediumKind, Relation, TextSpan, Transcription
from audit.ontology import Ontology
from audit.sources.diffgram.label import instances
from audit.sources.values import Item
from exports.archive.build import Noting, Skipped
from exports.formats.diffgram.packets import Packet, is_complete
from exports.formats.diffgram.shapes import DRAWN, drawn
from exports.formats.labels.annotated import Asset, LabelItem
from exports.formats.labels.shapes import Unwritable

HELD: tuple[type[Annotation], ...] = (*DRAWN, TextSpan, Relation, Classification, Transcription)

FILE_TYPES: dict[MediumKind, str] = {
    "image": "image",
    "video": "video",
    "text": "text",
    "audio": "audio",
    "geo": "geospatial",
    "point cloud": "sensor_fusion",
    "conversation": "conversational",
}
_PLACES = {
    "image": ("image", "image_signed_url"),
    "video": ("video", "mp4_video_signed_url"),
    "text": ("text", "signed_url"),
    "sensor_fusion": ("point_cloud", "image_signed_url"),
}
"""Where a packet tells of its file, by the file's type, and how the file's address is called there."""
_WORD = re.compile(r"\w+|[^\w\s]")
_KINDS = {True: "multiple_select", False: "select"}


class Sayer:
    """Says labels of one project. What Diffgram has no words for is noted in the archive."""

    def __init__(self, archive: Noting, ontology: Ontology) -> None:
        self._archive = archive
        drawn = [job for job in ontology.jobs if job.kind not in ("classification", "transcription")]
        asked = [job for job in ontology.jobs if job.kind in ("classification", "transcription")]
        keys = [(job.key, one.key) for job in drawn for one in job.classes]
        self._labels = {key: number for number, key in enumerate(keys, 1)}
        self._questions = {(job.key, one.key): one.jobs for job in drawn for one in job.classes}
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
                    "label_file_list": self._asking(job.key),
                }
                for job in self._asked
            ],
        }

    def _asking(self, job: str) -> list[Item]:
        """The labels of which the question is asked."""
        return [
            {"id": number, "label": {"id": number, "name": self._titles[number - 1]}}
            for key, number in self._labels.items()
            if job in self._questions[key]
        ]

    def packet(self, asset: Asset) -> Packet:
        """The packet of a task: of its medium, or a compound one with a packet for each of several."""
        self._next, self._sequences = 1, 0
        media = asset.media or (Medium("other", asset.task.name),)
        children = {f"{self._number()}": medium for medium in media} if len(media) > 1 else {}
        number = self._number()
        if not children:
            fields = self._of(asset, media[0], number)
        else:
            file = {"id": number, "original_filename": asset.task.name, "type": "compound"}
            fields = {"file": {**file, "ann_is_complete": is_complete(asset.task, own=False)}, "instance_list": []}
            fields |= {name: self._of(asset, medium, int(name)) for name, medium in children.items()}
        return Packet(f"{number}", fields, self._next - 1, self._sequences)

    def _number(self) -> int:
        self._next += 1
        return self._next - 1

    def _of(self, asset: Asset, medium: Medium, number: int) -> Item:
        type_ = FILE_TYPES.get(medium.kind, "other")
        name = medium.name or asset.task.name
        if len(asset.media) < 2 and asset.task.name and not splitext(name)[1]:
            name = asset.task.name  # What is no file's name, as of RedBrick AI's series, is the same in every task.
        fields: Item = {
            "file": {
                "id": number,
                "original_filename": name,
                "blob_url": medium.url,
                "created_time": None,
                "ann_is_complete": is_complete(asset.task, own=False),
                "type": type_,
            }
        }
        if type_ == "geospatial":
            fields["geo_assets"] = [{"original_filename": name, "signed_expiry": None, "signed_url": medium.url}]
        elif type_ in _PLACES:
            place, address = _PLACES[type_]
            fields[place] = {**_facts(medium, type_), "original_filename": name, address: medium.url}
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
        if isinstance(one, Classification | Transcription):
            _of_whole_file(one, medium)
        if isinstance(one, Classification):
            return {"type": "global", "attribute_groups": self._answers([one.answer])}
        if isinstance(one, Transcription):
            return {"type": "global", "attribute_groups": self._answers([Answer(one.job, text=one.text)])}
        if isinstance(one, TextSpan):
            return _span(one, medium)
        return drawn(one, medium)

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


def _of_whole_file(one: Annotation, medium: Medium) -> None:
    """Raises Unwritable for an answer about a part of a file that Diffgram does not tell apart."""
    if one.page is not None:
        raise Unwritable("not_held", "Diffgram's answers are about a whole file, not about one page of it")
    if one.frame is not None and medium.kind != "video":
        raise Unwritable("not_held", f"Diffgram has no answers about frames in a file of the kind {medium.kind}")


def marked(packet: Packet) -> tuple[bytes, bytes]:
    """The packet's number and its fields as JSON, with marks where numbers of the packet, or of its sequences, are."""
    return _mark(b"n", packet.number), _marked(packet.fields)


def _marked(fields: Item) -> bytes:
    below = [(name, fields.pop(name)) for name in list(fields) if name.isdecimal()]
    fields["file"]["id"] = _number(fields["file"]["id"])
    for sequence in fields.get("sequence_list", ()):
        sequence["id"] = orjson.Fragment(_mark(b"s", sequence["id"]))
    for row in instances(fields):
        row |= {name: _number(row[name]) for name in ("id", "from_instance_id", "to_instance_id") if name in row}
    members = [b',"%b":%b' % (_mark(b"n", name), _marked(child)) for name, child in below]
    return orjson.dumps(fields)[:-1] + b"".join(members) + b"}"


def _number(number: int) -> orjson.Fragment:
    return orjson.Fragment(_mark(b"n", number))


def _mark(of: bytes, number: int | str) -> bytes:
    # In JSON the character 0 is always escaped: nothing else looks so.
    return b"\0%b%d\0" % (of, int(number))


_MARK = re.compile(rb"\0([ns])(\d+)\0")


class Numbers:
    """Gives numbers of the export for marks, packet by packet."""

    def __init__(self) -> None:
        self._before = {b"n": 0, b"s": 0}

    def put(self, line: bytes, numbers: int, sequences: int) -> bytes:
        """The line with its numbers: of a packet that has so many of its own, and so many sequences."""
        found = _MARK.sub(lambda mark: b"%d" % (self._before[mark[1]] + int(mark[2])), line)
        self._before[b"n"] += numbers
        self._before[b"s"] += sequences
        return found


def _facts(medium: Medium, type_: str) -> Item:
    """What is known of the file itself."""
    if type_ == "text":
        words = [{"value": found[0], "tag": ""} for found in _WORD.finditer(medium.text or "")]
        return {"tokens": {"words": words, "sentences": []}} if words else {}
    known: Item = {"width": medium.width, "height": medium.height}
    if type_ == "video":
        known |= {"frame_rate": medium.frame_rate, "frame_count": medium.frames, "original_fps": medium.frame_rate}
        known |= {"fps_conversion_ratio": 1, "offset_in_seconds": 0, "global_frame_start": 0}
    return {key: value for key, value in known.items() if value is not None}


def _span(one: TextSpan, medium: Medium) -> Item:
    """Characters, the last one excluded; and the words of the file's text, the last one included."""
    if medium.kind != "text":
        raise Unwritable("not_held", f"Diffgram marks words of texts, not of a file of the kind {medium.kind}")
    if not 0 <= one.start < one.end:
        raise Unwritable("bad_geometry", f"a span from {one.start} to {one.end} has no characters")
    said: Item = {"type": "text_token", "start_char": one.start, "end_char": one.end}
    places = enumerate(_WORD.finditer(medium.text or ""))
    words = [place for place, word in places if word.start() < one.end and word.end() > one.start]
    return said | ({"start_token": words[0], "end_token": words[-1]} if words else {})
