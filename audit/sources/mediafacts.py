"""Facts of a task's media, which a source works out when it reads the task, and keeps in its payload as `media`."""

from __future__ import annotations

from collections.abc import Callable
from typing import get_args

from audit.annotations import Medium, MediumKind
from audit.sources.values import Item, number, parts, text, whole

SUFFIXES: dict[str, MediumKind] = {
    **dict.fromkeys(("jpg", "jpeg", "png", "bmp", "gif", "webp", "tif", "tiff", "svg"), "image"),
    **dict.fromkeys(("mp4", "mov", "webm", "avi", "mkv"), "video"),
    **dict.fromkeys(("mp3", "wav", "ogg", "flac", "m4a"), "audio"),
    **dict.fromkeys(("txt", "md"), "text"),
    **dict.fromkeys(("htm", "html"), "html"),
    "pdf": "pdf",
}
"""What a file is by how its name ends, without the dot."""


def own_file(fact: Item) -> tuple[str, ...]:
    """The file that a medium lies in, by its address; none where it has no address."""
    url = text(fact, "url")
    return () if url is None else (url,)


def media_of(task: Item, files: Callable[[Item], tuple[str, ...]] = own_file) -> tuple[Medium, ...]:
    """The media of a task's payload; `files` tells in which files each lies."""
    return tuple(
        Medium(
            kind=next((kind for kind in get_args(MediumKind) if kind == fact.get("kind")), "other"),
            name=text(fact, "name") or "",
            url=text(fact, "url"),
            width=number(fact.get("width")),
            height=number(fact.get("height")),
            frames=whole(fact, "frames"),
            frame_rate=number(fact.get("frame_rate")),
            text=text(fact, "text"),
            index=index,
            files=files(fact),
        )
        for index, fact in enumerate(parts(task, "media"))
    )
