"""An asset's file in neutral words."""

from __future__ import annotations

import msgspec

from audit.annotations import Medium, MediumKind
from audit.sources.values import Item, number, part, parts, text

KINDS: dict[str, MediumKind] = {
    "IMAGE": "image",
    "VIDEO": "video",
    "PDF": "pdf",
    "TEXT": "text",
    "AUDIO": "audio",
    "GEOSPATIAL": "geo",
    "LLM_RLHF": "conversation",
    "LLM_INSTR_FOLLOWING": "conversation",
    "LLM_STATIC": "conversation",
}


PIXELS = "PIXEL"
"""The code of the space of a map that is labelled as a picture: in fractions of its first layer."""


TILED = "TiledImage"
"""The space of a layer of a large picture that lies nowhere."""


def kind_of(input_type: str | None, space: str | None) -> MediumKind:
    """What assets of a project are: by its input type, and the code of the space in which its maps are labelled."""
    kind = KINDS.get(input_type or "", "other")
    return "image" if kind == "geo" and space == PIXELS else kind


def medium_of(task: Item) -> Medium:
    """The asset's one file, which has several frames or pages."""
    asset = part(task, "asset")
    content = text(asset, "content")
    url = content if content is not None and content.startswith(("https://", "http://")) else None
    kind = kind_of(text(task, "inputType"), text(task, "labelingCRSCode"))
    if kind == "image" and (_is_placed(asset.get("jsonContent")) or _is_placed(task.get("layers"))):
        kind = "geo"
    # What is said of a map is longitude and latitude: it has no size of its own.
    layers = [] if kind == "geo" else [part(asset, "resolution"), *parts(asset, "geospatialExportMetadata")]
    resolution = next(filter(None, layers), {})
    pages = sorted(parts(asset, "pageResolutions"), key=lambda page: number(page.get("pageNumber")) or 0.0)
    return Medium(
        kind=kind,
        name=text(asset, "externalId") or text(asset, "id") or "",
        url=url,
        width=_size(resolution.get("width")),
        height=_size(resolution.get("height")),
        pages=tuple((number(page.get("width")) or 0.0, number(page.get("height")) or 0.0) for page in pages),
        text=content if url is None and kind == "text" else None,
        files=(url,) if url is not None else (),
    )


def _is_placed(content: object) -> bool:
    """Whether an image is a GeoTIFF that is labelled in longitude and latitude, as Kili's SDK (26.2) tells them: by the
    list of its layers, which stands in its payload or was linked to."""
    if isinstance(content, str) and content.startswith("["):
        try:
            content = msgspec.json.decode(content)
        except (msgspec.DecodeError, UnicodeEncodeError):
            return False
    spaces = spaces_of(content)
    if not spaces:
        return False
    classic, epsg = spaces[0]
    return classic is False and epsg != TILED


def spaces_of(layers: object) -> list[tuple[object, object]]:
    """Of each layer whether it is labelled as a picture, and in which space it lies; of what is no layer neither."""
    found = layers if isinstance(layers, list) else []
    said = [one if isinstance(one, dict) else {} for one in found]
    return [(one.get("useClassicCoordinates"), one.get("epsg", TILED)) for one in said]


def _size(value: object) -> float | None:
    found = number(value)
    return found if found is not None and found > 0 else None
