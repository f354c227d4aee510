"""What tasks.json says of a task of RedBrick AI, from the payloads as they came."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import IO

from audit.ontology import Ontology
from audit.sources.redbrick.as_sdk import called
from audit.sources.redbrick.labels import drawn, labels_path, listed, masks
from audit.sources.redbrick.series import Series, series_of
from audit.sources.values import Item, an_object, item, parsed, part, parts, text, unsigned_url, values
from exports.formats.redbrick.entries import NoMask, Segment, named, placed, segments


@dataclass(slots=True)
class Said:
    """One label in the words of tasks.json: lists of entries and instances by series, and what is said of the task."""

    lists: dict[int, dict[str, list[Item]]] = field(default_factory=dict)
    segments: dict[int, list[Segment]] = field(default_factory=dict)
    classification: Item | None = None
    unsaid: list[tuple[str, str | None, str]] = field(default_factory=list)
    """Entries that can't be said: a code, their ids, and why."""
    head: Item = field(default_factory=dict)
    """labelsId, updatedBy, updatedAt."""
    painted: dict[str, bytes] = field(default_factory=dict)
    """Volumes of masks that other platforms keep in other ways, by the names that segments give them."""
    entries: list[Item] = field(default_factory=list)
    """All of it in the words of the API, without what is not said."""

    def add(self, entry: Item, series: Sequence[Series]) -> None:
        """One more entry that is no mask."""
        found = placed(entry, series)
        if found is None:
            why = "nothing is drawn or said that tasks.json has a place for"
            self.unsaid.append(("no_geometry", text(entry, "labelid"), why))
        elif found.name == "classification":
            self._classified(found.said)
        else:
            self.lists.setdefault(found.at, {}).setdefault(found.name, []).append(found.said)

    def _classified(self, said: Item) -> None:
        """The task has one classification: the first one's, with what others add."""
        if self.classification is None:
            self.classification = {"attributes": {}, **said}
        else:
            more = said.get("attributes", {})
            self.classification["attributes"] = {**more, **self.classification["attributes"]}


def own_label(
    content: bytes,
    series: Sequence[Series],
    ontology: Ontology,
    open_: Callable[[str], IO[bytes]],
    *,
    files_of_masks: bool,
) -> Said:
    """A label of RedBrick AI. Raises NoMask, FileNotFoundError, ValueError."""
    data = part(an_object(content), "taskData")
    path = labels_path(data)
    if path is None:
        entries = drawn(data)
    else:
        with open_(path) as file:
            entries = listed(file.read())
    files = dict(masks(data, series))
    told = {
        "labelsId": text(data, "tdId"),
        "updatedBy": called(data.get("createdByEntity"), {}),
        "updatedAt": data.get("createdAt"),
    }
    found = Said(head={name: value for name, value in told.items() if value is not None})
    for entry in entries:
        whole = named(entry, ontology)
        found.entries.append({name: value for name, value in whole.items() if value is not None})
        if part(entry, "dicom").get("instanceid") is None:
            found.add(whole, series)
            continue
        for at, segment in segments(whole, files, ontology, files=files_of_masks):
            if not 0 <= at < max(len(series), 1):
                raise NoMask(f"the mask of instance {segment.instance} is of series {at + 1}, which the task has not")
            found.segments.setdefault(at, []).append(segment)
    return found


def own_task(details: bytes | None) -> tuple[Item, list[Item], tuple[Series, ...]]:
    """What tasks.json says of a task of RedBrick AI without its labels, of each of its series, and the series."""
    found = item(details or b"{}")
    datapoint = part(found, "datapoint")
    series = series_of(datapoint)
    told = {
        "priority": found.get("priority") or None,
        "createdBy": called(datapoint.get("createdByEntity"), {}),
        "createdAt": datapoint.get("createdAt"),
        "storageId": text(part(datapoint, "storageMethod"), "storageId"),
        "metaData": _object(datapoint.get("metaData")),
        "datapointClassification": _of_datapoint(datapoint.get("attributes")),
        "heatMaps": parts(datapoint, "heatMaps") or None,
        **part(datapoint, "exported"),
    }
    infos = parts(datapoint, "seriesInfo") or [{}]
    listed_series = [_series(info, one) for info, one in zip(infos, series, strict=False)]
    return {name: value for name, value in told.items() if value is not None}, listed_series, series


def _series(info: Item, series: Series) -> Item:
    told = {
        "name": text(info, "name"),
        "metaData": _object(info.get("metaData")),
        "imageHeaders": _headers(series.headers()),
        "items": [unsigned_url(path) for path in series.paths],
    }
    return {name: value for name, value in told.items() if value is not None}


def _object(written: object) -> Item | None:
    if isinstance(written, str):
        try:
            written = parsed(written.encode("utf-8", "surrogatepass"))
        except ValueError:
            return None
    return written if isinstance(written, dict) and written else None


def _of_datapoint(written: object) -> Item | None:
    try:
        told = parsed(written.encode("utf-8", "surrogatepass")) if isinstance(written, str) else written
    except ValueError:
        return None
    attributes = [one for one in told if isinstance(one, dict)] if isinstance(told, list) else []
    found = {str(one.get("name")): _truth(one.get("value")) for one in attributes}
    return {"attributes": found} if found else None


def _truth(value: object) -> object:
    return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value


def _headers(headers: Item) -> Item | None:
    """Nine numbers of the direction in three rows, and the affine that they, spacing and origin make."""
    if not headers:
        return None
    found = dict(headers)
    rows = values(headers, "direction")
    if len(rows) == 9 and all(isinstance(one, int | float) for one in rows):
        rows = [rows[at : at + 3] for at in (0, 3, 6)]
        found["direction"] = rows
        spacing, origin = values(headers, "spacing"), values(headers, "origin")
        if len(spacing) == len(origin) == 3 and "affine" not in found:
            affine = [[float(a * b) for a, b in zip(row, spacing, strict=True)] for row in rows]
            found["affine"] = [[*row, float(at)] for row, at in zip(affine, origin, strict=True)] + [
                [0.0, 0.0, 0.0, 1.0]
            ]
    return found
