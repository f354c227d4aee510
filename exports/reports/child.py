"""The renderers: each a process of its own, with limits on memory and time, no database and no network.

One is given a folder that holds all it may read, with its task in `job.json`: `report.html`, the stylesheets and fonts
and the files to attach under `attached/` for WeasyPrint, `volume.typ` and its JSON for Typst. It leaves its PDF and
`result.json` there. `process` starts it, isolated (`python -I`), so this module imports nothing of ours that needs
Django.
"""

from __future__ import annotations

import errno
import hashlib
import json
import mimetypes
import os
import resource
import sys
import traceback
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

from exportsite.processes import die_with

MIB = 1024 * 1024
ROOT = Path(__file__).resolve().parents[2]
BOOT = (
    "import sys; sys.path.insert(0, sys.argv[1]); from exports.reports import child; sys.exit(child.main(sys.argv[2]))"
)
_WITHOUT_A_REASON = ("without exception set", "without setting an exception")
# Types of attached files are guessed from the machine's tables; pinned, or the bytes would differ between machines.
TYPES = {
    ".csv": "text/csv",
    ".json": "application/json",
    ".jsonl": "application/x-ndjson",
    ".note": "text/plain",
    ".py": "text/x-python",
}


def main(path: str) -> int:
    """Render what is in the folder `path`; 0, or 1 with the reason in `result.json`."""
    folder = Path(path)
    job = json.loads((folder / "job.json").read_bytes())
    die_with(job["parent"])
    _limit(job["memory_mib"], job["cpu_seconds"])
    try:
        pages = _KINDS[job["kind"]](folder, job)
    except Exception as problem:
        if ran_out(problem):
            return _leave(folder, {"error": "memory", "text": str(problem)})
        kind = "refused" if type(problem).__name__ == "FatalURLFetchingError" else "failed"
        traceback.print_exc()
        return _leave(folder, {"error": kind, "text": f"{type(problem).__name__}: {problem}"})
    return _leave(folder, {"pages": pages})


def ran_out(problem: BaseException) -> bool:
    """Whether memory that was refused lies behind the problem: Python, the loader and C libraries each say it so."""
    match problem:
        case MemoryError():
            return True
        case ImportError() if "failed to map segment" in str(problem):
            return True
        case OSError() if problem.errno == errno.ENOMEM:
            return True
        case SystemError() if any(words in str(problem) for words in _WITHOUT_A_REASON):
            # A C function was given no memory, and did not say so.
            return True
    behind = problem.__cause__ or problem.__context__
    return behind is not None and ran_out(behind)


def _limit(memory_mib: int, cpu_seconds: int) -> None:
    """Take the limits on, before anything large is imported. The address space counts, not only what is touched."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_mib * MIB, memory_mib * MIB))
    # The soft limit ends it with SIGXCPU, which can be told from other ends; the hard one would be a plain SIGKILL.
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 5))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _leave(folder: Path, result: dict[str, Any]) -> int:
    (folder / "result.json").write_text(json.dumps(result), encoding="utf-8")
    return 1 if "error" in result else 0


def _report(folder: Path, job: dict[str, Any]) -> int:
    from weasyprint import HTML, Attachment
    from weasyprint.urls import FatalURLFetchingError, URLFetcher

    from exports.reports.finish import finish

    allowed = {path.resolve() for path in [*folder.glob("*.css"), *folder.glob("fonts/*")]}

    class OwnFilesOnly(URLFetcher):  # type: ignore[misc]  # WeasyPrint has no types
        """The folder's stylesheets and fonts, by exact path. Anything else ends the rendering.

        WeasyPrint swallows every other exception and goes on without the resource: a report with a hole.
        """

        def fetch(self, url: str, headers: dict[str, str] | None = None) -> Any:
            parts = urlparse(url)
            if parts.scheme != "file" or Path(unquote(parts.path)).resolve() not in allowed:
                raise FatalURLFetchingError(f"the report refers to {url[:200]}, which is not one of its own files")
            return super().fetch(url, headers)

    for suffix, kind in TYPES.items():
        mimetypes.add_type(kind, suffix)
    issued = datetime.fromisoformat(job["issued"])
    files = [
        Attachment(
            string=(folder / "attached" / item["name"]).read_bytes(),
            name=item["name"],
            description=item["description"],
            relationship=item["relationship"],
            created=issued,
            modified=issued,
        )
        for item in job["attachments"]
    ]
    source = folder / "report.html"
    fetcher = OwnFilesOnly(allowed_protocols=("file",), allow_redirects=False, fail_on_errors=True)
    document = HTML(source, url_fetcher=fetcher).render()
    document.write_pdf(
        folder / "report.pdf",
        finisher=finish,
        pdf_variant="pdf/a-3a",
        pdf_identifier=hashlib.sha256(source.read_bytes()).digest()[:16],
        attachments=files,
    )
    return len(document.pages)


def _volume(folder: Path, job: dict[str, Any]) -> int:
    """Set a volume in type. Typst keeps what it computed, so making the file small is left to the same process anew."""
    import typst

    fonts = typst.Fonts(font_paths=job["fonts"], include_system_fonts=False, include_embedded_fonts=False)
    # A collection's first face is the one whose characters were asked about, and that the volume names.
    families = {Path(font.path).name: font.family for font in fonts.fonts() if font.path and font.index == 0}
    typst.compile(
        str(folder / "volume.typ"),
        output=str(folder / "volume.pdf"),
        root=str(folder),
        font_paths=fonts,
        # Tagged like the report, and PDF/UA besides, which WeasyPrint can't declare together with PDF/A.
        pdf_standards=["a-3a", "ua-1"],
        sys_inputs={"rest": "\n".join(families[name] for name in job["rest"])},
    )
    job["kind"] = "shrink"
    (folder / "job.json").write_text(json.dumps(job), encoding="utf-8")
    os.execv(sys.executable, [sys.executable, "-I", "-c", BOOT, str(ROOT), str(folder)])  # noqa: S606


def _shrink(folder: Path, job: dict[str, Any]) -> int:
    """Pack the volume's objects into compressed streams (a sixth of the bytes), its tags untouched."""
    import pikepdf

    with pikepdf.open(folder / "volume.pdf") as pdf:
        pdf.save(folder / "small.pdf", object_stream_mode=pikepdf.ObjectStreamMode.generate, deterministic_id=True)
        return len(pdf.pages)


_KINDS: dict[str, Callable[[Path, dict[str, Any]], int]] = {"report": _report, "volume": _volume, "shrink": _shrink}
