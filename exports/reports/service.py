"""Making a report: resolve, gather, verify, print, render, publish."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.utils import timezone
from django.utils.text import slugify

from audit.log.checkpoint import log_signer
from audit.models import Log, Project, Task
from exports.archive import Archive, Counts
from exports.models import Report
from exports.models.export import State
from exports.record import whole
from exports.reports import evidence, page
from exports.reports.definition import Definition, Options, define
from exports.reports.facts import Facts
from exports.reports.gather import Gathered, gather
from exports.reports.render import Limits, RenderError, render
from exports.reports.subject import Subject
from exports.reports.words import short_day
from exports.run import PROOF, about, drafts
from exportsite.problems import FieldProblem, WrongRequest

Progress = Callable[[str], None]


class ReportFailed(Exception):
    """The report could not be made; its row says so too."""


def make_report(
    project: Project,
    task: Task | None = None,
    *,
    as_of: int | None = None,
    options: Options | None = None,
    output: Path | None = None,
    force: bool = False,
    progress: Progress = lambda step: None,
) -> Report:
    """Make a PDF report of a project or one of its tasks, and the row that records it.

    `as_of` is a size of the log (now: None). The file goes to `output`, which must end in .pdf and is overwritten only
    with `force`, or under its own name into LABELTRAIL_ARTEFACTS. Raises WrongRequest before anything is recorded,
    ReportFailed after the row says why.
    """
    options = options or Options()
    subject = resolve(project, task, as_of, options)
    if output is not None:
        check_output(output, force=force)
    report = Report.objects.create(
        project=project,
        task=task,
        as_of=subject.as_of,
        asked={"as_of": as_of, "output": str(output) if output else None, **asdict(options)},
        resolved={"as_of": subject.as_of, **asdict(options)},
    )
    try:
        target = output or _own_place(report)
        report.files = _make(report, subject, options, target, force=force or output is None, progress=progress)
    except (RenderError, evidence.EvidenceError, OSError) as problem:
        _finish(report, State.FAILED, str(problem))
        raise ReportFailed(str(problem)) from problem
    except BaseException:
        _finish(report, State.FAILED, "it was interrupted, or failed in a way that nobody foresaw")
        raise
    _finish(report, State.SUCCEEDED)
    return report


def resolve(project: Project, task: Task | None, as_of: int | None, options: Options) -> Subject:
    """What the report is about, or WrongRequest."""
    project = Project.objects.select_related("source").get(pk=project.pk)
    log = Log.objects.get(project=project)
    size = log.size if as_of is None else as_of
    if log.size == 0:
        raise _wrong("project", "empty", f"{project.name} has no events yet: load or sync it first")
    if not 1 <= size <= log.size:
        raise _wrong(
            "as_of",
            "out_of_range",
            f"as_of is {size:,}; the log has {log.size:,} events, so it can be 1 to {log.size:,}",
        )
    if task is not None and task.from_index >= size:
        raise _wrong(
            "task",
            "not_yet",
            f"task {task.external_id} begins with event {task.from_index:,} of the log, which a state of {size:,} "
            "events does not have yet",
        )
    return Subject(project, task, log, size, options.redact)


def _wrong(field: str, code: str, text: str) -> WrongRequest:
    return WrongRequest(FieldProblem(field, code, text))


def check_output(output: Path, *, force: bool) -> None:
    """Whether a report may be written there, or WrongRequest."""
    if output.suffix.lower() != ".pdf":
        raise _wrong("output", "suffix", f"{output}: a report is a PDF, so its name must end in .pdf")
    if output.is_dir():
        raise _wrong("output", "folder", f"{output} is a folder: name a file in it")
    if output.exists() and not force:
        raise _wrong("output", "exists", f"{output} exists: --force overwrites it")


def _make(
    report: Report, subject: Subject, options: Options, target: Path, *, force: bool, progress: Progress
) -> list[dict[str, Any]]:
    """Make the file, and its proof beside it when the log is too long to travel in it; what the row says of them."""
    progress("reading the log")
    gathered = gather(subject)
    definition = define(subject, options, gathered.findings)
    report.resolved = definition.values
    progress("verifying what will be attached")
    proven = evidence.collect(subject, definition, gathered)
    facts = Facts(
        title=_title(gathered),
        redacted=options.redact,
        paper=options.paper,
        program=str(definition.values["program"]),
        definition=tuple((key, _said(value)) for key, value in sorted(definition.values.items())),
        definition_sha256=definition.sha256,
        integrity=proven.integrity,
        attached=evidence.listed(proven.attached),
        **{name: getattr(gathered, name) for name in Gathered.__dataclass_fields__},
    )
    html, found = page.write(facts)
    progress("rendering the PDF")
    limits = Limits(settings.REPORT_MEMORY_MIB, settings.REPORT_SECONDS)
    with tempfile.TemporaryDirectory(prefix="labeltrail-report-") as name:
        done = render(
            html, found, proven.attached,
            folder=Path(name), issued=facts.issued, letter=options.paper == "letter", limits=limits,
        )  # fmt: skip
        targets = [target]
        if proven.integrity.entries == "none":
            targets.append(target.with_name(target.name + PROOF))
        with drafts(targets, force=force) as drafted, done.path.open("rb") as pdf:
            if len(drafted) == 1:
                shutil.copyfileobj(pdf, drafted[0].file)
            else:
                progress("adding the log beside it")
                _prove(subject, definition, pdf, drafted[0].file, drafted[1].file)
    files: list[dict[str, Any]] = [
        {"name": draft.target.name, "path": str(draft.target), "bytes": draft.size, "sha256": draft.sha256}
        for draft in drafted
    ]
    files[0]["pages"] = done.pages
    return files


def _prove(subject: Subject, definition: Definition, pdf: IO[bytes], beside: IO[bytes], out: IO[bytes]) -> None:
    """The PDF, and an archive of the whole log that it is bound to."""
    with Archive(out, beside=beside) as archive:
        with archive.file("report.pdf") as target:
            while block := pdf.read(1 << 20):
                target.write(block)
        told = about(subject.log, subject.as_of, "report", {"definition": definition.sha256}, {})
        # An edition without names has no texts and payloads either: people write names into them.
        record = whole(subject.log, subject.as_of, disclosed=not subject.redacted)
        archive.finish(told, Counts({}, {}), record, log_signer(subject.log))


def _title(gathered: Gathered) -> str:
    scope = gathered.scope
    if scope.task is not None:
        return f"Task dossier: {scope.task}, {scope.project}, as of {short_day(gathered.issued)}"
    return f"Project report: {scope.project}, as of {short_day(gathered.issued)}"


def _said(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {item}" for key, item in sorted(value.items()))
    return "none" if value is None else str(value)


def _own_place(report: Report) -> Path:
    """`<project>_report_<id>_<UTC time>.pdf` in the artefact folder."""
    name = slugify(report.project.name)[:60] or "project"
    return Path(settings.LABELTRAIL_ARTEFACTS) / f"{name}_report_{report.pk}_{report.created_at:%Y%m%dT%H%M%SZ}.pdf"


def _finish(report: Report, state: State, error: str = "") -> None:
    report.state = state
    report.error = error
    report.finished_at = timezone.now()
    report.save(update_fields=["state", "error", "finished_at", "files", "resolved"])
