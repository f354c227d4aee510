"""tasks.json as RedBrick AI's SDK writes it with `old_format`: entries in the API's words, masks in `labelsMap`."""

from __future__ import annotations

from collections.abc import Sequence

from audit.sources.values import Item, item, part, parts, values
from exports.formats.redbrick.said import Said

_KEPT_EMPTY = ("labelsDataPath", "heatMaps", "transforms", "centerline", "datapointClassification")
"""What the SDK writes as null; all else is not there where nothing is said."""


def older(new: Item, said: Said, several: Sequence[Said], details: bytes | None) -> Item:
    """A task in the old format, from the same task in the new one. Of series nothing is said but where their masks are:
    that is how it was."""
    datapoint = part(item(details or b"{}"), "datapoint")
    agreed = part(new, "superTruth") or new
    told = {
        "taskId": new["taskId"],
        "name": new["name"],
        "tdId": said.head.get("labelsId"),
        "items": _items(new, datapoint),
        "currentStageName": new.get("currentStageName"),
        "createdBy": new.get("createdBy"),
        "createdAt": new.get("createdAt"),
        "updatedBy": said.head.get("updatedBy"),
        "updatedAt": said.head.get("updatedAt"),
        "labels": said.entries,
        "labelsDataPath": None,
        "labelsMap": _masks(agreed, datapoint),
        "metaData": new.get("metaData"),
        "priority": new.get("priority"),
        **{name: datapoint.get(name) for name in ("heatMaps", "transforms", "centerline")},
        "datapointClassification": _attributes(part(new, "datapointClassification")),
    }
    if several:
        told["consensusTasks"] = [
            {
                "assignee": one.head.get("updatedBy"),
                "tdId": one.head.get("labelsId"),
                "updatedBy": one.head.get("updatedBy"),
                "updatedAt": one.head.get("updatedAt"),
                "labels": one.entries,
                "labelsDataPath": None,
                "labelsMap": _masks(written, datapoint),
            }
            for one, written in zip(several, parts(new, "consensusTasks"), strict=True)
        ]
    return {name: value for name, value in told.items() if name in _KEPT_EMPTY or value not in (None, [], {})}


def _items(new: Item, datapoint: Item) -> list[str]:
    """The files in the datapoint's order, by their paths in the new format (where they lie beside it, those)."""
    by_index: dict[int, str] = {}
    infos = parts(datapoint, "seriesInfo")
    for at, series in enumerate(parts(new, "series")):
        paths = values(series, "items")
        indices = values(infos[at], "itemsIndices") if at < len(infos) else []
        # Series without indices stand one after the other.
        by_index |= dict(
            zip(indices if len(indices) == len(paths) else range(len(by_index), 1 << 30), paths, strict=False)
        )
    return [by_index[index] for index in sorted(by_index)]


def _masks(said: Item, datapoint: Item) -> list[Item]:
    infos = parts(datapoint, "seriesInfo")
    found = []
    for at, series in enumerate(parts(said, "series")):
        if "segmentations" in series:
            indices = values(infos[at], "itemsIndices") if at < len(infos) else []
            told = {"seriesIndex": at, "imageIndex": indices[0] if indices else at}
            flags = {name: series[name] for name in ("binaryMask", "semanticMask", "pngMask")}
            found.append({**told, "labelName": series["segmentations"], **flags})
    return found


def _attributes(said: Item) -> list[Item] | None:
    attributes = part(said, "attributes")
    return [{"name": name, "value": _word(value)} for name, value in attributes.items()] or None


def _word(value: object) -> object:
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else value
