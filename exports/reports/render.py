"""Start the renderer in a process of its own, and turn whatever befalls it into a readable error."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from exports.reports import glyphs

ROOT = Path(__file__).resolve().parents[2]
SHEETS = ROOT / "templates" / "reports"
_BOOT = (
    "import sys; sys.path.insert(0, sys.argv[1]); from exports.reports import child; sys.exit(child.main(sys.argv[2]))"
)
# What native libraries do when an allocation is refused: abort, trap, or fall over the null pointer.
_CRASHES = {signal.SIGABRT, signal.SIGTRAP, signal.SIGSEGV, signal.SIGBUS}
_TAIL = 2000
_POLL = 0.2


class RenderError(Exception):
    """The PDF could not be made; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What the renderer may use: address space in MiB, and seconds (of its own work, and by the clock)."""

    memory_mib: int
    seconds: int


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
    _lay_out(html, found, list(attached), folder, issued, letter, limits)
    process = subprocess.Popen(
        [sys.executable, "-I", "-c", _BOOT, str(ROOT), str(folder)],
        cwd=folder,
        env=_environment(folder),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        errors = _wait(process, limits, check)
    except BaseException:
        _kill(process)
        raise
    return _result(process.returncode, errors.decode("utf-8", "replace"), folder, limits)


def _wait(process: subprocess.Popen[bytes], limits: Limits, check: Callable[[], None]) -> bytes:
    """What the child wrote to stderr, once it ends by itself."""
    until = time.monotonic() + limits.seconds
    while True:
        try:
            return process.communicate(timeout=_POLL)[1]
        except subprocess.TimeoutExpired:
            check()
            if time.monotonic() > until:
                raise RenderError(_too_long(limits)) from None


def _lay_out(
    html: str,
    found: glyphs.Coverage,
    attached: list[Attached],
    folder: Path,
    issued: datetime,
    letter: bool,
    limits: Limits,
) -> None:
    """Write everything that the child reads."""
    (folder / "report.html").write_text(glyphs.with_fallbacks(html, found), encoding="utf-8")
    sheet = (SHEETS / "report.css").read_text(encoding="utf-8")
    (folder / "report.css").write_text(glyphs.font_faces(found) + glyphs.with_fallbacks(sheet, found), encoding="utf-8")
    if letter:
        (folder / "letter.css").write_bytes((SHEETS / "letter.css").read_bytes())
    glyphs.copy_fonts(found, folder / "fonts")
    (folder / "attached").mkdir()
    for item in attached:
        (folder / "attached" / item.name).write_bytes(item.data)
    job = {
        "memory_mib": limits.memory_mib,
        "cpu_seconds": limits.seconds,
        "parent": os.getpid(),
        "issued": issued.isoformat(),
        "attachments": [
            {"name": item.name, "description": item.description, "relationship": item.relationship} for item in attached
        ],
    }
    (folder / "job.json").write_text(json.dumps(job), encoding="utf-8")


def _environment(folder: Path) -> dict[str, str]:
    """The child's whole environment: no address of a database, no key directory, no proxy."""
    return {"PATH": os.defpath, "LANG": "C.UTF-8", "HOME": str(folder), "TMPDIR": str(folder)}


def _result(code: int, errors: str, folder: Path, limits: Limits) -> Rendered:
    if code == 0:
        pages = json.loads((folder / "result.json").read_bytes())["pages"]
        return Rendered(folder / "report.pdf", pages)
    if code == -signal.SIGXCPU or code == -signal.SIGKILL:
        raise RenderError(_too_long(limits) if code == -signal.SIGXCPU else _killed())
    try:
        result = json.loads((folder / "result.json").read_bytes())
    except (OSError, ValueError):  # It fell before it could say anything.
        result = {"error": "memory"} if _smells_of_memory(code, errors) else {}
    if result.get("error") == "memory":
        raise RenderError(_too_large(limits))
    if result.get("error") == "refused":
        raise RenderError(f"the report was not rendered: {result['text'].partition(': ')[2]}")
    said = result.get("text") or errors.strip()[-_TAIL:] or f"it ended with code {code}"
    raise RenderError(f"the renderer failed: {said}")


def _smells_of_memory(code: int, errors: str) -> bool:
    """Whether a process without a last word probably ran out of memory: libraries under Python abort, or can't load."""
    return -code in _CRASHES or any(word in errors for word in ("MemoryError", "Cannot allocate", "failed to map"))


def _too_large(limits: Limits) -> str:
    return (
        f"the report needed more than {limits.memory_mib:,} MiB of memory: make it of one task, or raise "
        "LABELTRAIL_REPORT_MEMORY_MIB"
    )


def _too_long(limits: Limits) -> str:
    return (
        f"the report took more than {limits.seconds:,} seconds: make it of one task, or raise LABELTRAIL_REPORT_SECONDS"
    )


def _killed() -> str:
    return "the renderer was killed from outside, as a machine that runs out of memory does: try again when it has more"


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End the child and whatever it started."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.communicate()
