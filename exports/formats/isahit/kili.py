"""`isahit_kili`: tasks in the form of Kili's JSON, as isahit lab's SDK converts them (isahitlab 0.17.0); of any source.

Where its conversion is wrong, ours is not, unless `legacy_nesting` asks for its very shape: docs/formats.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import Any, ClassVar
from uuid import NAMESPACE_URL, uuid5

import orjson

from audit.annotations import Annotation, Answer, Box, Ellipse, Graph, Marker, Mask, Medium, Polygon, Polyline
from audit.sources.isahit.inputs import WHOLE
from audit.sources.unread import why
from audit.sources.values import Item, part, parts, readable, text
from audit.sources.values import values as listed
from exports.archive.build import Archive, Noting, Skipped
from exports.formats.base import LabelledTask, Parameter, Progress, Snapshot, Value, Written, flag
from exports.formats.isahit.family import OWN, IsahitFamily, Meant, data_of, meant_or_nothing, note, said_of, task_row
from exports.formats.labels.annotated import Asset, LabelItem, ontology_of
from exports.formats.labels.graphs import alone_in, ways_of
from exports.formats.labels.left_out import leave_out
from exports.formats.labels.made import Kept, array, told, write_lines, written
from exports.formats.labels.shapes import Unwritable, ellipse_ring, turned_box

Row = dict[str, Any]
Ring = Sequence[tuple[float, float]]

STATUSES = {"complete": "LABELED", "reviewed": "REVIEWED", "to-review": "ONGOING"}
"""isahit lab's statuses as the SDK says them in Kili's words; any other is TODO."""
LEGACY = flag("legacy_nesting", False, "nested as the SDK has it: the job twice, outlines of one object as one polygon")


class IsahitKiliFormat(IsahitFamily):
    """A JSON array with an asset for each task."""

    slug: ClassVar[str] = "isahit_kili"
    title: ClassVar[str] = "isahit lab, as Kili's JSON"
    extension: ClassVar[str] = "json"
    beside: ClassVar[bool] = True
    holds: ClassVar[tuple[type[Annotation], ...]] = (Box, Polygon, Polyline, Marker, Graph, Ellipse, Mask)
    parameters: ClassVar[tuple[Parameter, ...]] = (*IsahitFamily.parameters, LEGACY)

    def write(self, archive: Archive, snapshot: Snapshot, values: Mapping[str, Value], progress: Progress) -> Written:
        """The array, an asset after the other."""
        ontology, kept, count = ontology_of(snapshot.project), Kept(), Counter[str]()
        own = snapshot.project.source in OWN
        of, legacy = meant_or_nothing(snapshot.project, values), values["legacy_nesting"] is True
        say = _Writer(self, kept, snapshot, of, legacy=legacy)

        def make(task: LabelledTask) -> bytes | None:
            asset = self.asset(kept, snapshot, ontology, task, values)
            try:
                return orjson.dumps(say.row(asset), option=orjson.OPT_INDENT_2)
            except Exception as error:
                if not own:
                    raise  # What others say came through their readers.
                leave_out(kept, task, "unreadable", f"its payload can't be written as Kili's JSON: {why(error)}")
                return None

        with archive.file("tasks.json") as target:
            write_lines(target, array(told(archive, snapshot, make, kept, count, progress)))
        return written(count)


class _Writer:
    """Says tasks in Kili's words."""

    def __init__(
        self, format_: IsahitKiliFormat, archive: Noting, snapshot: Snapshot, of: Meant, *, legacy: bool
    ) -> None:
        self._format, self._archive, self._snapshot, self._of, self._legacy = format_, archive, snapshot, of, legacy
        self._own = snapshot.project.source in OWN

    def row(self, asset: Asset) -> Row:
        """A task."""
        found = self._format.drawings(self._archive, self._snapshot, asset, self._of)
        told = task_row(asset.task) if self._own else {}
        medium = self._medium(asset, found)
        sized = medium is not None and medium.width and medium.height
        return {
            "createdAt": told.get("createdAt"),
            "content": self._content(asset, told, found),
            "externalId": asset.task.name,
            "id": asset.task.task,
            "isHoneypot": False,
            "jsonMetadata": {},
            "latestLabel": self._label(asset, found[0], medium) if found else None,
            "resolution": {"width": _plain(medium.width), "height": _plain(medium.height)}
            if medium and sized
            else None,
            "skipped": False,
            "status": STATUSES.get(str(told.get("status")), "TODO") if self._own else _status(found),
        }

    def _medium(self, asset: Asset, found: Sequence[LabelItem]) -> Medium | None:
        """What the drawings are on: the medium of the tool, for others that of the first drawing."""
        if self._own and self._of.input is not None and asset.task.details is not None:
            facts = parts(readable(asset.task.details), "media")
            places = [place for place, fact in enumerate(facts) if fact.get("input") == self._of.input]
            return next((asset.media[place] for place in places if place < len(asset.media)), None)
        drawn = [one.medium for item_ in found for one in item_.said.annotations]
        place = drawn[0] if drawn else 0
        return next((medium for medium in asset.media if medium.index == place), None)

    def _content(self, asset: Asset, told: Item, found: Sequence[LabelItem]) -> str:
        """The names of the task's files; of a form those of the input."""
        if not self._own:
            return ",".join(medium.url or medium.name for medium in asset.media)
        files = listed(told, "resources")
        if self._of.input is not None:
            body = said_of(self._archive, self._snapshot, asset.task.task, found[0].row.content) if found else {}
            files = listed(part(body, self._of.input), "resources")
        names = [(text(one, "name") or text(one, "id") or "") if isinstance(one, dict) else str(one) for one in files]
        return ",".join(names)

    def _label(self, asset: Asset, item_: LabelItem, medium: Medium | None) -> Row:
        row = item_.row
        label: Row = {"author": self._author(item_), "createdAt": _time(row.created_at)}
        if self._own:
            label["createdAt"] = data_of(row.content).get("createdAt")
        return label | {
            "isLatestLabelForUser": True,
            "isSentBackToQueue": False,
            "jsonResponse": self._response(asset, item_, medium),
            "labelType": "REVIEW" if row.kind == "REVIEW" else "DEFAULT",
            "modelName": None,
        }

    def _author(self, item_: LabelItem) -> Row | None:
        if self._own:
            user = part(data_of(item_.row.content), "user")
            email, id_, name = (text(user, key) for key in ("email", "id", "name"))
            if not user:
                return None
        elif item_.row.author is None:
            return None
        else:
            email = name = self._snapshot.person(item_.row.author)
            id_ = item_.row.author
        first, _, last = (name or "").partition(" ")
        return {"email": email, "name": name, "firstname": first, "lastname": last, "id": id_}

    def _response(self, asset: Asset, item_: LabelItem, medium: Medium | None) -> Row:
        if medium is None or not medium.frames:
            entries = list(self._entries(asset, item_, item_.said.annotations, medium))
            said: Row = {WHOLE: {"annotations": entries}}
            segments = self._of.kind == "iat-segmentation"
            return {WHOLE: {"annotations": said if entries else {}}} if self._legacy and not segments else said
        frames: Row = {f"{number}": {} for number in range(medium.frames)}
        drawn = sorted(item_.said.annotations, key=lambda one: one.frame or 0)
        for number, group in groupby(drawn, key=lambda one: one.frame or 0):
            entries = list(self._entries(asset, item_, list(group), medium))
            if entries:
                frames[f"{number}"] = {WHOLE: {"annotations": entries}}
        return {WHOLE: {"annotations": frames}} if self._legacy else frames

    def _entries(
        self, asset: Asset, item_: LabelItem, found: Sequence[Annotation], medium: Medium | None
    ) -> Iterator[Row]:
        """An entry for each shape, those of one object with one mid; in the SDK's shape one for each object."""
        segments = self._of.kind == "iat-segmentation"
        for _, group in groupby(found, key=lambda one: one.object or id(one)):
            entries: list[Row] = []
            for one in group:
                try:
                    if not one.classes and not self._legacy:
                        self._noted(asset, item_, one, "no_class", "it has no class")
                    entries += [self._entry(asset, one, drawn) for drawn in _drawn(one, medium, segments=segments)]
                except Unwritable as error:
                    note(self._archive, asset, item_, one, error)
            if self._legacy and not segments and entries:
                first, *others = entries
                del first["mid"]
                for other in others:
                    first["boundingPoly"] += other["boundingPoly"]
                entries = [first]
            yield from entries

    def _noted(self, asset: Asset, item_: LabelItem, one: Annotation, code: str, said: str) -> None:
        id_ = one.id or one.object
        self._archive.warn(Skipped(asset.task.task, code, said, item_.row.external_id, one.job, id_))

    def _entry(self, asset: Asset, one: Annotation, drawn: Row) -> Row:
        mains = [answer for answer in one.answers if answer.job in self._of.mains]
        names = [*one.classes[:1], *(choice.key for answer in mains for choice in answer.choices)]
        below = [answer for answer in one.answers if answer.job not in self._of.mains]
        mid = uuid5(NAMESPACE_URL, f"labeltrail:{asset.task.task}/{one.job}/{one.object or one.id}").hex[:15]
        said = {"categories": [{"name": name} for name in names], "children": self._children(below)}
        return {**drawn, **said, "mid": mid}

    def _children(self, answers: Sequence[Answer]) -> Row:
        """Sub-labels by their list; below a class those that were asked because of it, which the SDK puts beside."""
        found: Row = {}
        for answer in answers:
            if not answer.choices:
                written = answer.text if answer.text is not None else f"{answer.number:.15g}"
                found[answer.job] = {"text": written}
                continue
            entries = found.setdefault(answer.job, {"categories": []})["categories"]
            for choice in answer.choices:
                entry: Row = {"name": choice.key}
                inner = self._children(choice.answers)
                if inner and self._legacy:
                    found |= {name: value for name, value in inner.items() if name not in found}
                elif inner:
                    entry["children"] = inner
                entries.append(entry)
        return found


def _drawn(one: Annotation, medium: Medium | None, *, segments: bool) -> Iterator[Row]:
    """A shape in Kili's words; of a graph the ways along its edges. Raises Unwritable."""
    if isinstance(one, Polyline):
        yield {"polyline": _points(one.points), "type": "polyline"}
    elif isinstance(one, Marker):
        yield {"point": _points([one.point])[0], "type": "marker"}
    elif isinstance(one, Graph):
        yield from ({"polyline": _points([one.points[at] for at in way]), "type": "polyline"} for way in ways_of(one))
        yield from ({"point": _points([one.points[at]])[0], "type": "marker"} for at in alone_in(one))
    else:
        rings, kind = _rings(one, medium)
        shown = "semantic" if segments and kind == "polygon" else kind
        yield {"boundingPoly": [_outline(ring, medium) for ring in rings], "type": shown}


def _rings(one: Annotation, medium: Medium | None) -> tuple[tuple[Ring, ...], str]:
    width, height = (medium.width or 1.0, medium.height or 1.0) if medium else (1.0, 1.0)
    if isinstance(one, Box) and not one.angle % 360:
        left, top, right, bottom = one.x, one.y, one.x + one.width, one.y + one.height
        return (((left, top), (right, top), (right, bottom), (left, bottom)),), "rectangle"
    if isinstance(one, Box):
        return (turned_box(one, width, height),), "polygon"
    if isinstance(one, Ellipse):
        return (ellipse_ring(one, width, height),), "polygon"
    if isinstance(one, Polygon):
        return (one.outline, *one.holes), "polygon"
    raise Unwritable("not_held", f"Kili has no {type(one).__name__.lower()}")


def _points(ring: Ring) -> list[Row]:
    if not all(abs(value) < 1e6 for point in ring for value in point):  # Nor is a NaN.
        raise Unwritable("bad_number", "a coordinate is no number that could lie in a picture")
    return [{"x": _exact(x), "y": _exact(y)} for x, y in ring]


def _outline(ring: Ring, medium: Medium | None) -> Row:
    """Fractions, and pixels to the hundredth where the size is known."""
    found: Row = {"normalizedVertices": _points(ring)}
    if medium is not None and medium.width and medium.height:
        found["vertices"] = [{"x": round(x * medium.width, 2), "y": round(y * medium.height, 2)} for x, y in ring]
    return found


def _exact(value: float) -> float:
    """What the platform wrote: the last digits come from adding a width to a left edge."""
    return round(value, 12)


def _plain(value: float | None) -> float | int | None:
    return int(value) if value is not None and float(value).is_integer() else value


def _status(found: Sequence[LabelItem]) -> str:
    if not found:
        return "TODO"
    return "REVIEWED" if found[-1].row.kind == "REVIEW" else "LABELED"


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
