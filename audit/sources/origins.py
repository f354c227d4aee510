"""Where projects come from: the platforms that are read over their API, and what people call each kind of source."""

from __future__ import annotations

from audit.sources import diffgram, file_kind, isahit, kili, labelbox, redbrick
from audit.sources.exported.kinds import KINDS
from audit.sources.platform import Platform

PLATFORMS: dict[str, Platform] = {
    platform.kind: platform
    for platform in (
        redbrick.PLATFORM,
        kili.PLATFORM,
        isahit.PLATFORM,
        labelbox.PLATFORM,
        diffgram.PLATFORM,
        diffgram.DATABASE,
    )
}
"""A new platform is one line here."""

_EXPORTS = {file_kind(kind.platform): kind.title.partition(" ")[2] for kind in KINDS.values()}
"""Their titles without the article."""


def origin(kind: str) -> str:
    """What people call a kind of source (`Source.kind`): "RedBrick AI", "Export of Kili", "COCO file", "Event log"."""
    if kind in PLATFORMS:
        return PLATFORMS[kind].title
    if kind in _EXPORTS:
        return _EXPORTS[kind][:1].upper() + _EXPORTS[kind][1:]
    return "Use of this service" if kind == "service" else "Event log"
