"""Long listings: every event of a report, task after task, in volumes that Typst sets."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from audit.log.merkle import leaf_hash
from audit.log.read import StoredEvent
from exports.reports import glyphs
from exports.reports.rows import Change, Row
from exports.reports.trail import Context, told
from exports.reports.words import instant, line, pieces

VOLUME_ROWS = 2_500
VOLUME_CHARACTERS = 750_000
"""A volume ends here too: long texts need as much memory as many rows."""
MAX_VOLUMES = 100
"""A listing of more events than these hold is left to the archive."""
NOT_RECORDED = None
NONE = "–"
PROJECT = "the project itself"
_BREAK = "\u200b"
NARROW = 10
"""Characters that fit even the narrowest column, however wide they are."""
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")

Cell = str | None
"""Text, or None for what was not recorded."""


@dataclass(slots=True)
class Section:
    """Rows of one task, or a part of them: n, index, time, who, stage, event, what changed, text, leaf."""

    id: str
    task: str
    name: str
    continued: bool
    rows: list[list[Cell]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Draft:
    """A volume's rows in a file, and what they need to be printed."""

    number: int
    path: Path
    first: str
    last: str
    tasks: int
    rows: int
    found: glyphs.Coverage


def drafts(events: Iterable[StoredEvent], context: Context, folder: Path) -> Iterator[Draft]:
    """Write the rows of each volume into a file of its own in `folder`; numbers begin at 2, the report is volume 1."""
    for number, sections in enumerate(_volumes(events, context), 2):
        text = json.dumps(
            [{"task": item.task, "name": item.name, "continued": item.continued, "rows": item.rows}
             for item in sections],
            ensure_ascii=False,
        )  # fmt: skip
        found = glyphs.coverage(text)
        path = folder / f"rows-{number:03}.json"
        path.write_text(glyphs.spelled_plainly(text, found), encoding="utf-8")
        rows = sum(len(item.rows) for item in sections)
        yield Draft(number, path, sections[0].id, sections[-1].id, len(sections), rows, found)


def _volumes(events: Iterable[StoredEvent], context: Context) -> Iterator[list[Section]]:
    sections: list[Section] = []
    task: int | None = -1
    rows = characters = 0
    for stored, row, state in told(events, context):
        if not stored.selected:
            continue
        continued = stored.task_id == task
        if rows >= VOLUME_ROWS or characters >= VOLUME_CHARACTERS:
            yield sections
            sections, rows, characters = [], 0, 0
        if not sections or not continued:
            task = stored.task_id
            sections.append(_section(stored, continued))
        _name(sections[-1], state.name)
        cells = _cells(row, leaf_hash(stored.envelope).hex()[:12])
        sections[-1].rows.append(cells)
        rows += 1
        characters += sum(len(cell) for cell in cells if cell)
    if sections:
        yield sections


def _section(stored: StoredEvent, continued: bool) -> Section:
    if stored.task_id is None:
        return Section(PROJECT, PROJECT, "", continued)
    external = line(json.loads(stored.envelope)["task"])
    return Section(line(external, 40), _cell(external), "", continued)


def _name(section: Section, name: str) -> None:
    """The task's name as the last of the rows so far leaves it."""
    shown = _cell(line(name))
    section.name = shown if shown != section.task and section.task != PROJECT else ""


def _cells(row: Row, leaf: str) -> list[Cell]:
    missing = NOT_RECORDED if row.owes else NONE
    return [
        f"{row.n:,}",
        f"{row.index:,}",
        instant(row.occurred) if row.occurred else missing,
        _cell(row.who, NARROW) if row.who else missing,
        _cell(row.stage, NARROW) if row.stage else missing,
        _cell(row.event, NARROW) + _marks(row),
        _changed(row),
        _text(row),
        leaf,
    ]


def _marks(row: Row) -> str:
    marks = (("derived", row.derived), ("superseded", row.superseded), ("late", row.late))
    return "".join(f", {mark}" for mark, holds in marks if holds)


def _changed(row: Row) -> str:
    parts = [_change(item) for item in row.changes]
    if row.more_changes:
        parts.append(f"{row.more_changes:,} more")
    if row.withheld:
        parts.append(f"payload {row.withheld}")
    return "; ".join(parts) or NONE


def _change(change: Change) -> str:
    label = f"{change.label}: " if change.label else ""
    if change.old is None and change.label:
        return _cell(f"{label}{change.new}")
    return f"{_cell(label)}{_cell(change.old) if change.old is not None else 'none'} → {_cell(change.new)}"


def _text(row: Row) -> Cell:
    if row.text is not None:
        return _cell(row.text)
    return row.text_withheld or (NOT_RECORDED if row.reason_due else NONE)


def _cell(text: str, width: int = 22) -> str:
    """Words longer than `width` may break; writing from the right keeps its direction to itself (UAX 9 isolates)."""
    broken = re.sub(rf"\S{{{width + 1},}}", lambda found: _broken(found[0], width), text)
    return f"\u2068{broken}\u2069" if _RIGHT_TO_LEFT.search(broken) else broken


def _broken(word: str, width: int) -> str:
    """The word with places to break: at its joints, and after every `width` characters between them."""
    return _BREAK.join(_forced(piece, width) for piece in pieces(word))


def _forced(piece: str, width: int) -> str:
    """Places to break after every `width` characters, but never between a letter and its accents."""
    if len(piece) <= width:
        return piece
    parts = []
    for place, char in enumerate(piece):
        if place and place % width == 0 and not unicodedata.combining(char):
            parts.append(_BREAK)
        parts.append(char)
    return "".join(parts)
