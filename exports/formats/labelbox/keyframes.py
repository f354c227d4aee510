"""What people drew in videos and volumes, without what the platform filled in between their key frames."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import orjson

from audit.sources.values import part, text
from exports.formats.labelbox.datarow import Parts, Piece, joined, listed, parts

_frames = msgspec.json.Decoder(dict[str, Parts]).decode
_raws = msgspec.json.Decoder(list[msgspec.Raw]).decode


def drawn_by_hand(annotations: bytes) -> bytes:
    """The annotations of a label without objects and answers of frames that the platform filled in.

    It says so of an object in `key_frame_feature_map`; what is not there was drawn. Of volumes each view has its own.
    """
    found: dict[str, Piece] = {**parts(annotations)}
    drawn = orjson.loads(bytes(found.get("key_frame_feature_map", b"{}"))) or {}
    if "frames" in found:
        found["frames"] = _drawn(found["frames"], drawn)
    elif "groups" in found:
        groups = _frames(found["groups"])
        for view, group in groups.items():
            if "frames" in group:
                keys = {id_: part(drawn[id_], view) for id_ in drawn}
                group["frames"] = msgspec.Raw(_drawn(group["frames"], keys))
        found["groups"] = joined({view: joined(group) for view, group in groups.items()})
    else:
        return annotations
    return joined(found)


def _drawn(frames: Piece, keys: Mapping[str, Any]) -> bytes:
    """The frames in which something was drawn, with that."""
    kept: dict[str, bytes] = {}
    for number, frame in _frames(frames).items():

        def by_hand(id_: str | None, number: str = number) -> bool:
            return id_ not in keys or part(dict(keys), id_ or "").get(number) is True

        row: dict[str, Piece] = {**frame}
        shown = False
        if "objects" in frame:
            objects = {id_: raw for id_, raw in parts(frame["objects"]).items() if by_hand(id_)}
            row["objects"] = joined(objects)
            shown = bool(objects)
        if "classifications" in frame:
            answers = _raws(frame["classifications"])
            said = [raw for raw in answers if by_hand(text(orjson.loads(bytes(raw)), "feature_id"))]
            row["classifications"] = listed(said)
            shown = shown or bool(said)
        if shown:
            kept[number] = joined(row)
    return joined(kept)
