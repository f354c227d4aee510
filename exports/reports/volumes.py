"""Listing volumes, set in parallel by processes that share what one renderer may use."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

from audit.log.read import StoredEvent
from exports.reports import glyphs, listing
from exports.reports.process import SHEETS, Child, Limits
from exports.reports.trail import Context
from exports.reports.unpacked import unpack_fonts
from exports.reports.words import plural

ONE_MIB = 700
"""Address space that a volume of 2,500 rows needs, with some to spare."""
_PAUSE = 0.05


@dataclass(frozen=True, slots=True)
class About:
    """What every volume of a report says of it."""

    title: str
    kind: str
    issued: datetime
    as_of: str
    paper: Literal["a4", "letter"]
    redacted: bool
    size: int
    root: str
    filters: str = ""


@dataclass(frozen=True, slots=True)
class Volume:
    """A finished volume: its number (the report is 1), what it lists, and its file."""

    number: int
    first: str
    last: str
    tasks: int
    rows: int
    pages: int
    path: Path
    sha256: str


def workers(limits: Limits) -> int:
    """How many volumes are made at a time: as many as there are cores, within the memory of one renderer."""
    return max(1, min(len(os.sched_getaffinity(0)), limits.memory_mib // ONE_MIB))


def build(
    events: Iterable[StoredEvent],
    context: Context,
    about: About,
    *,
    folder: Path,
    limits: Limits,
    tell: Callable[[int, int], None] = lambda done, of: None,
) -> list[Volume]:
    """List `events`, which come task after task, in volumes below `folder`; RenderError when one can't be made.

    `tell` is told how many volumes are done, of how many; what it or `context.check` raises ends the work.
    """
    fonts = folder / "fonts"
    folder.mkdir()
    unpack_fonts(fonts)
    drafts = list(listing.drafts(events, context, folder))
    at_once = workers(limits)
    share = Limits(limits.memory_mib // at_once, limits.seconds)
    waiting = list(reversed(drafts))
    working: list[tuple[listing.Draft, Child]] = []
    made: list[Volume] = []
    try:
        while waiting or working:
            while waiting and len(working) < at_once:
                draft = waiting.pop()
                working.append((draft, _start(draft, len(drafts) + 1, about, folder, fonts, share)))
            tell(len(made), len(drafts))
            context.check()
            working[0][1].pause(_PAUSE)
            for draft, child in list(working):
                if (result := child.done()) is not None:
                    working.remove((draft, child))
                    made.append(_finished(draft, child.folder, result["pages"]))
    finally:
        for _, child in working:
            child.kill()
    return sorted(made, key=lambda volume: volume.number)


def _start(draft: listing.Draft, volumes: int, about: About, folder: Path, fonts: Path, limits: Limits) -> Child:
    own = folder / f"volume-{draft.number:03}"
    own.mkdir()
    shutil.copyfile(SHEETS / "volume.typ", own / "volume.typ")
    draft.path.rename(own / "rows.json")
    said = json.dumps(_said(draft, volumes, about), ensure_ascii=False)
    found = glyphs.coverage(said)
    (own / "volume.json").write_text(glyphs.spelled_plainly(said, found), encoding="utf-8")
    rest = {item.path.name: item for item in (*draft.found.fallbacks, *found.fallbacks)}
    for item in rest.values():
        shutil.copyfile(item.path, own / item.path.name)
    return Child(own, {"kind": "volume", "fonts": [str(fonts), str(own)], "rest": list(rest)}, limits)


def _said(draft: listing.Draft, volumes: int, about: About) -> dict[str, Any]:
    """What the template prints besides the rows."""
    listed = draft.first if draft.first == draft.last else f"{draft.first} to {draft.last}"
    date = about.issued.astimezone(UTC)
    return {
        "title": f"{about.title}: volume {draft.number} of {volumes}, {listed}",
        "kind": about.kind,
        "heading": f"Events of {listed}",
        "intro": _intro(draft, volumes, about.filters),
        "as_of": about.as_of,
        "class": "Edition without names" if about.redacted else "Confidential: contains names",
        "date": [date.year, date.month, date.day, date.hour, date.minute, date.second],
        "paper": about.paper,
        "size": f"{about.size:,}",
        "root": f"{about.root[:8]}…{about.root[-8:]}",
        "volume": draft.number,
        "volumes": volumes,
    }


def _intro(draft: listing.Draft, volumes: int, filters: str) -> str:
    text = (
        f"Volume {draft.number} of {volumes}: {plural(draft.rows, 'event')}, task after task, each by its number n. "
        "“Index” is the place in the project’s log. Times are UTC, as the source recorded them. “Leaf” is the start of "
        "the event’s hash in the log. A dash means that there can’t be a value, “not recorded” that nobody told the "
        "system."
    )
    if filters:
        text += f" Filtered: only events that match are listed ({filters})."
    if draft.found.fallbacks:
        fonts = ", ".join(f"{font.name} ({font.version}, sha256 {font.sha256[:16]}…)" for font in draft.found.fallbacks)
        text += f" Some characters are printed with fonts of the machine: {fonts}."
    if missing := draft.found.unprintable:
        text += (
            f" {plural(len(missing), 'character')} that no font here has {'is' if len(missing) == 1 else 'are'} shown "
            f"as code points, such as ‹U+{ord(missing[0]):04X}›."
        )
    return text


def _finished(draft: listing.Draft, folder: Path, pages: int) -> Volume:
    path = folder / "small.pdf"
    digest = sha256(path.read_bytes()).hexdigest()
    return Volume(draft.number, draft.first, draft.last, draft.tasks, draft.rows, pages, path, digest)
