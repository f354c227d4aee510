"""One edition of a report: gather, verify, list, print and render it. The files lie in a folder until published."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from exports.models import Report
from exports.reports import evidence, page, volumes
from exports.reports.definition import Definition, Options, define
from exports.reports.facts import Facts, ListingVolume
from exports.reports.gather import Gathered, context_of, events_of, gather
from exports.reports.process import Limits
from exports.reports.render import Rendered, render
from exports.reports.subject import Subject
from exports.reports.trail import Context
from exports.reports.words import short_day
from exportsite.jobs import Lease


@dataclass(frozen=True, slots=True)
class Edition:
    """The PDF, the definition it is of, which entries of the log are inside it, and volumes with their files."""

    definition: Definition
    rendered: Rendered
    entries: evidence.Entries
    volumes: list[tuple[ListingVolume, Path]]


def limits() -> Limits:
    """What a renderer may use here."""
    return Limits(settings.REPORT_MEMORY_MIB, settings.REPORT_SECONDS)


def make(lease: Lease[Report], subject: Subject, options: Options, folder: Path) -> Edition:
    """Make everything of the report in `folder`. The lease can end it in every step."""
    lease.progress("reading the log")
    context = context_of(subject, lease.check)
    gathered = gather(subject, context)
    definition = define(subject, options, gathered.findings)
    lease.progress("verifying what will be attached")
    proven = evidence.collect(subject, definition, gathered, lease.check)
    listed = (
        _listed(lease, subject, context, gathered, proven.integrity.root, options, folder / "volumes")
        if gathered.printed.listed
        else []
    )
    facts = Facts(
        title=_title(gathered),
        redacted=options.redact,
        paper=options.paper,
        program=str(definition.values["program"]),
        definition=tuple((key, _said(value)) for key, value in sorted(definition.values.items())),
        definition_sha256=definition.sha256,
        integrity=proven.integrity,
        attached=evidence.listed(proven.attached),
        volumes=tuple(volume for volume, _ in listed),
        **{name: getattr(gathered, name) for name in Gathered.__dataclass_fields__},
    )
    lease.progress("rendering the PDF")
    html, found = page.write(facts)
    own = folder / "report"
    own.mkdir()
    rendered = render(
        html, found, proven.attached,
        folder=own, issued=facts.issued, letter=options.paper == "letter", limits=limits(), check=lease.check,
    )  # fmt: skip
    return Edition(definition, rendered, proven.integrity.entries, listed)


def _listed(
    lease: Lease[Report],
    subject: Subject,
    context: Context,
    gathered: Gathered,
    root: str,
    options: Options,
    folder: Path,
) -> list[tuple[ListingVolume, Path]]:
    """The volumes that list every event, for a report that is too short for them."""
    lease.progress("listing the events")
    about = volumes.About(
        title=_title(gathered),
        kind=gathered.scope.task or gathered.scope.project,
        issued=gathered.issued,
        as_of=f"as of log size {subject.as_of:,} · {short_day(gathered.issued)}"
        + (" · filtered" if gathered.scope.filters else ""),
        filters="; ".join(f"{name}: {value}" for name, value in gathered.scope.filters),
        paper=options.paper,
        redacted=options.redact,
        size=subject.as_of,
        root=root,
    )
    made = volumes.build(
        events_of(subject), context, about,
        folder=folder, limits=limits(),
        tell=lambda done, of: lease.progress("listing the events", done, of, "volumes"),
    )  # fmt: skip
    return [
        (
            ListingVolume(
                item.number, item.first, item.last, item.rows, item.pages, item.path.stat().st_size, item.sha256
            ),
            item.path,
        )
        for item in made
    ]


def _title(gathered: Gathered) -> str:
    scope = gathered.scope
    filtered = ", filtered" if scope.filters else ""
    if scope.task is not None:
        return f"Task dossier{filtered}: {scope.task}, {scope.project}, as of {short_day(gathered.issued)}"
    return f"Project report{filtered}: {scope.project}, as of {short_day(gathered.issued)}"


def _said(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, dict):
        return ", ".join(f"{key} {_said(item)}" for key, item in sorted(value.items())) or "none"
    return "none" if value is None else str(value)
