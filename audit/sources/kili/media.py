"""An asset's file in neutral words."""

from __future__ import annotations

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


def medium_of(task: Item) -> Medium:
    """The asset's one file, which has several frames or pages."""
    asset = part(task, "asset")
    resolution = part(asset, "resolution")
    content = text(asset, "content")
    url = content if content is not None and content.startswith(("https://", "http://")) else None
    kind = KINDS.get(text(task, "inputType") or "", "other")
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


def _size(value: object) -> float | None:
    found = number(value)
    return found if found is not None and found > 0 else None
