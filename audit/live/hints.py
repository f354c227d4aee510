"""Tasks that platforms told us to look at."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from audit.models import Hint, Project


def add(project: Project, tasks: Iterable[str]) -> None:
    """Note these tasks; one that waits already counts from now."""
    Hint.objects.bulk_create(
        [Hint(project=project, task=task) for task in tasks],
        update_conflicts=True,
        update_fields=["received_at"],
        unique_fields=["project", "task"],
    )


def waiting(project: Project) -> tuple[list[str], datetime | None]:
    """The tasks that wait to be looked at, and when the last of them was noted."""
    rows = list(Hint.objects.filter(project=project).order_by("task").values_list("task", "received_at"))
    return [task for task, _ in rows], max((noted for _, noted in rows), default=None)


def done(project: Project, until: datetime | None) -> None:
    """They were looked at: forget what was noted until then. What was noted later is for the next pass."""
    if until is not None:
        Hint.objects.filter(project=project, received_at__lte=until).delete()
