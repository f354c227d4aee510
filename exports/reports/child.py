"""The renderer: a process of its own, with limits on memory and time, no database and no network.

It is given a folder that holds all it may read: `report.html`, the stylesheets and fonts, the files to attach under
`attached/`, and `job.json`. It leaves `report.pdf` and `result.json` there. `render` starts it, isolated (`python -I`),
so this module imports nothing of ours that needs Django.
"""

from __future__ import annotations

import hashlib
import json
import mimetypes
import resource
import traceback
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

from exportsite.processes import die_with

MIB = 1024 * 1024
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
        pages = _render(folder, job)
    except MemoryError:
        return _leave(folder, {"error": "memory", "text": "out of memory"})
    except Exception as problem:
        kind = "refused" if type(problem).__name__ == "FatalURLFetchingError" else "failed"
        traceback.print_exc()
        return _leave(folder, {"error": kind, "text": f"{type(problem).__name__}: {problem}"})
    return _leave(folder, {"pages": pages})


def _limit(memory_mib: int, cpu_seconds: int) -> None:
    """Take the limits on, before anything large is imported. The address space counts, not only what is touched."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_mib * MIB, memory_mib * MIB))
    # The soft limit ends it with SIGXCPU, which can be told from other ends; the hard one would be a plain SIGKILL.
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 5))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _leave(folder: Path, result: dict[str, Any]) -> int:
    (folder / "result.json").write_text(json.dumps(result), encoding="utf-8")
    return 1 if "error" in result else 0


def _render(folder: Path, job: dict[str, Any]) -> int:
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
