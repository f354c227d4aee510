"""What a task of RedBrick AI is about: a medium for each of its series."""

from __future__ import annotations

from pathlib import PurePosixPath
from urllib.parse import urlsplit

from audit.annotations import Medium, MediumKind
from audit.sources.redbrick.series import Series, series_of
from audit.sources.values import Item, number, values

PICTURES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp"})
VIDEOS = frozenset({".mp4", ".mov", ".avi", ".webm", ".mkv"})
WEB = "web"
"""The data type of what a browser shows: images, and videos as files or as one image after the other."""


def media_of(datapoint: Item) -> tuple[Medium, ...]:
    """The series in their order: as labels count them (`volumeindex`)."""
    return tuple(_medium(one, at) for at, one in enumerate(series_of(datapoint)))


def _medium(series: Series, index: int) -> Medium:
    width, height, depth = (*_numbers(series, "dimensions"), None, None, None)[:3]
    spacing = [size for size in _numbers(series, "spacing") if size is not None]
    kind = _kind(series, depth)
    return Medium(
        kind=kind,
        name=series.title,
        url=series.paths[0] if len(series.paths) == 1 else None,
        width=width,
        height=height,
        frames=_frames(series, kind, depth),
        spacing=(spacing[0], spacing[1], spacing[2]) if kind == "volume" and len(spacing) == 3 else None,
        index=index,
        files=series.paths,
    )


def _kind(series: Series, depth: float | None) -> MediumKind:
    suffixes = {PurePosixPath(urlsplit(path).path).suffix.lower() for path in series.paths}
    several = len(series.paths) > 1
    if suffixes & VIDEOS:
        return "video"
    if suffixes == {".pdf"}:
        return "pdf"
    if series.kind == WEB or (suffixes and suffixes <= PICTURES):
        return "video" if several else "image"
    if depth == 1 and not several:
        return "video" if (_total(series) or 1) > 1 else "image"
    return "volume"


def _frames(series: Series, kind: MediumKind, depth: float | None) -> int | None:
    """Of a video those that the header counts, else its files; of a volume its slices."""
    several = len(series.paths) if len(series.paths) > 1 else None
    if kind == "video":
        return _total(series) or several
    return (int(depth) if depth else several) if kind == "volume" else None


def _total(series: Series) -> int | None:
    told = number(series.headers().get("totalFrames"))
    return int(told) if told else None


def _numbers(series: Series, name: str) -> list[float | None]:
    return [number(value) for value in values(series.headers(), name)]
