"""A verification as a run: the whole log of a project is checked, and what was found is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from django.db import transaction

from audit.log.verify import Result, verify
from audit.models import Project, Verification
from exportsite.jobs import Lease, RunFailed, claim, dispatch

Tell = Callable[[str, int, int | None, str], None]


def request_verification(project: Project, *, created_by: str = "") -> Verification:
    """Queue a verification for a worker."""
    with transaction.atomic():
        run = Verification.objects.create(project=project, created_by=created_by)
        dispatch(run)
    return run


def make_verification(
    project: Project, *, created_by: str = "", tell: Tell = lambda step, done, total, unit: None
) -> Verification:
    """Verify a project's log in this process; the run that holds the result. A log that does not hold is a result."""
    run = Verification.objects.create(project=project, attached=True, created_by=created_by)
    lease = claim(Verification, run.pk)
    if lease is None:
        raise RunFailed("left", "The verification was cancelled before it began.")
    lease.tell = tell
    with lease:
        work(lease.run, lease)
    run.refresh_from_db()
    return run


def work(run: Verification, lease: Lease[Verification]) -> None:
    """Verify, and store the result."""
    result = verify(run.project.log, lambda step, done, total: lease.progress("verifying", done, total, step))
    with lease.publishing(result=told(result), message="" if result.holds else f"does not hold: {result.problems[0]}"):
        pass


def told(result: Result) -> dict[str, Any]:
    """The result as it is stored and printed."""
    return {**asdict(result), "holds": result.holds}
