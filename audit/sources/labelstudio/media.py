"""What a task of Label Studio is about: values of its data, which the export does not tell apart from other columns.

A value counts when it is an address of a file, when it is called what results are said of, or when it is the only text.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from audit.annotations import MediumKind
from audit.sources.mediafacts import SUFFIXES
from audit.sources.values import Item, number, part, parts, text, whole

LABELS = ("annotations", "predictions", "drafts")
_NAMED: dict[str, MediumKind] = {
    **dict.fromkeys(("image", "img", "images", "photo", "picture"), "image"),
    **dict.fromkeys(("video", "vid"), "video"),
    **dict.fromkeys(("audio", "sound"), "audio"),
    **dict.fromkeys(("html", "hypertext"), "html"),
    **dict.fromkeys(("dialogue", "conversation", "chat", "messages", "paragraphs"), "conversation"),
    "pdf": "pdf",
    "text": "text",
}
_DRAWN = frozenset(("rectangle", "ellipse", "polygon", "keypoint", "brush", "vector", "bitmask", "magicwand"))


def results_of(task: Item) -> Iterator[Item]:
    """What was said in all labels of a task."""
    for field in LABELS:
        for label in parts(task, field):
            yield from parts(label, "result")


def media_facts(task: Item) -> list[Item]:
    """The task's media in the order of its data, with what its labels say of their sizes."""
    data = part(task, "data")
    said = [one for one in results_of(task) if isinstance(one.get("to_name"), str) and not _is_ranked(one)]
    meant = {str(one["to_name"]) for one in said} | {source[1:] for one in said if (source := text(one, "source"))}
    facts = [fact for name, value in data.items() for fact in _facts(name, value, named=name in meant)]
    if not facts:
        only = [(name, value) for name, value in data.items() if isinstance(value, str) and value]
        facts = [{"kind": "text", "name": name, "field": name, "text": value} for name, value in only[:1]]
    for one in said:
        at = index_of(facts, one)
        if at is not None:
            _measure(facts[at], one)
    return facts


def index_of(facts: list[Item], one: Item) -> int | None:
    """Which medium a result is said of: the one of that name, else the first of a fitting kind, else the first."""
    if not facts:
        return None
    wanted = {text(one, "to_name"), (text(one, "source") or "$")[1:]}
    own = [at for at, fact in enumerate(facts) if text(fact, "field") in wanted]
    at = whole(one, "item_index")
    if own:
        return own[at] if at is not None and 0 <= at < len(own) else own[0]
    kind = kind_of(one)
    fitting = [at for at, fact in enumerate(facts) if fact.get("kind") == kind] or [0]
    return fitting[at] if at is not None and 0 <= at < len(fitting) else fitting[0]


def kind_of(one: Item) -> MediumKind | None:
    """The kind of medium that a result can be said of; None when it can be any."""
    type_, value = text(one, "type") or "", part(one, "value")
    if "sequence" in value or "ranges" in value:
        return "video"
    if type_ == "ocrlabels":
        return "pdf"
    if "rle" in value or "original_width" in one or type_.removesuffix("labels") in _DRAWN:
        return "image"
    if "globalOffsets" in value or type_ == "hypertextlabels":
        return "html"
    if type_ == "paragraphlabels":
        return "conversation"
    if "start" in value and isinstance(value["start"], int | float):
        return "text" if "text" in value and "channel" not in value else "audio"
    return None


def is_pair(one: Item) -> bool:
    """Whether it compares two things that stand in the task's data, as our exports put them there."""
    return one.get("type") == "pairwise" and (text(one, "to_name") or "").endswith("-left")


def _is_ranked(one: Item) -> bool:
    """Whether it is said of things in the task's data that are no media."""
    return one.get("type") == "ranker" or is_pair(one)


def _facts(name: str, value: object, *, named: bool) -> Iterator[Item]:
    address = _address(value)
    if address is not None:
        path = PurePosixPath(unquote(urlsplit(address).path))
        kind = SUFFIXES.get(path.suffix.lower().removeprefix("."), _NAMED.get(name.lower(), "other"))
        yield {"kind": kind, "name": path.name or address, "field": name, "url": address}
    elif isinstance(value, list) and value and all(_address(one) for one in value):
        for one in value:
            yield from _facts(name, one, named=named)
    elif isinstance(value, list) and (named or name.lower() in _NAMED):
        yield {"kind": "conversation", "name": name, "field": name}
    elif isinstance(value, str) and value and (named or name.lower() in _NAMED):
        kind = _NAMED.get(name.lower(), "text")
        yield {"kind": kind if kind in ("text", "html") else "text", "name": name, "field": name, "text": value}


def _address(value: object) -> str | None:
    """The address of a file: a URL, an object of a storage, or a path of the server's own."""
    known = isinstance(value, str) and value.startswith(
        ("https://", "http://", "s3://", "gs://", "azure-blob://", "/data/")
    )
    if not known or any(mark in str(value) for mark in "\n\r\t "):
        return None
    try:
        urlsplit(str(value))
    except ValueError:
        return None
    return str(value)


def _measure(fact: Item, one: Item) -> None:
    width, height = number(one.get("original_width")), number(one.get("original_height"))
    if width and height and width > 0 and height > 0:
        fact["width"], fact["height"] = width, height
    frames = whole(part(one, "value"), "framesCount")
    if frames is not None and frames > 0:
        fact["frames"] = frames
