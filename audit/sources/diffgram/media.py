"""The files that a Diffgram task is about: said in exports beside what was drawn on them."""

from __future__ import annotations

from collections.abc import Iterator

from audit.annotations import MediumKind
from audit.sources.base import FileRef
from audit.sources.diffgram.label import children
from audit.sources.diffgram.shapes import GEO
from audit.sources.values import Item, number, part, parts, text, unsigned_url, whole

_KINDS: dict[str, MediumKind] = {
    "image": "image",
    "frame": "image",
    "video": "video",
    "text": "text",
    "audio": "audio",
    "geospatial": "geo",
    "sensor_fusion": "point cloud",
    "conversational": "conversation",
}
_PLACES = ("image", "video", "text", "point_cloud")
_ADDRESSES = ("image_signed_url", "mp4_video_signed_url", "signed_url")


def media_facts(packet: Item) -> Iterator[Item]:
    """The packet's own medium, or those of a compound file's files."""
    file = part(packet, "file")
    kind = text(file, "type") or ""
    if kind == "compound":
        for child in children(packet):
            yield from media_facts(child)
        return
    fact: Item = {
        "kind": _KINDS.get(kind, "other"),
        "name": text(file, "original_filename") or "",
        "file": whole(file, "id"),
        "url": None,
    }
    assets = parts(packet, "geo_assets")
    if kind == "geospatial":
        fact |= {"width": GEO[0], "height": GEO[1]}
    if assets:
        for asset in assets:
            yield {**fact, "name": text(asset, "original_filename") or "", "url": _url(asset)}
        return
    for place in _PLACES:
        found = part(packet, place)
        if found:
            fact["name"] = text(found, "original_filename") or fact["name"]
            fact["url"] = _url(found)
            fact |= {name: number(found.get(name)) for name in ("width", "height") if name in found}
        if place == "video" and found:
            fact |= {"frames": whole(found, "frame_count"), "frame_rate": number(found.get("frame_rate"))}
    yield fact


def media_files(packet: Item, task: str) -> Iterator[FileRef]:
    """The files that have an address to fetch them from, by that address without its signature."""
    file = part(packet, "file")
    places = [*(part(packet, place) for place in _PLACES), *parts(packet, "geo_assets")]
    addresses = [url for place in places if (url := _signed(place)) is not None]
    for url in addresses:
        name = text(file, "original_filename") or str(file.get("id"))
        yield FileRef(unsigned_url(url), url, f"the file {name} of task {task}", media=True)
    for child in children(packet):
        yield from media_files(child, task)


def _url(place: Item) -> str | None:
    url = _signed(place)
    return None if url is None else unsigned_url(url)


def _signed(place: Item) -> str | None:
    found = next((url for name in _ADDRESSES if (url := text(place, name))), None)
    return found if found is not None and found.startswith(("https://", "http://")) else None
