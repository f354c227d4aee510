"""A verification as a run: the whole log of a project is checked, and what was found is kept."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from audit.log.verify import Result, verify
from audit.models import Project, Verification
from exportsite.jobs import Lease, Tell, do_here, hand_over, quietly


def request_verification(project: Project, *, created_by: str = "") -> Verification:
    """Queue a verification for a worker."""
    return hand_over(lambda: Verification.objects.create(project=project, created_by=created_by))


def make_verification(project: Project, *, created_by: str = "", tell: Tell = quietly) -> Verification:
    """Verify a project's log in this process; the run that holds the result. A log that does not hold is a result."""
    run = Verification.objects.create(project=project, attached=True, created_by=created_by)
    return do_here(run, lambda lease: work(lease.run, lease), tell)


def work(run: Verification, lease: Lease[Verification]) -> None:
    """Verify, and store the result."""
    result = verify(run.project.log, lambda step, done, total: lease.progress("verifying", done, total, step))
    with lease.publishing(result=told(result), message="" if result.holds else f"does not hold: {result.problems[0]}"):
        pass


def told(result: Result) -> dict[str, Any]:
    """The result as it is stored and printed."""
    return {**asdict(result), "holds": result.holds}
