"""The files that a task is about, and how large they are: said in its data, beside what was drawn on them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from audit.annotations import MediumKind
from audit.sources.base import FileRef
from audit.sources.isahit.project import IsahitProject
from audit.sources.mediafacts import SUFFIXES
from audit.sources.values import Item, number, part, text, unsigned_url, values

_KINDS: dict[str, MediumKind] = SUFFIXES | {"json": "text", "csv": "text"}


def media_facts(task: Item, body: Item, project: IsahitProject) -> list[Item]:
    """The task's media, one for each tool that has files or a size of its own, then the other files of the task."""
    found: list[Item] = []
    own = values(task, "resources")
    for tool in project.tools:
        at = body if tool.input is None else part(body, tool.input)
        files = values(at, "resources") or own
        size = part(at, "image")
        drawn = files if tool.sequence else files[:1]
        fact: Item = {
            "kind": "video" if tool.sequence else "image",
            "name": text(task, "name") if tool.sequence else _name(drawn[0]) if drawn else text(task, "name"),
            "url": _url(drawn[0]) if drawn and not tool.sequence else None,
            "width": number(size.get("width")),
            "height": number(size.get("height")),
            "input": tool.input,
        }
        if tool.sequence:
            fact["frames"] = len(files)
        found.append(fact)
        if not tool.sequence and tool.input is None:
            found += [_plain(file) for file in files[1:]]
    if project.form:
        shown = {fact["name"] for fact in found if own}
        found += [_plain(file) for file in own if _name(file) not in shown]
    return found


def files_of(task: Item, fact: Item) -> tuple[str, ...]:
    """The medium's file; of a sequence its frames, where the task names them."""
    if (url := text(fact, "url")) is not None:
        return (url,)
    found = [url for file in values(task, "resources") if (url := _url(file)) is not None]
    return tuple(found) if found and fact.get("frames") == len(found) else ()


def media_files(task: Item, body: Item, project: IsahitProject) -> Iterator[FileRef]:
    """The files of the task that have an address to fetch them from, each once, by it without its signature."""
    named = text(task, "name") or text(task, "_id") or ""
    found: dict[str, FileRef] = {}
    for at in (task, *(body if tool.input is None else part(body, tool.input) for tool in project.tools)):
        for file in values(at, "resources"):
            if (address := _address(file)) is not None:
                name = unsigned_url(address)
                found.setdefault(name, FileRef(name, address, f"the file {_name(file)} of task {named}", media=True))
    yield from found.values()


def _plain(file: object) -> Item:
    name = _name(file)
    suffix = PurePosixPath(name).suffix.lower().removeprefix(".")
    return {"kind": _KINDS.get(suffix, "other"), "name": name, "url": _url(file)}


def _name(file: object) -> str:
    """What a file is called: its own name, else the last part of its address or path, else its id."""
    if isinstance(file, dict):
        return text(file, "name") or text(file, "id") or ""
    written = file if isinstance(file, str) else ""
    path = unquote(urlsplit(written).path) if _address(written) else written
    return PurePosixPath(path).name or written


def _url(file: object) -> str | None:
    address = _address(file)
    return None if address is None else unsigned_url(address)


def _address(file: object) -> str | None:
    written = file.get("url") if isinstance(file, dict) else file
    if not isinstance(written, str) or not written.startswith(("https://", "http://")):
        return None
    try:
        return written if urlsplit(written).hostname else None
    except ValueError:
        return None
