"""Assets and labels in the shape of Kili's own exports: from Kili's payloads, else from what is known of the task."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from audit.sources.values import parts, readable, without_halves
from exports.formats.base import LabelRow, ProjectInfo, Snapshot
from exports.formats.kili.family import asset_of
from exports.formats.kili.response import response_of
from exports.formats.labels.annotated import Asset, LabelItem

Row = dict[str, Any]

ASSET_KEYS = ("content", "externalId", "id", "jsonContent", "jsonMetadata", "pageResolutions", "resolution", "status")
LABEL_KEYS = ("createdAt", "isSentBackToQueue", "labelType", "modelName")
FLAGS = ("isLatestLabelForUser", "isLastForStep")
"""What Kili computes of a label; they stand in the asset's payload."""
TOKEN = "@p:"  # noqa: S105 - no secret
"""How a person's value begins where pseudonyms are shown."""


def asset_row(project: ProjectInfo, asset: Asset) -> Row:
    """An asset without its labels, in the keys of Kili's exports."""
    task = asset.task
    if project.source == "kili":
        found = asset_of(project, task)
        row = {key: found.get(key) for key in ASSET_KEYS}
        place = found.get("geospatialExportMetadata")
        if place is not None or any(medium.kind == "geo" for medium in asset.media):
            row["geospatialExportMetadata"] = place
        return row | {"externalId": found.get("externalId", task.name), "id": task.task}
    medium = asset.media[0] if asset.media else None
    sized = medium is not None and medium.width and medium.height
    pages = [
        {"pageNumber": number, "width": width, "height": height, "rotation": 0}
        for number, (width, height) in enumerate(medium.pages if medium else (), start=1)
    ]
    return {
        "content": (medium.url or medium.name) if medium else "",
        "externalId": task.name,
        "id": task.task,
        "jsonContent": "",
        "jsonMetadata": {},
        "pageResolutions": pages or None,
        "resolution": {"width": medium.width, "height": medium.height} if medium and sized else None,
        "status": _status(asset.labels[-1].row if asset.labels else None),
    }


def _status(last: LabelRow | None) -> str:
    if last is None:
        return "TODO"
    return "REVIEWED" if last.kind == "REVIEW" else "LABELED"


class Labels:
    """Labels of one asset as rows. `whole` keys tell which of them is the last of its step. Of a label of Kili's own
    (`of_kili`) whose payload is none, `row` ends in any error that `why` has words for."""

    def __init__(self, snapshot: Snapshot, asset: Asset) -> None:
        self._snapshot = snapshot
        self._asset = asset
        self.of_kili = snapshot.project.source == "kili"
        self._flags = _flags(asset) if self.of_kili else {}

    def row(self, item: LabelItem, *, flagged: bool) -> Row:
        """A label with its id, author and times; `flagged` rows say whether it is the last of its step."""
        row = self._of_kili(item) if self.of_kili else self._of_others(item)
        if not flagged:
            row.pop("isLastForStep", None)
        return row

    def _of_kili(self, item: LabelItem) -> Row:
        found = orjson.loads(without_halves(item.row.content)).get("label")
        label: Mapping[str, Any] = found if isinstance(found, dict) else {}
        row: Row = {key: label.get(key) for key in LABEL_KEYS} | {"id": item.row.external_id}
        flags = self._flags.get(item.row.external_id, {})
        row |= {key: flags.get(key, label.get(key)) for key in FLAGS}
        row["author"] = author_of(label.get("author"))
        row["jsonResponse"] = label.get("jsonResponse") or {}
        return row

    def _of_others(self, item: LabelItem) -> Row:
        row = item.row
        of_author = [one.row for one in self._asset.labels if one.row.author == row.author]
        of_step = [one for one in of_author if one.step == row.step]
        called = self._snapshot.person(row.author)
        author = {"email": called, "firstname": None, "id": row.author, "lastname": None, "name": called}
        return {
            "author": author if row.author is not None else None,
            "createdAt": _time(row.created_at),
            "id": row.external_id,
            "isLastForStep": of_step[-1] is row,
            "isLatestLabelForUser": of_author[-1] is row,
            "isSentBackToQueue": row.sent_back,
            "jsonResponse": response_of(item.said.annotations, row.external_id, self._asset.media),
            "labelType": row.kind,
            "modelName": None,
        }


def _flags(asset: Asset) -> dict[str, Mapping[str, Any]]:
    return {str(row.get("id")): row for row in parts(readable(asset.task.details), "labels")}


def author_of(author: object) -> Row | None:
    """Kili's user with first and last name apart again; both names are one text in the record."""
    if not isinstance(author, dict):
        return None
    row = {key: author.get(key) for key in ("email", "firstname", "id", "lastname", "name")}
    name, length = author.get("name"), author.get("firstnameLength")
    if isinstance(name, str) and isinstance(length, int) and not name.startswith(TOKEN):
        row |= {"firstname": name[:length], "lastname": name[length:].removeprefix(" ")}
    return row


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
