"""What making an export and making a report have in common, from the request to the published file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from audit.log.checkpoint import CheckpointError
from audit.models import Log, Project
from exports.files import own_place, storage_failed
from exports.models.product import Product
from exportsite.jobs import RunFailed
from exportsite.problems import FieldProblem, WrongRequest

PROOF = ".proof.zip"
"""What the name of an archive ends in that lies beside the file it proves."""


def size_problem(project: Project, log: Log, as_of: int | None) -> FieldProblem | None:
    """Why the log has no state of this size (None: now) to show; None when it has."""
    if log.size == 0:
        return FieldProblem("as_of", "empty", f"{project.name} has no events yet: load or sync it first.")
    if as_of is not None and not 1 <= as_of <= log.size:
        text = f"The log has {log.size:,} events, so “as of” is from 1 to {log.size:,}; {as_of:,} is not."
        return FieldProblem("as_of", "invalid", text)
    return None


def check_output(output: Path, suffix: str, what: str, taken: list[Path], *, force: bool) -> None:
    """Raise WrongRequest when the product may not be written there; `taken` are the files it would make."""
    problem = ""
    if output.suffix.lower() != f".{suffix}":
        problem = f"{output}: {what} is a .{suffix} file, so its name must end so."
    elif output.is_dir():
        problem = f"{output} is a folder: name a file in it."
    elif in_the_way := [path for path in output.parents if path.exists() and not path.is_dir()]:
        problem = f"{in_the_way[0]} is a file, so there can be no {output}."
    elif not force and (there := [path for path in taken if path.exists()]):
        problem = f"{there[0]} exists: --force overwrites it."
    if problem:
        raise WrongRequest(FieldProblem("output", "invalid", problem))


def place_of(product: Product, what: str, extension: str, name: str = "") -> Path:
    """Where its file is kept when nobody names a place; called after `name`, or its project."""
    return own_place([name, product.project.name], what, product.pk, product.created_at, extension)


@contextmanager
def in_words(*refusals: type[Exception]) -> Iterator[None]:
    """Turn what can go wrong while files are made into RunFailed, its text for people; `refusals` have such texts."""
    refused: tuple[type[Exception], ...] = (CheckpointError, *refusals)
    try:
        yield
    except WrongRequest as problem:
        raise RunFailed("changed", f"What was asked for has no meaning any more: {problem}") from problem
    except refused as problem:
        raise RunFailed("refused", str(problem)) from problem
    except OSError as problem:
        raise storage_failed(problem) from problem
