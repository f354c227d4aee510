"""A task of tasks.json (`redbrick export`) as the API tells it: the datapoint, rows of label data, people."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from audit.sources.redbrick.backwards import entries_of, mask_names, several, study_entry, value_in
from audit.sources.redbrick.payload import SERVICE, SYSTEM
from audit.sources.values import Item, part, parts, text, values

_KEY = "API Key - "
_NUMBER = re.compile(r".*-(\d+)\.[^/]*")
"""At the end of a file's name: of the instance or class that it is of."""
_BOOLEANS = {"true": True, "false": False}
_TAKEN = frozenset(("name", "items", "metaData", "imageHeaders", "itemsIndices"))
"""Of a series what has a place of its own; lists of labels are left out by `_series`."""
_LABELS = frozenset(
    (
        "segmentations",
        "segmentMap",
        "binaryMask",
        "semanticMask",
        "pngMask",
        "landmarks",
        "landmarks3d",
        "measurements",
        "ellipses",
        "boundingBoxes",
        "cuboids",
        "polygons",
        "polylines",
        "classifications",
        "instanceClassifications",
        "heatMaps",
    )
)


def datapoint_of(task: Item) -> Item:
    """The datapoint: all series' items one after the other. What only exports say of a task stands in `exported`."""
    series = parts(task, "series")
    found: Item = {
        "name": text(task, "name"),
        "createdAt": task.get("createdAt"),
        "createdByEntity": user_of(task.get("createdBy")),
        "metaData": task.get("metaData"),
        "items": [path for one in series for path in values(one, "items")] or values(task, "items"),
        "seriesInfo": [_series(one, at) for one, at in zip(series, indices_of(series), strict=True)],
        "heatMaps": [one for entry in series for one in parts(entry, "heatMaps")],
        "exported": {name: task[name] for name in ("status", "consensusScore") if name in task},
    }
    if storage := text(task, "storageId"):
        found["storageMethod"] = {"storageId": storage}
    return {name: value for name, value in found.items() if value not in (None, [], {})}


def indices_of(series: list[Item]) -> list[list[int]]:
    """Which of the datapoint's items are each series'."""
    found, at = [], 0
    for one in series:
        count = len(values(one, "items"))
        found.append(list(range(at, at + count)))
        at += count
    return found


def rows_of(task: Item) -> Iterator[tuple[Item, bool]]:
    """Where the task has label data, the newest first, and whether it is one of several people's."""
    agreed = part(task, "superTruth")
    yield ({"labelsId": task.get("labelsId"), **agreed} if agreed else task), False
    yield from ((data, True) for data in parts(task, "consensusTasks"))


def row_of(data: Item) -> Item:
    """A row of label data as the API has it; masks are named by `path_of`."""
    who = user_of(data.get("updatedBy"))
    maps = [
        {"seriesIndex": at, "labelName": path_of(path)}
        for at, one in enumerate(parts(data, "series"))
        for path in mask_names(one)
        if not is_address(path)
    ]
    maps += [
        {**entry, "labelName": path_of(path)}
        for entry in parts(data, "labelsMap")
        for path in several(entry.get("labelName"))
    ]
    return {
        "tdId": text(data, "labelsId") or text(data, "tdId"),
        "createdAt": data.get("updatedAt"),
        "createdByEntity": who,
        "labelsData": json.dumps(list(entries(data))),
        "labelsMap": maps,
    }


def entries(data: Item) -> Iterator[Item]:
    """What was drawn and chosen; with `--old-format` it is as the API has it, but by names."""
    if isinstance(data.get("labels"), list):
        maps = {entry.get("seriesIndex"): entry for entry in parts(data, "labelsMap")}
        yield from (_by_name(_with_file(entry, maps.get(entry.get("volumeindex")))) for entry in parts(data, "labels"))
        return
    series = parts(data, "series")
    yield from entries_of(series, indices_of(series), lambda path: None if is_address(path) else path_of(path))
    yield from study_entry(data)


def _with_file(entry: Item, masks: Item | None) -> Item:
    """An entry of the old format with the file of its mask, which the map of its series names."""
    drawn, told = part(entry, "dicom"), masks or {}
    own, number = told.get("binaryMask") is True, drawn.get("instanceid")
    if not isinstance(number, int):
        return entry
    if told.get("semanticMask") is True and isinstance(entry.get("classid"), int):
        number = entry["classid"] + 1
    for path in map(path_of, several(told.get("labelName"))):
        value = value_in(path, number, own=own)
        if value is not None and (not own or _NUMBER.sub(r"\1", path) == str(number)):
            groups = {"groupids": None} if own else {}
            return {**entry, "dicom": {**drawn, **groups, "file": path, "value": value}}
    return entry


def _by_name(entry: Item) -> Item:
    """An entry of the old format: its numbers are those of a taxonomy that is not in the export."""
    found = {name: value for name, value in entry.items() if name != "classid"}
    if attributes := parts(entry, "attributes"):
        found["attributes"] = [
            {"name": one["name"], "value": _BOOLEANS.get(str(one.get("value")), one.get("value"))}
            if "name" in one
            else one
            for one in attributes
        ]
    return found


def user_of(called: object) -> Item | None:
    """Who is called so: people by their addresses, API keys by their names, RedBrick AI itself as System."""
    if not isinstance(called, str) or not called:
        return None
    if called.startswith(_KEY):
        name = called.removeprefix(_KEY)
        return {"userId": SERVICE + name, "givenName": name}
    if called == "System":
        return {"userId": SYSTEM + called}
    return {"userId": called, **({"email": called} if "@" in called else {})}


def path_of(path: str) -> str:
    """A mask's path below the folder of tasks.json: what is before `segmentations` is where it once was."""
    steps = [step for step in path.replace("\\", "/").split("/") if step not in ("", ".", "..")]
    if "segmentations" in steps:
        steps = steps[steps.index("segmentations") :]
    return "/".join(steps)


def is_address(path: str) -> bool:
    """Whether it is an address in a storage (`--without-masks`), and no file of the export."""
    return "://" in path


def _series(one: Item, indices: list[int]) -> Item:
    kept = {name: value for name, value in one.items() if name not in _TAKEN | _LABELS}
    told = {"name": text(one, "name"), "metaData": one.get("metaData"), "imageHeaders": one.get("imageHeaders")}
    return {**{name: value for name, value in told.items() if value is not None}, "itemsIndices": indices, **kept}
