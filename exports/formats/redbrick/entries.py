"""Entries of a label of RedBrick AI in the words of tasks.json (`redbrick export`): the way back is `backwards`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from audit.ontology import Ontology
from audit.sources.redbrick.ontology import OBJECTS, PATH, SCOPES
from audit.sources.redbrick.series import Series
from audit.sources.values import Item, part, parts, text, values

Turned = Callable[[Any], Item]


@dataclass(frozen=True, slots=True)
class Placed:
    """An entry as tasks.json has it: in the list `name` of the series `at`; `classification` is the task's."""

    at: int
    name: str
    said: Item


def named(entry: Item, ontology: Ontology) -> Item:
    """The entry with the names of its class and attributes, where it has but their ids."""
    class_id = entry.get("classid")
    found = dict(entry)
    if entry.get("category") is None and isinstance(class_id, int):
        known = (one.title for job in ontology.jobs if job.kind == "objects" for one in job.classes)
        keys = (one.key for job in ontology.jobs if job.kind == "objects" for one in job.classes)
        found["category"] = dict(zip(keys, known, strict=True)).get(str(class_id))
    scope = next((one for one in SCOPES if entry.get(f"{one}classify")), str(class_id))
    if parts(entry, "attributes"):
        found["attributes"] = [_attribute(one, scope, ontology) for one in parts(entry, "attributes")]
    return found


def _attribute(attribute: Item, scope: str, ontology: Ontology) -> Item:
    job = ontology.job(f"{scope}/{attribute.get('attrid')}")
    if job is None:
        return attribute
    found = {**attribute, "name": attribute.get("name") or job.title}
    chosen = attribute.get("optionid")
    if attribute.get("value") is None and chosen is not None:
        titles = {one.key: one.title for one in job.classes}
        several = isinstance(chosen, list)
        names = [titles.get(str(one)) for one in (chosen if several else [chosen])]
        found["value"] = names if several else names[0]
    return found


def class_number(entry: Item, ontology: Ontology) -> int | None:
    """The number of the entry's class in the taxonomy, from 0; None for a class that it has not."""
    if isinstance(entry.get("classid"), int):
        return int(entry["classid"])
    category = entry.get("category")
    title = PATH.join(map(str, category)) if isinstance(category, list) else category
    classes = [one for job in ontology.jobs if job.kind == "objects" for one in job.classes]
    for place, one in enumerate(classes):
        if title in (one.title, one.key):
            return int(one.key) if one.key.isdecimal() and ontology.job(OBJECTS) is None else place
    return None


def placed(entry: Item, series: Sequence[Series]) -> Placed | None:
    """Where tasks.json has an entry that is no mask, and what it says there; None where nothing is drawn or said."""
    at = entry.get("volumeindex")
    at = at if isinstance(at, int) and 0 <= at < len(series) else 0
    of = series[at] if series else Series("A")
    if entry.get("studyclassify") or entry.get("tasklevelclassify"):
        return Placed(at, "classification", common(entry))
    if entry.get("seriesclassify") or entry.get("multiclassify"):
        return Placed(at, "classifications", {"attributes": {}, **common(entry), **_video(entry, of)})
    if entry.get("instanceclassify"):
        place = _item(entry, of) or 0
        name = of.paths[place] if place < len(of.paths) else None
        said = common(entry).get("attributes", {})
        return Placed(at, "instanceClassifications", {"fileIndex": place, "fileName": name, "values": said})
    for field, (name, turn) in _LISTS.items():
        if entry.get(field):
            said = {**turn(entry[field]), **common(entry), **_video(entry, of), **_stats(entry)}
            return Placed(at, name, said)
    return None


def common(entry: Item) -> Item:
    """What all kinds of entries have, each where it says something."""
    attributes = {text(one, "name") or str(one.get("attrid")): _value(one) for one in parts(entry, "attributes")}
    found = {
        "id": text(entry, "labelid"),
        "category": entry.get("category"),
        "attributes": {name: value for name, value in attributes.items() if value is not None} or None,
        "group": text(entry, "linkid"),
        "readOnly": entry.get("readonly") is True or None,
    }
    return {name: value for name, value in found.items() if value is not None}


def _value(attribute: Item) -> Any:
    value = attribute.get("value")
    return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value


def _video(entry: Item, series: Series) -> Item:
    track = text(entry, "trackid")
    told = {
        "trackId": track,
        "keyFrame": entry.get("keyframe"),
        "endTrack": entry.get("end"),
        "seriesItemIndex": _item(entry, series),
        "seriesFrameIndex": entry.get("seriesframeindex"),
        "frameIndex": entry.get("frameindex"),
    }
    found = {name: value for name, value in told.items() if value is not None}
    return {"video": found} if track is not None or "frameIndex" in found or "seriesFrameIndex" in found else {}


def _item(entry: Item, series: Series) -> int | None:
    told = entry.get("globalitemsindex")
    items = sorted(series.items)
    return items.index(told) if isinstance(told, int) and told in items else None


def _stats(entry: Item) -> Item:
    found = {name: value for name, value in part(entry, "stats").items() if value is not None}
    return {"stats": found} if found else {}


# What is drawn


def _flat(of: Any) -> Item:
    found = of if isinstance(of, dict) else {}
    return {"xNorm": found.get("xnorm"), "yNorm": found.get("ynorm")}


def _triple(of: Any, axes: str = "ijk") -> Item | None:
    return dict(zip(axes, of, strict=True)) if isinstance(of, list) and len(of) == 3 else None


def _filled(*pairs: tuple[str, Any]) -> Item:
    return {name: value for name, value in pairs if value is not None}


def _points(of: Any) -> Item:
    return {"points": [_flat(point) for point in of if isinstance(point, dict)] if isinstance(of, list) else []}


def _measured(kind: str, names: Sequence[str], value: str) -> Turned:
    def turn(of: Item) -> Item:
        points = [(name, _triple(of.get(f"point{at}"))) for at, name in enumerate(names, 1)]
        world = [
            (f"absolute{name[0].upper()}{name[1:]}", _triple(of.get(f"computedpoint{at}world"), "xyz"))
            for at, name in enumerate(names, 1)
        ]
        amount = of.get("computedlength" if kind == "length" else "computedangledeg")
        return _filled(("type", kind), *points, ("normal", values(of, "normal")), *world, (value, amount))

    return turn


def _landmark(of: Item) -> Item:
    point = _triple([of.get(f"point{axis}") for axis in "xyz"])
    return _filled(("point", point), ("absolutePoint", _triple(of.get("computedpointworld"), "xyz")))


def _cuboid(of: Item) -> Item:
    world = [(f"absolutePoint{at}", _triple(of.get(f"computedpoint{at}world"), "xyz")) for at in (1, 2)]
    return _filled(*((f"point{at}", _triple(of.get(f"point{at}"))) for at in (1, 2)), *world)


def _box(of: Item) -> Item:
    return {"pointTopLeft": _flat(of), "wNorm": of.get("wnorm"), "hNorm": of.get("hnorm")}


def _ellipse(of: Item) -> Item:
    return {
        "pointCenter": {"xNorm": of.get("xcenternorm"), "yNorm": of.get("ycenternorm")},
        "xRadiusNorm": of.get("xnorm"),
        "yRadiusNorm": of.get("ynorm"),
        "rotationRad": of.get("rot"),
    }


_LISTS: dict[str, tuple[str, Turned]] = {
    "length3d": ("measurements", _measured("length", ("point1", "point2"), "length")),
    "angle3d": ("measurements", _measured("angle", ("point1", "vertex", "point2"), "angle")),
    "point": ("landmarks", lambda of: {"point": _flat(of)}),
    "point3d": ("landmarks3d", _landmark),
    "polyline": ("polylines", _points),
    "ellipse": ("ellipses", _ellipse),
    "bbox2d": ("boundingBoxes", _box),
    "cuboid": ("cuboids", _cuboid),
    "polygon": ("polygons", _points),
}
"""The API's field of each kind, in the order in which the SDK looks, its list in tasks.json, and how it is said."""


@dataclass(frozen=True, slots=True)
class Segment:
    """An instance in a mask: the voxels of `value` or of one of `groups` in `file`. `said` is its entry in tasks.json.

    `class_id` counts the taxonomy's classes from 0, None for a class that it has not.
    """

    instance: int
    file: str
    value: int
    groups: tuple[int, ...]
    class_id: int | None
    said: Item


class NoMask(Exception):
    """A label has no file for what was painted. The text says what of it."""


def segments(entry: Item, masks: dict[int, str], ontology: Ontology, *, files: bool) -> Iterator[tuple[int, Segment]]:
    """The instance of an entry, in each series that has it. Raises NoMask where it has no file, and `files` count."""
    drawn = part(entry, "dicom")
    instance = drawn.get("instanceid")
    if not isinstance(instance, int):
        return
    told, own, value = entry.get("volumeindex"), text(drawn, "file"), drawn.get("value")
    called = f"the mask of instance {instance}"
    first = told if isinstance(told, int) else 0
    if own is not None:
        if files and not isinstance(value, int):
            raise NoMask(f'{called}, "{own}", is no NIfTI file that was kept')
        found = [(first, own)]
    else:
        value = instance
        wanted = [told] if isinstance(told, int) else sorted(masks)
        if files and (not wanted or any(at not in masks for at in wanted)):
            raise NoMask(f"{called} has no file")
        found = [(at, masks.get(at, "")) for at in wanted or [first]]
    groups = tuple(one for one in values(drawn, "groupids") if isinstance(one, int))
    for at, file in found:
        inside = value if isinstance(value, int) else instance
        yield at, Segment(instance, file, inside, groups, class_number(entry, ontology), common(entry))
