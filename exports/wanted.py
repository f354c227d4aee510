"""What is asked for as an export: of which projects, in which format, with which choices; and what that means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from audit.models import Log, Project
from exports.archive import folder_names
from exports.formats import format_of
from exports.formats.base import Format, ProjectInfo
from exports.models import Export
from exports.options import PEOPLE, Asked, Resolved, resolve, without_names
from exports.snapshot import LogSnapshot
from exportsite.problems import FieldProblem, WrongRequest

MOST_PROJECTS = 100
"""Projects of one export."""
LONGEST_NAME = 120
"""Characters of the name that whoever asks gives an export."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What one asks for: of which projects (their order is the archive's), in which format, with which choices.

    `as_of` are sizes of the projects' logs, one for each; none: as they are now. `name` is what the asker calls it.
    With `strict`, an item that can't be written as it is fails the export.
    """

    projects: tuple[Project, ...]
    format: str
    parameters: Asked = field(default_factory=dict)
    filters: Asked = field(default_factory=dict)
    as_of: tuple[int, ...] = ()
    name: str = ""
    strict: bool = False


@dataclass(frozen=True, slots=True)
class PartOf:
    """One project of an export, as it was understood."""

    log: Log
    resolved: Resolved


def wanted(
    project: Project | Sequence[Project],
    slug: str,
    parameters: Asked | None,
    filters: Asked | None,
    as_of: int | Sequence[int] | None,
    name: str,
    *,
    strict: bool,
) -> Wanted:
    """The request that these arguments are; nothing of it is checked yet."""
    projects = (project,) if isinstance(project, Project) else tuple(project)
    sizes = () if as_of is None else (as_of,) if isinstance(as_of, int) else tuple(as_of)
    return Wanted(projects, slug, parameters or {}, filters or {}, sizes, name, strict)


def wanted_of(export: Export) -> Wanted:
    """What an export was asked for, at the sizes that it was resolved to."""
    asked = export.asked
    sizes = tuple(part["as_of"] for part in export.resolved.get("projects", ())) or (export.as_of,)
    return Wanted(
        tuple(export.projects()), export.format, asked["parameters"], asked["filters"], sizes, export.name,
        strict=asked.get("strict", False),
    )  # fmt: skip


def recorded(asked_for: Wanted, created_by: str, *, attached: bool) -> Export:
    """The row of a request, once it is clear what it means."""
    name = checked_name(asked_for.name)
    parts = parts_of(asked_for)
    asked: dict[str, object] = {
        "parameters": dict(asked_for.parameters),
        "filters": without_names(asked_for.filters, parts[0].resolved.echo),
        "as_of": list(asked_for.as_of) if len(asked_for.as_of) > 1 else next(iter(asked_for.as_of), None),
    }
    first = parts[0].resolved
    resolved: dict[str, object] = {"parameters": first.parameters, "filters": first.echo, "as_of": first.as_of}
    if asked_for.strict:
        asked["strict"] = resolved["strict"] = True
    if len(parts) > 1:
        asked["projects"] = [project.pk for project in asked_for.projects]
        names = folder_names([part.log.project.external_id for part in parts])
        resolved["projects"] = [
            {"project": part.log.project_id, "as_of": part.resolved.as_of, "folder": folder}
            for part, folder in zip(parts, names, strict=True)
        ]
    return Export.objects.create(
        project=asked_for.projects[0],
        others=[project.pk for project in asked_for.projects[1:]],
        name=name,
        format=format_of(asked_for.format).slug,
        as_of=first.as_of,
        asked=asked,
        resolved=resolved,
        attached=attached,
        created_by=created_by,
    )


def parts_of(asked_for: Wanted, *, refused: bool = True) -> list[PartOf]:
    """What is asked for means in each project. WrongRequest names all that is wrong, and in which of several.

    Without `refused`, a format that can't hold a project is no reason for one.
    """
    format_ = format_of(asked_for.format)
    pks = [project.pk for project in asked_for.projects]
    if len(set(pks)) < len(pks):
        raise WrongRequest(FieldProblem("projects", "repeated", "A project is named twice: each goes in once."))
    if len(pks) > MOST_PROJECTS:
        text = f"{len(pks)} projects are named; at most {MOST_PROJECTS} go into one export."
        raise WrongRequest(FieldProblem("projects", "too_many", text))
    if asked_for.as_of and len(asked_for.as_of) != len(pks):
        text = f"“as of” has {len(asked_for.as_of)} sizes for {len(pks)} projects: give one for each, or none for now."
        raise WrongRequest(FieldProblem("as_of", "invalid", text))
    if len(pks) > 1 and (of_one := [name for name in PEOPLE if name in asked_for.filters]):
        text = "Several projects can’t be filtered by person: each has pseudonyms of its own. Export them one by one."
        raise WrongRequest(*(FieldProblem(name, "inapplicable", text) for name in of_one))
    parts, abouts, problems = [], list[ProjectInfo](), list[FieldProblem]()
    for place, project in enumerate(asked_for.projects):
        log = Log.objects.select_related("project__source").get(project=project)
        size = asked_for.as_of[place] if asked_for.as_of else None
        try:
            resolved = resolve(log.project, log, format_, asked_for.parameters, asked_for.filters, size)
            abouts.append(_rows_of(log, format_, resolved).project)
            _check_fit(format_, abouts[-1], resolved, refused=refused)
            parts.append(PartOf(log, resolved))
        except WrongRequest as error:
            several = f"In the project {log.project.name}: " if len(pks) > 1 else ""
            problems += [replace(problem, text=several + problem.text) for problem in error.problems]
    if format_.merges and (reason := format_.apart(abouts)):
        problems.append(FieldProblem("projects", "inapplicable", reason))
    if problems:
        raise WrongRequest(*problems)
    return parts


def _check_fit(format_: Format, about: ProjectInfo, resolved: Resolved, *, refused: bool) -> None:
    """Raise WrongRequest where the format can't hold the project (`refused`), or not with these parameters."""
    if reason := format_.refusal(about):
        if refused:
            raise WrongRequest(FieldProblem("format", "inapplicable", reason))
        return
    unfit = [
        FieldProblem(one.parameter, "inapplicable", one.text) for one in format_.refuses(about, resolved.parameters)
    ]
    if unfit:
        raise WrongRequest(*unfit)


def checked_name(name: str) -> str:
    """The name in one line; WrongRequest when it can't be one."""
    name = " ".join(name.split())
    if len(name) > LONGEST_NAME or not (name.isprintable() or not name):
        text = f"The name has at most {LONGEST_NAME} characters, all of which can be seen."
        raise WrongRequest(FieldProblem("name", "invalid", text))
    return name


def _rows_of(log: Log, format_: Format, resolved: Resolved) -> LogSnapshot:
    """Its rows, whatever the format may say of the parameters."""
    pseudonyms = resolved.parameters.get("people") == "pseudonyms"
    reads = format_.reads(resolved.parameters)
    return LogSnapshot(log, resolved.as_of, resolved.filters, reads, pseudonyms, resolved.tasks)


def selection_of(log: Log, format_: Format, resolved: Resolved) -> LogSnapshot:
    """The snapshot that an export writes. Its parameters have to fit the project."""
    selection = _rows_of(log, format_, resolved)
    selection.with_media = format_.media(selection.project, resolved.parameters) is not None
    return selection
