"""Making a report: resolve, gather, verify, print, render, publish."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import IO

from audit.log.checkpoint import log_signer
from audit.models import Log, Project, Task
from exports.archive import Archive, Counts
from exports.files import Draft, drafts, publish
from exports.formats.base import Reads
from exports.making import PROOF, check_output, in_words, place_of, size_problem
from exports.models import Report
from exports.options import echo, resolve_filters, without_names
from exports.record import whole
from exports.reports import evidence, filtered
from exports.reports.definition import Definition, Options
from exports.reports.edition import make
from exports.reports.process import RenderError
from exports.reports.subject import Subject
from exports.run import about
from exports.selection import Selection
from exportsite import scratch
from exportsite.jobs import Lease, Tell, do_here, hand_over, quietly
from exportsite.problems import FieldProblem, WrongRequest


def request_report(
    project: Project,
    task: Task | None = None,
    *,
    as_of: int | None = None,
    options: Options | None = None,
    created_by: str = "",
) -> Report:
    """Queue a report for a worker. `as_of` is a size of the log (now: None). Raises WrongRequest before that."""
    return hand_over(lambda: _asked(project, task, as_of, options, created_by, attached=False))


def make_report(
    project: Project,
    task: Task | None = None,
    *,
    as_of: int | None = None,
    options: Options | None = None,
    output: Path | None = None,
    force: bool = False,
    created_by: str = "",
    tell: Tell = quietly,
) -> Report:
    """Make a PDF report of a project or one of its tasks, in this process; returns the row that records it.

    The file goes to `output`, which must end in .pdf and is overwritten only with `force`, or under its own name into
    LABELTRAIL_ARTEFACTS. Raises WrongRequest before anything is recorded, RunFailed or Cancelled after the row says so.
    """
    if output is not None:
        check_output(output, "pdf", "a report", [output], force=force)
    report = _asked(project, task, as_of, options, created_by, attached=True)
    return do_here(report, lambda lease: _make(lease, output, force=force or output is None), tell)


def work(report: Report, lease: Lease[Report]) -> None:
    """What a worker does with a queued report."""
    _make(lease, None, force=True)


def _asked(
    project: Project, task: Task | None, as_of: int | None, options: Options | None, created_by: str, *, attached: bool
) -> Report:
    """The row of a request, once it is clear what it means."""
    options = options or Options()
    subject = resolve(project, task, as_of, options)
    how: dict[str, object] = {"redact": options.redact, "paper": options.paper}
    filters = {"filters": without_names(options.filters, subject.filters)} if options.filters else {}
    return Report.objects.create(
        project=project,
        task=task,
        as_of=subject.as_of,
        asked={"as_of": as_of, **how, **filters},
        resolved={"as_of": subject.as_of, **how, **({"filters": dict(subject.filters)} if filters else {})},
        attached=attached,
        created_by=created_by,
    )


def resolve(project: Project, task: Task | None, as_of: int | None, options: Options) -> Subject:
    """What the report is about, or WrongRequest."""
    project = Project.objects.select_related("source").get(pk=project.pk)
    log = Log.objects.get(project=project)
    size = log.size if as_of is None else as_of
    if problem := size_problem(project, log, as_of):
        raise WrongRequest(problem)
    if task is not None and task.from_index >= size:
        text = (
            f"task {task.external_id} begins with event {task.from_index:,} of the log, which a state of {size:,} "
            "events does not have yet"
        )
        raise WrongRequest(FieldProblem("task", "not_yet", text))
    chosen, tasks = resolve_filters(project, options.filters)
    selection = Selection(log, size, chosen, Reads(), tasks=tasks)
    if not selection.filtered:
        return Subject(project, task, log, size, options.redact)
    if not filtered.matches(selection, task.pk if task else None):
        raise WrongRequest(FieldProblem("filters", "empty", "No event matches the filters: the report would be empty."))
    return Subject(project, task, log, size, options.redact, selection, echo(chosen, tasks, options.filters))


def _make(lease: Lease[Report], output: Path | None, *, force: bool) -> None:
    """Write and publish the file. Raises RunFailed, its text for people; nothing is published then."""
    with in_words(RenderError, evidence.EvidenceError):
        _write(lease, output or place_of(lease.run, "report", "pdf"), force=force)


def _write(lease: Lease[Report], target: Path, *, force: bool) -> None:
    report = lease.run
    asked = report.asked
    options = Options(redact=asked["redact"], paper=asked["paper"], filters=asked.get("filters", {}))
    subject = resolve(report.project, report.task, report.as_of, options)
    with scratch.folder() as folder:
        made = make(lease, subject, options, folder)
        proof = [target.with_name(target.name + PROOF)] if made.entries == "none" else []
        beside = [target.with_name(f"{target.stem}.{told.suffix}{target.suffix}") for told, _ in made.volumes]
        with drafts([target, *proof, *beside], report.pk) as drafted, made.rendered.path.open("rb") as pdf:
            if proof:
                _prove(lease, subject, made.definition, pdf, drafted)
            else:
                shutil.copyfileobj(pdf, drafted[0].file)
            for draft, (_, path) in zip(drafted[1 + len(proof) :], made.volumes, strict=True):
                with path.open("rb") as volume:
                    shutil.copyfileobj(volume, draft.file)
            lease.progress("publishing")
            publish(drafted, lease, force=force, resolved=dict(made.definition.values), pages=made.rendered.pages)


def _prove(
    lease: Lease[Report], subject: Subject, definition: Definition, pdf: IO[bytes], drafted: list[Draft]
) -> None:
    """The PDF, and an archive of the whole log that it is bound to."""
    lease.progress("adding the log beside it")
    with Archive(drafted[1].file, beside=drafted[0].file) as archive:
        with archive.file("report.pdf") as target:
            while block := pdf.read(1 << 20):
                target.write(block)
        told = about(subject.log, subject.as_of, "report", {"definition": definition.sha256}, {})
        # An edition without names has no texts and payloads either: people write names into them.
        record = whole(subject.log, subject.as_of, lease, disclosed=not subject.redacted)
        archive.finish(told, Counts({}, {}), record, log_signer(subject.log))
