"""The designed part of a report: HTML to PDF, by a child process that sees only the folder it is given."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from exports.reports import glyphs
from exports.reports.process import SHEETS, Child, Limits


@dataclass(frozen=True, slots=True)
class Attached:
    """A file inside the PDF. `relationship` as in PDF/A-3: Data, Source, Supplement."""

    name: str
    description: str
    relationship: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Rendered:
    """The PDF that the renderer left, and its number of pages."""

    path: Path
    pages: int


def render(
    html: str,
    found: glyphs.Coverage,
    attached: Iterable[Attached],
    *,
    folder: Path,
    issued: datetime,
    letter: bool,
    limits: Limits,
    check: Callable[[], None] = lambda: None,
) -> Rendered:
    """Render `html` in a child process that sees only `folder`, which must be empty; RenderError when it can't.

    `issued` is the date of the attached files. `check` is called now and then; what it raises ends the child.
    """
    files = list(attached)
    _lay_out(html, found, files, folder, letter)
    job = {
        "kind": "report",
        "issued": issued.isoformat(),
        "attachments": [
            {"name": item.name, "description": item.description, "relationship": item.relationship} for item in files
        ],
    }
    result = Child(folder, job, limits).wait(check)
    return Rendered(folder / "report.pdf", result["pages"])


def _lay_out(html: str, found: glyphs.Coverage, attached: list[Attached], folder: Path, letter: bool) -> None:
    """Write everything that the child reads, but for its job."""
    (folder / "report.html").write_text(glyphs.with_fallbacks(html, found), encoding="utf-8")
    sheet = (SHEETS / "report.css").read_text(encoding="utf-8")
    (folder / "report.css").write_text(glyphs.font_faces(found) + glyphs.with_fallbacks(sheet, found), encoding="utf-8")
    if letter:
        (folder / "letter.css").write_bytes((SHEETS / "letter.css").read_bytes())
    glyphs.copy_fonts(found, folder / "fonts")
    (folder / "attached").mkdir()
    for item in attached:
        (folder / "attached" / item.name).write_bytes(item.data)
