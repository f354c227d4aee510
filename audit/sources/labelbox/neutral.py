"""What Labelbox's payloads say in neutral words."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, ClassVar

from audit.annotations import Labelled, Medium, Range
from audit.ontology import Ontology
from audit.sources.base import Neutral, ReadFile, no_file
from audit.sources.labelbox.media import PLANES, media_of, size_of
from audit.sources.labelbox.ontology import ontology_of
from audit.sources.labelbox.said import Place, Said
from audit.sources.labelbox.shapes import Canvas
from audit.sources.values import Item, an_object, counted, item, number, part, parts, text, values

KNOWN = frozenset(
    {
        "objects",
        "classifications",
        "relationships",
        "frames",
        "segments",
        "key_frame_feature_map",
        "groups",
        "timestamp",
    }
)
"""What the annotations of a label consist of."""


class LabelboxNeutral(Neutral):
    """Reads what `project`, `details` and `labels` put into events."""

    keys_are_ids: ClassVar[bool] = True

    def ontology(self, project: bytes) -> Ontology:
        """A job for the tools of each sort, and one for each classification. Raises ValueError for none."""
        return ontology_of(project)

    def media(self, task: bytes) -> tuple[Medium, ...]:
        """The data row's file."""
        return media_of(item(task))

    def annotations(self, label: bytes, task: bytes, ontology: Ontology, read: ReadFile = no_file) -> Labelled:
        """What the label says, or the label of a model run. Masks are named, not read."""
        found = an_object(label)
        told = part(part(found, "label") or found, "annotations")
        said = Said(ontology)
        whole = Place(Canvas(*size_of(part(item(task), "media_attributes"))))
        for name in told:
            if name not in KNOWN:
                said.problem("unreadable", f'the label has "{name}", of which nothing is known', {"name": name})
        objects = told.get("objects")
        said.objects(objects.values() if isinstance(objects, dict) else values(told, "objects"), whole)
        said.classifications(values(told, "classifications"), whole)
        said.relations(values(told, "relationships"))
        if "groups" in told:
            _groups(said, told, whole)
        elif "frames" in told:
            _frames(said, part(told, "frames"), part(told, "segments"), part(told, "key_frame_feature_map"), whole)
        elif "timestamp" in told or "segments" in told:
            _times(said, told, whole)
        return said.labelled()


def _groups(said: Said, told: Item, whole: Place) -> None:
    """A volume's views, each with frames."""
    for name, group in part(told, "groups").items():
        if not isinstance(group, dict) or name not in PLANES:
            said.problem("unreadable", "a volume has no such view", {"name": name})
            continue
        place = Place(whole.canvas, PLANES.index(name))
        said.classifications(values(group, "classifications"), place)
        by_view = part(told, "key_frame_feature_map")
        keys = {id_: part(part(by_view, id_), name) for id_ in by_view}
        _frames(said, part(group, "frames"), part(part(told, "segments"), name), keys, place)


def _frames(said: Said, frames: Item, segments: Item, key_frames: Item, place: Place) -> None:
    """Frames count from 1 at Labelbox. `key_frames` has for each object which frames were set by hand."""
    seen: dict[str, set[int]] = {}
    for number_, frame in sorted(_numbered(said, frames)):
        at = Place(place.canvas, place.medium, number_ - 1)
        objects = part(frame, "objects")
        here = {id_: id_ not in key_frames or part(key_frames, id_).get(f"{number_}") is True for id_ in objects}
        said.objects(objects.values(), at, here)
        said.classifications(values(frame, "classifications"), at)
        for id_ in objects:
            seen.setdefault(id_, set()).add(number_)
        for one in parts(frame, "classifications"):
            seen.setdefault(text(one, "feature_id") or "", set()).add(number_)
    for id_, spans in segments.items():
        for start, end in _spans(said, id_, spans):
            shown = seen.get(id_, set())
            missing = next((one for one in range(int(start), int(end) + 1) if one not in shown), None)
            if missing is not None:
                why = f"it is there from frame {start:.0f} to {end:.0f}, and frame {missing} does not show it"
                said.problem("no_geometry", why, {"name": id_, "feature_id": id_})


def _times(said: Said, told: Item, place: Place) -> None:
    """Answers about stretches of time. Their bounds are milliseconds; an answer without a stretch is of one moment."""
    answered: dict[str, list[tuple[int, Item]]] = {}
    for moment, entry in sorted(_numbered(said, part(told, "timestamp"))):
        for one in parts(entry, "classifications"):
            answered.setdefault(text(one, "feature_id") or f"at {moment}", []).append((moment, one))
        if objects := part(entry, "objects"):
            said.problem("unknown_tool", f"there are {len(objects)} objects in a sound", {"name": f"{moment} ms"})
    segments = part(told, "segments")
    for id_, found in answered.items():
        spans = list(_spans(said, id_, segments[id_])) if id_ in segments else [(moment, moment) for moment, _ in found]
        for start, end in spans:
            _, one = max((entry for entry in found if entry[0] <= end), default=found[0], key=lambda entry: entry[0])
            if (answer := said.answer(one, place)) is not None:
                tools = said.jobs[answer.job].tools
                said.annotations.append(
                    Range(
                        job=answer.job,
                        tool=tools[0] if tools else "",
                        answers=(answer,),
                        object=id_,
                        id=text(one, "feature_id"),
                        start=start / 1000,
                        end=end / 1000,
                    )
                )
    for id_ in segments:
        if id_ not in answered:
            said.problem("no_class", "a stretch of time without an answer", {"name": id_, "feature_id": id_})


def _numbered(said: Said, found: Item) -> Iterator[tuple[int, Item]]:
    """Frames or moments by their numbers."""
    for name, entry in found.items():
        if (number := counted(name)) is not None and isinstance(entry, dict):
            yield number, entry
        else:
            said.problem("unreadable", "this is no number of a frame or moment", {"name": name})


def _spans(said: Said, id_: str, spans: Any) -> Iterator[tuple[float, float]]:
    """Stretches as pairs of numbers, both ends in."""
    for span in spans if isinstance(spans, list) else [spans]:
        ends = [number(one) for one in span] if isinstance(span, list) else []
        if len(ends) != 2 or ends[0] is None or ends[1] is None or not -math.inf < ends[0] <= ends[1] < math.inf:
            said.problem("bad_geometry", "a stretch has no beginning or end", {"name": id_, "feature_id": id_})
            continue
        yield ends[0], ends[1]
