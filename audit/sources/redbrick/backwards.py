"""From the entries of tasks.json (`redbrick export`) back to those of the API, which the SDK turned into them.

An entry's class and attributes go by name there: ids are not exported. What has no counterpart is kept as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from audit.sources.values import Item, part, parts, text, values

Resolve = Callable[[str], str | None]
"""The name under which a mask file is kept; None for one that is not in the export (an address of a storage)."""
_VOLUMES = (".nii", ".nii.gz", ".mhd")
"""Files of voxels: NIfTI and MetaImage."""
SEGMENTATION = ".dcm"
_COMMON = ("id", "category", "attributes", "group", "readOnly", "video", "stats")


def entries_of(series: list[Item], indices: list[list[int]], resolve: Resolve) -> Iterator[Item]:
    """The entries of all series, in the order of the SDK's lists. `indices` are each one's items in the datapoint."""
    for at, one in enumerate(series):
        place = {"volumeindex": at}
        yield from ({**place, **entry} for entry in _segments(one, resolve))
        for name in ("measurements", *_LISTS):
            for entry in parts(one, name):
                field, make = _LISTS.get(name) or _MEASURED["angle" if entry.get("type") == "angle" else "length"]
                found, used = make(entry)
                yield {**place, **_common(entry, indices[at]), field: found, **_rest(entry, used)}
        for entry in parts(one, "classifications"):
            yield {**place, **_common(entry, indices[at]), "seriesclassify": True}
        for entry in parts(one, "instanceClassifications"):
            said = {"attributes": part(entry, "values")}
            item = _at(indices[at], entry.get("fileIndex"))
            yield {**place, **_common(said, indices[at]), "instanceclassify": True, "globalitemsindex": item}


def study_entry(task: Item) -> Iterator[Item]:
    """What is said of the task as a whole."""
    said = part(task, "classification") or part(task, "datapointClassification")
    if said:
        yield {**_common(said, []), "studyclassify": True}


def mask_names(series: Item) -> list[str]:
    """The mask files of a series as tasks.json names them, each once."""
    found = [path for path in several(series.get("segmentations")) if path]
    for entry in part(series, "segmentMap").values():
        if isinstance(entry, dict):
            found += several(entry.get("mask"))
    return list(dict.fromkeys(found))


def _segments(series: Item, resolve: Resolve) -> Iterator[Item]:
    """An entry for each instance (of a semantic export: each class) of a series' masks."""
    own = series.get("binaryMask") is True
    together = several(series.get("segmentations"))
    for place, (key, entry) in enumerate(part(series, "segmentMap").items(), 1):
        if not isinstance(entry, dict):
            continue
        number = key.rpartition("_")[2]
        instance = int(number) if number.isdecimal() and len(number) < 10 else place
        files = several(entry.get("mask")) or together
        file = resolve(files[0]) if files else None
        drawn: Item = {"instanceid": instance, "groupids": values(entry, "overlappingGroups") or None}
        drawn["file"] = file or (files[0].partition("?")[0] if files else "none")
        # Entries of structure sets, which have no voxels, name no mask.
        is_set = file is not None and file.lower().endswith(SEGMENTATION) and not entry.get("mask")
        if file is not None and not is_set and (value := value_in(file, instance, own=own)) is not None:
            drawn["value"] = value
        yield {**_common(entry, []), "dicom": drawn, **_rest(entry, ("mask", "overlappingGroups"))}


def value_in(file: str, number: int, *, own: bool) -> int | None:
    """Which voxels of a file are those of an instance (of a semantic export: a class); None where it has no voxels.

    With `own` the file has nothing else. In segmentations each instance is a segment.
    """
    if file.lower().endswith(_VOLUMES):
        return 1 if own else number
    return number if file.lower().endswith(SEGMENTATION) else None


def _common(entry: Item, indices: list[int]) -> Item:
    """What all kinds of entries have."""
    found: Item = {"labelid": text(entry, "id"), "attributes": list(_attributes(part(entry, "attributes")))}
    category = entry.get("category")
    if category is not None:
        found["category"] = "::".join(map(str, category)) if isinstance(category, list) else category
    named = {"group": "linkid", "readOnly": "readonly", "stats": "stats"}
    found |= {name: entry[field] for field, name in named.items() if field in entry}
    video = part(entry, "video")
    told = {
        "trackId": "trackid",
        "keyFrame": "keyframe",
        "endTrack": "end",
        "seriesFrameIndex": "seriesframeindex",
        "frameIndex": "frameindex",
    }
    found |= {name: video[field] for field, name in told.items() if field in video}
    if (item := _at(indices, video.get("seriesItemIndex"))) is not None:
        found["globalitemsindex"] = item
    return found


def _rest(entry: Item, used: tuple[str, ...]) -> Item:
    return {name: value for name, value in entry.items() if name not in used and name not in _COMMON}


def _attributes(said: Item) -> Iterator[Item]:
    return ({"name": name, "value": value} for name, value in said.items())


def _at(indices: list[int], place: object) -> int | None:
    return indices[place] if isinstance(place, int) and 0 <= place < len(indices) else None


def several(value: object) -> list[str]:
    """A text, or several of them."""
    found = value if isinstance(value, list) else [value]
    return [one for one in found if isinstance(one, str) and one]


Made = tuple[Any, tuple[str, ...]]
"""What the API has in its field, and the names of the entry's fields that it is made of."""


def _flat(point: object) -> Item:
    of = point if isinstance(point, dict) else {}
    return {"xnorm": of.get("xNorm"), "ynorm": of.get("yNorm")}


def _triple(of: Item, name: str, axes: str = "ijk") -> list[Any] | None:
    found = of.get(name)
    return [found.get(axis) for axis in axes] if isinstance(found, dict) else None


def _landmark(entry: Item) -> Made:
    at = _triple(entry, "point") or [None, None, None]
    found: Item = {"pointx": at[0], "pointy": at[1], "pointz": at[2]}
    found["computedpointworld"] = _triple(entry, "absolutePoint", "xyz")
    return found, ("point", "absolutePoint")


def _length(entry: Item) -> Made:
    found = {
        "point1": _triple(entry, "point1"),
        "point2": _triple(entry, "point2"),
        "normal": entry.get("normal"),
        "computedpoint1world": _triple(entry, "absolutePoint1", "xyz"),
        "computedpoint2world": _triple(entry, "absolutePoint2", "xyz"),
        "computedlength": entry.get("length"),
    }
    return found, ("type", "point1", "point2", "normal", "absolutePoint1", "absolutePoint2", "length")


def _angle(entry: Item) -> Made:
    found = {
        "point1": _triple(entry, "point1"),
        "point2": _triple(entry, "vertex"),
        "point3": _triple(entry, "point2"),
        "normal": entry.get("normal"),
        "computedpoint1world": _triple(entry, "absolutePoint1", "xyz"),
        "computedpoint2world": _triple(entry, "absoluteVertex", "xyz"),
        "computedpoint3world": _triple(entry, "absolutePoint2", "xyz"),
        "computedangledeg": entry.get("angle"),
    }
    used = ("point1", "vertex", "point2", "normal", "absolutePoint1", "absoluteVertex", "absolutePoint2", "angle")
    return found, ("type", *used)


def _ellipse(entry: Item) -> Made:
    center = _flat(entry.get("pointCenter"))
    found = {
        "xcenternorm": center["xnorm"],
        "ycenternorm": center["ynorm"],
        "xnorm": entry.get("xRadiusNorm"),
        "ynorm": entry.get("yRadiusNorm"),
        "rot": entry.get("rotationRad"),
    }
    return found, ("pointCenter", "xRadiusNorm", "yRadiusNorm", "rotationRad")


def _box(entry: Item) -> Made:
    found = {**_flat(entry.get("pointTopLeft")), "wnorm": entry.get("wNorm"), "hnorm": entry.get("hNorm")}
    return found, ("pointTopLeft", "wNorm", "hNorm")


def _cuboid(entry: Item) -> Made:
    found = {
        "point1": _triple(entry, "point1"),
        "point2": _triple(entry, "point2"),
        "computedpoint1world": _triple(entry, "absolutePoint1", "xyz"),
        "computedpoint2world": _triple(entry, "absolutePoint2", "xyz"),
    }
    return found, ("point1", "point2", "absolutePoint1", "absolutePoint2")


def _line(entry: Item) -> Made:
    return [_flat(point) for point in values(entry, "points")], ("points",)


def _point(entry: Item) -> Made:
    return _flat(entry.get("point")), ("point",)


_LISTS: dict[str, tuple[str, Callable[[Item], Made]]] = {
    "landmarks": ("point", _point),
    "landmarks3d": ("point3d", _landmark),
    "ellipses": ("ellipse", _ellipse),
    "boundingBoxes": ("bbox2d", _box),
    "cuboids": ("cuboid", _cuboid),
    "polygons": ("polygon", _line),
    "polylines": ("polyline", _line),
}
_MEASURED: dict[str, tuple[str, Callable[[Item], Made]]] = {
    "length": ("length3d", _length),
    "angle": ("angle3d", _angle),
}
