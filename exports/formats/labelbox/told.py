"""The annotations of one label about one medium, in the form that Labelbox has for its kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from msgspec.structs import replace

from audit.annotations import (
    COMPARISON,
    Annotation,
    Answer,
    Choice,
    Classification,
    Graph,
    Medium,
    Range,
    Ranking,
    Relation,
    Transcription,
    VolumeMask,
)
from exports.formats.labelbox.features import Features, Row, made_up
from exports.formats.labelbox.shapes import DICOM, Said, begin_of, drawn, masked
from exports.formats.labelbox.volumes import Views, stretches
from exports.formats.labels.graphs import lines_of
from exports.formats.labels.inline import Size, covered, is_area
from exports.formats.labels.runs import Spans
from exports.formats.labels.shapes import Unwritable
from exports.formats.redbrick.volumes import Volumes

LONGEST = 100_000
"""Frames of the longest stretch that is said frame by frame."""


class Told:
    """The annotations of one label about one medium.

    `note` gets what can't be said, with a code and why; `volumes` gives the label's volumes.
    """

    def __init__(
        self,
        medium: Medium,
        features: Features,
        note: Callable[[Annotation, str, str], None],
        volumes: Callable[[], Volumes],
    ) -> None:
        self._medium, self._features, self._note, self._volumes = medium, features, note, volumes
        self._objects: list[Row] = []
        self._answers: list[Row] = []
        self._relations: list[Row] = []
        self._frames: dict[int, Row] = {}
        self._keys: dict[str, dict[str, bool]] = {}
        self._shown: dict[str, list[int]] = {}
        self._spans: dict[str, list[list[int]]] = {}
        self._moments: dict[int, Row] = {}
        self._parts: dict[tuple[str, int], list[Annotation]] = {}
        self._views = Views()

    def add(self, one: Annotation, name: str, *, filled: bool) -> None:
        """Say one annotation; `name` is what its id is made of where it has none.

        With `filled`, those that the platform filled in are said too.
        """
        try:
            if isinstance(one, Range):
                self._range(one, name)
            elif isinstance(one, Relation):
                self._relation(one, name)
            elif isinstance(one, VolumeMask):
                self._volume(one, name)
            elif isinstance(one, Graph):
                id_ = one.object or one.id or made_up(name)
                for place, part in enumerate(lines_of(one)):
                    own = id_ if place == 0 else made_up(f"{id_}/{place}")
                    self._object(replace(part, object=own), name, filled=filled)
            elif isinstance(one, Classification | Transcription):
                answer = one.answer if isinstance(one, Classification) else Answer(one.job, text=one.text)
                self._answer(one, answer, one.id or made_up(name), filled=filled)
            else:
                self._object(one, name, filled=filled)
        except Unwritable as error:
            self._note(one, error.code, str(error))

    def annotations(self) -> Row:
        """All of them, in the form that the medium's kind has."""
        if self._medium.kind == "video":
            frames = {f"{number}": self._frames[number] for number in sorted(self._frames)}
            segments = {id_: stretches(numbers) for id_, numbers in self._shown.items()}
            told: Row = {"frames": frames, "segments": segments, "key_frame_feature_map": self._keys}
            return told | {"classifications": self._answers}
        if self._medium.kind == "volume":
            return self._views.annotations(self._answers)
        if self._medium.kind == "audio":
            timestamp = {f"{moment}": self._moments[moment] for moment in sorted(self._moments)}
            return {"classifications": self._answers, "segments": self._spans, "timestamp": timestamp}
        return {"objects": self._objects, "classifications": self._answers, "relationships": self._relations}

    def _object(self, one: Annotation, name: str, *, filled: bool) -> None:
        if isinstance(one, Ranking) and (not one.classes or one.tool == COMPARISON):
            self._ranking(one, one.id or made_up(name))
            return
        if not one.classes:
            raise Unwritable("no_class", "it has no class, which a feature of Labelbox needs")
        id_ = one.object or one.id or made_up(name)
        if self._medium.kind == "video" and one.frame is not None and is_area(one):
            self._parts.setdefault((id_, one.frame), []).append(one)
            return
        self._draw(one, id_, drawn(one, self._medium), filled=filled)

    def finish(self, *, filled: bool) -> None:
        """Say what is made of several parts: in a frame of a video, Labelbox's objects have one."""
        for (id_, _), parts in self._parts.items():
            said, *more = parts
            try:
                if not more:
                    self._draw(said, id_, drawn(said, self._medium), filled=filled)
                elif areas := list(self._areas(parts)):
                    self._draw(said, id_, masked(areas, begin_of(self._medium)), filled=filled)
            except Unwritable as error:
                self._note(said, error.code, str(error))

    def _areas(self, parts: Sequence[Annotation]) -> Iterator[tuple[Spans, Size]]:
        for one in parts:
            try:
                yield covered(one, self._medium)
            except Unwritable as error:
                self._note(one, error.code, str(error))

    def _ranking(self, one: Ranking, id_: str) -> None:
        """A ranking that is its job's only one; how much better one of two things is, is an answer about it."""
        kind, said = drawn(one, self._medium)
        answers = tuple(Answer(one.job, (Choice(key),)) for key in one.classes[:1]) + one.answers
        row = self._features.feature(id_, one.job, None, kind) | {"annotation_kind": kind}
        self._objects.append(row | {"classifications": self._features.answers(answers, id_)} | said)

    def _volume(self, one: VolumeMask, name: str) -> None:
        """A mask of a volume, slice by slice."""
        if self._medium.kind != "volume":
            kind = self._medium.kind
            raise Unwritable(
                "not_held", f"its mask has several slices, which Labelbox has not in media of the kind {kind}"
            )
        if not one.classes:
            raise Unwritable("no_class", "it has no class, which a feature of Labelbox needs")
        row = self._feature(one, one.object or one.id or made_up(name), f"{DICOM}SegmentationMask")
        self._views.add(one, self._volumes(), row)

    def _feature(self, one: Annotation, id_: str, kind: str) -> Row:
        """An object without what it draws."""
        row = self._features.feature(id_, one.job, one.classes[0], kind) | {"annotation_kind": kind}
        if one.confidence is not None:
            row["confidence"] = one.confidence
        return row | {"classifications": self._features.answers(one.answers, id_)}

    def _draw(self, one: Annotation, id_: str, drawing: Said, *, filled: bool) -> None:
        kind, said = drawing
        row = self._feature(one, id_, kind) | said
        if self._medium.kind != "video":
            self._objects.append(row)
            return
        if one.frame is None:
            raise Unwritable("not_held", "it is in no frame, and objects of Labelbox's videos are")
        if f"{one.frame + 1}" in self._keys.get(id_, {}):
            raise Unwritable("not_held", f"object {id_} has several parts in frame {one.frame + 1}, where one may be")
        self._key(id_, one)
        if one.key_frame or filled:
            self._frame(one.frame)["objects"][id_] = row

    def _answer(self, one: Annotation, answer: Answer, id_: str, *, filled: bool) -> None:
        if one.page is not None:
            raise Unwritable("not_held", "Labelbox's answers are about a whole document, not about one page of it")
        if one.frame is not None and self._medium.kind != "video":
            raise Unwritable("not_held", f"Labelbox has no answers about frames of a {self._medium.kind}")
        message = one.object if self._medium.kind == "conversation" else None
        row = self._features.answer(answer, id_, message=message is not None)
        if one.confidence is not None:
            row["confidence"] = one.confidence
        if message is not None:
            row["message_id"] = message
        if self._medium.kind != "video" or one.frame is None:
            self._answers.append(row)
            return
        self._key(id_, one)
        if one.key_frame or filled:
            self._frame(one.frame)["classifications"].append(row)

    def _key(self, id_: str, one: Annotation) -> None:
        frame = (one.frame or 0) + 1
        self._shown.setdefault(id_, []).append(frame)
        self._keys.setdefault(id_, {})[f"{frame}"] = one.key_frame

    def _frame(self, number: int) -> Row:
        """Frames count from 1 at Labelbox."""
        return self._frames.setdefault(number + 1, {"objects": {}, "classifications": []})

    def _relation(self, one: Relation, name: str) -> None:
        if self._medium.kind in ("video", "audio", "volume"):
            raise Unwritable("not_held", f"Labelbox has no relationships in a {self._medium.kind}")
        way = "unidirectional_relationship" if one.directed else "bidirectional_relationship"
        kind = "UnidirectionalRelationship" if one.directed else "BidirectionalRelationship"
        pairs = [{"source": source, "target": target} for source in one.sources for target in one.targets]
        for place, ends in enumerate(pairs):
            id_ = one.id if one.id is not None and len(pairs) == 1 else made_up(f"{name}/{place}")
            row = self._features.feature(id_, one.job, one.classes[0] if one.classes else None)
            self._relations.append(row | {"annotation_kind": kind, way: ends})

    def _range(self, one: Range, name: str) -> None:
        """A stretch of a sound, in milliseconds, or an answer in each frame of a stretch; its class is the answer."""
        if self._medium.kind == "video" and one.unit == "frames":
            self._stretch(one, name)
            return
        if self._medium.kind != "audio" or one.unit != "seconds":
            raise Unwritable("not_held", f"Labelbox has no stretches of a {self._medium.kind} by themselves")
        id_ = one.object or one.id or made_up(name)
        start, end = round(one.start * 1000), round(one.end * 1000)
        if one.answers:
            rows = self._features.answers(one.answers, id_)
            rows = [row | {"feature_id": id_} for row in rows[:1]] + rows[1:]
        elif one.classes:
            chosen = self._features.feature(f"{id_}/0", one.job, one.classes[0]) | {"classifications": []}
            rows = [self._features.feature(id_, one.job) | {"radio_answer": chosen}]
        else:
            raise Unwritable("no_class", "a stretch of time without an answer")
        self._moments.setdefault(start, {"objects": {}, "classifications": []})["classifications"] += rows
        for row in rows:
            self._spans.setdefault(row["feature_id"], []).append([start, end])

    def _stretch(self, one: Range, name: str) -> None:
        """Answers about frames of a video, from the first to the last."""
        answers = one.answers or tuple(Answer(one.job, (Choice(key),)) for key in one.classes[:1])
        if not answers:
            raise Unwritable("no_class", "a stretch of frames without an answer")
        first, last = int(one.start), int(one.end)
        if last - first >= LONGEST:
            raise Unwritable("not_held", f"a stretch of {last - first + 1:,} frames; {LONGEST:,} are said at most")
        id_ = one.object or one.id or made_up(name)
        for place, answer in enumerate(answers):
            own = id_ if place == 0 else f"{id_}/{answer.job}"
            for frame in range(first, last + 1):
                said = Classification(job=answer.job, tool=one.tool, answer=answer, frame=frame, medium=one.medium)
                self._answer(said, answer, own, filled=True)
