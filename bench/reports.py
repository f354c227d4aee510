"""Reports and their listings: seconds and peak memory of all processes, beside WeasyPrint and plain Typst.

    python -m bench.reports [--events 1000 10000 50000] [--same 10000] [--without-weasyprint]

Target: listings of 10,000 events at least 10 times as fast as one WeasyPrint document of the same rows, in at most half
its memory (docs/performance.md). `--same` is how many rows the peers get. Linux only: memory is the largest sum of the
resident sizes of a command and everything it started, looked at 20 times a second; what they share counts for each.
On shared cores the seconds of work are the steadier figure: those of all processes, on all cores together.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from html import escape
from pathlib import Path

from bench.ground import ROOT, ground, ndjson, table

PROJECT = "Bench reports"
HEADS = ("n", "Index", "Occurred (UTC)", "Who", "Stage", "Event", "What changed", "Text", "Leaf")
WIDTHS = (8, 13, 38, 28, 20, 31, 0, 50, 19)
SHEET = """
@page { size: A4 landscape; margin: 17mm 13mm 16mm; @bottom-right { content: counter(page) " of " counter(pages) } }
table { table-layout: fixed; width: 100%; border-collapse: collapse; font: 7.2pt/9pt sans-serif }
th, td { text-align: left; vertical-align: top; padding: .68mm .9mm; border-bottom: .2pt solid #999 }
td { overflow-wrap: anywhere }
tr { break-inside: avoid }
"""
WEASYPRINT = "import sys; from weasyprint import HTML; HTML(sys.argv[1]).write_pdf(sys.argv[2], pdf_variant='pdf/a-3a')"


def main() -> None:
    """Measure everything in processes of its own, on one project."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--events", type=int, nargs="+", default=[1_000, 10_000, 50_000])
    options.add_argument("--same", type=int, default=10_000)
    options.add_argument("--without-weasyprint", action="store_true")
    options.add_argument("--listing", type=int, help=argparse.SUPPRESS)
    options.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options.add_argument("--how", choices=("volumes", "single", "rows"), default="volumes", help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.listing:
        _list(given.listing, given.folder, given.how)
        return
    with ground() as home:
        most = max(*given.events, given.same)
        _run([sys.executable, "manage.py", "load", str(ndjson(home / "log.ndjson", most)), "--project", PROJECT])
        reports = []
        for events in given.events:
            pdf = home / f"{events}.pdf"
            command = ["manage.py", "report", PROJECT, "--as-of", str(events), "-o", str(pdf)]
            seconds, work, mib = _measured([sys.executable, *command])
            files = sorted(home.glob(f"{events}*.pdf"))
            size = sum(path.stat().st_size for path in files) / 2**20
            reports.append(
                (f"{events:,}", f"{seconds:.1f}", f"{work:.1f}", f"{mib:.0f}", len(files) - 1, f"{size:.1f}")
            )
        table("Reports", ("events", "seconds", "seconds of work", "peak, MiB", "volumes", "MiB of PDF"), reports)
        _compare(home, given.same, with_weasyprint=not given.without_weasyprint)


def _compare(home: Path, rows: int, *, with_weasyprint: bool) -> None:
    """The same rows as volumes, as one Typst document, and as one WeasyPrint document."""
    listing = [sys.executable, "-m", "bench.reports", "--listing", str(rows), "--folder"]
    ours = _measured([*listing, str(home / "volumes")])
    plain = _measured([*listing, str(home / "single"), "--how", "single"])
    lines = [("volumes, read from the database", ours), ("one Typst document, read from the database", plain)]
    if with_weasyprint:
        page = home / "rows.html"
        _run([*listing, str(home / "rows"), "--how", "rows"])
        page.write_text("".join(_html(home / "rows")), encoding="utf-8")
        lines.append(
            ("one WeasyPrint document", _measured([sys.executable, "-c", WEASYPRINT, str(page), str(home / "w.pdf")]))
        )
    table(
        f"Listings of {rows:,} events",
        ("what", "seconds", "times ours", "seconds of work", "times ours", "peak, MiB", "times ours"),
        [
            (
                what,
                *(
                    cell
                    for mine, base in zip(measures, ours, strict=True)
                    for cell in (f"{mine:.1f}", f"{mine / base:.2f}")
                ),
            )
            for what, measures in lines
        ],
    )


def _list(events: int, folder: Path, how: str) -> None:
    """List the project's first `events` below `folder`: in volumes, in a single one, or as the volumes' rows only."""
    import django

    django.setup()
    from audit.models import Project
    from exports.reports import listing, volumes
    from exports.reports.definition import Options
    from exports.reports.edition import limits
    from exports.reports.gather import context_of, events_of
    from exports.reports.process import Limits
    from exports.reports.service import resolve
    from exports.reports.subject import received_at

    subject = resolve(Project.objects.get(name=PROJECT), None, events, Options())
    about = volumes.About(
        "Bench", "Bench", received_at(subject.log, events - 1), "", "a4", redacted=False, size=events, root="0" * 64
    )
    given = limits()
    if how == "rows":
        folder.mkdir()
        for _ in listing.drafts(events_of(subject), context_of(subject), folder):
            pass
        return
    if how == "single":
        listing.VOLUME_ROWS = listing.VOLUME_CHARACTERS = 10**9
        given = Limits(64 * 1024, 3600)
    made = volumes.build(events_of(subject), context_of(subject), about, folder=folder, limits=given)
    assert sum(volume.rows for volume in made) == events


def _html(folder: Path) -> Iterator[str]:
    """The rows of the volumes in `folder` as one page with one table."""
    yield '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Listing</title>'
    yield f"<style>{SHEET}</style></head><body><table><thead><tr>"
    for head, width in zip(HEADS, WIDTHS, strict=True):
        yield f'<th style="width:{width}mm">{head}</th>' if width else f"<th>{head}</th>"
    yield "</tr></thead><tbody>"
    for path in sorted(folder.glob("*.json")):
        for section in json.loads(path.read_bytes()):
            yield f'<tr><td colspan="9"><b>{escape(section["task"])}</b> {escape(section["name"])}</td></tr>'
            for row in section["rows"]:
                cells = "".join(f"<td>{escape(cell or 'not recorded')}</td>" for cell in row)
                yield f"<tr>{cells}</tr>"
    yield "</tbody></table></body></html>"


def _run(command: Sequence[str]) -> None:
    subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)


def _measured(command: Sequence[str]) -> tuple[float, float, float]:
    """Seconds by the clock and of work, and the largest memory of a command and its children together, in MiB."""
    begin, before = time.perf_counter(), _worked()
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    most = 0.0
    while process.poll() is None:
        most = max(most, sum(map(_resident_mib, _family(process.pid))))
        time.sleep(0.05)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return time.perf_counter() - begin, _worked() - before, most


def _worked() -> float:
    """Seconds of work of all that was started here and has ended, on all cores together."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _family(pid: int) -> Iterator[int]:
    """A process and all that it started."""
    yield pid
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield from _family(int(child))


def _resident_mib(pid: int) -> float:
    with suppress(OSError):
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
    return 0.0


if __name__ == "__main__":
    main()
