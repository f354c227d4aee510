"""Checking a whole log against itself: what is stored must be what was hashed, signed and numbered.

`verify(log)` reads everything once by index (`record`: envelopes, disclosures, tree, checkpoints) and once by task
(`trails`: numbers, source keys; `tables`: what repeats the log), in memory that does not grow with the log, and names
the first index that does not hold.

What it can't find, since nothing in the log says how it should be: when checkpoints, projects and identities were made,
the id and (until an event tells it) the name of a project, a checkpoint that is gone, a person who was never named in
an envelope. Against someone who rewrites everything and holds the signing key, only checkpoints held elsewhere help.
"""

from __future__ import annotations

from collections.abc import Callable

from django.db import InterfaceError, OperationalError

from audit.log import read
from audit.log.envelope import unstamp
from audit.log.problems import Problem, Result
from audit.log.record import Record
from audit.log.tables import check_trails
from audit.models import Log, Person
from audit.people import check_identities
from audit.sources import reading
from exportsite.jobs import Stopped

__all__ = ["Problem", "Progress", "Result", "verify"]

Progress = Callable[[str, int, int], None]


def verify(log: Log, progress: Progress = lambda step, done, total: None) -> Result:
    """Check all of `log`; the problems come ordered by index, those of the log as a whole first.

    Whatever is stored, it answers: only a database that can't be asked raises, and `progress` by Stopped.
    """
    with read.snapshot():
        found = Log.objects.select_related("project__source").filter(pk=log.pk).first()
        result = Result(size=found.size if found is not None else 0)
        if found is None:
            result.fault(-1, "the log's row, its project's or its source's is missing")
        elif _known_kind(found, result):
            record = Record(found, result, progress)
            _finish(result, "events", record.check)
            _finish(result, "tasks", lambda: check_trails(found, result, progress))
            _finish(result, "people", lambda: _check_people(found, result, record))
    result.problems.sort()
    return result


def _finish(result: Result, step: str, check: Callable[[], None]) -> None:
    """Run one pass. What hostile rows make it trip over is a problem of theirs, and the other passes still run.

    That the run has to stop, which `progress` raises, is no problem of the log's.
    """
    try:
        check()
    except (OperationalError, InterfaceError, Stopped):
        raise
    except Exception as problem:
        result.fault(-1, f"the check of the {step} could not be finished: {type(problem).__name__}: {problem}")


def _known_kind(log: Log, result: Result) -> bool:
    kind = log.project.source.kind
    try:
        reading(kind)
    except LookupError:
        result.fault(-1, f"the project's source is of the kind {kind!r}, which nothing here can read")
        return False
    return True


def _check_people(log: Log, result: Result, record: Record) -> None:
    """Identities are whole, or erased by an event of the log that names the person."""
    result.people = check_identities(log.project, lambda text: result.fault(-1, text, "people"))
    people = Person.objects.filter(project=log.project)
    if people.count() != result.people:
        result.fault(-1, f"{people.count() - result.people} people lead to no identity", "people")
    if not record.complete:
        return
    rows = people.filter(identity__isnull=False).values_list("pseudonym", "identity__erased_at")
    for pseudonym, erased_at in rows.iterator(chunk_size=2000):
        if pseudonym in record.erasures and erased_at is None:
            index = record.erasures[pseudonym]
            result.fault(index, f"it erased {pseudonym}, whose identity is still there", "people")
        elif erased_at is not None and pseudonym not in record.erasures and pseudonym in record.named:
            # Erased in another project of the source before this one met the person: no event here says so.
            index, received = record.named[pseudonym]
            if erased_at.tzinfo is None or unstamp(received) < erased_at:
                result.fault(index, f"the identity of {pseudonym}, named here, is gone: no event erased it", "people")
