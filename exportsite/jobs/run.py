"""What every background run is, whatever it does: where it stands, who works on it, how far that is."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from django.apps import apps
from django.db import models
from django.db.models import Q
from django.utils import timezone


class State(models.TextChoices):
    """Where a run stands."""

    QUEUED = "queued"
    RUNNING = "running"
    CANCELLING = "cancelling"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


HELD = (State.RUNNING, State.CANCELLING)
"""A process works on it, or did so until it was lost."""
OPEN = (State.QUEUED, *HELD)
OVER = (State.SUCCEEDED, State.FAILED, State.CANCELLED)
MOST_ATTEMPTS = 3


class LeasedRun(models.Model):
    """A run that one process at a time may work on: the one whose token is in the row, while its lease lasts.

    A subclass names in `work` the function that does it, `work(run, lease)`. Every change of state is one UPDATE whose
    row count is the answer; no process saves a run that it has read. `attached` runs belong to the command that made
    them: they end with it and are never queued. `attempts` counts claims; `holder` names the process of the last one.
    """

    work: ClassVar[str]

    state = models.TextField(choices=State.choices, default=State.QUEUED)
    attached = models.BooleanField(default=False)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_token = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    holder = models.TextField(blank=True)
    progress = models.JSONField(default=dict)
    """{"step", "done", "total", "unit", "seconds"}: items of the step that is under way, and how long it has been."""
    message = models.TextField(blank=True)
    error_code = models.TextField(blank=True)
    error_text = models.TextField(blank=True)
    created_by = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    queued_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True
        indexes = [  # noqa: RUF012 - Django's way
            models.Index(fields=["queued_at"], condition=Q(state__in=OPEN), name="%(class)s_open")
        ]

    @property
    def over(self) -> bool:
        """Whether nothing will happen to it any more."""
        return self.state in OVER

    @property
    def rate(self) -> float | None:
        """Items a second in the step under way; None when nothing was counted yet."""
        seconds, done = self.progress.get("seconds") or 0.0, self.progress.get("done") or 0
        return round(done / seconds, 3) if seconds and done and self.state in HELD else None

    @property
    def eta(self) -> timedelta | None:
        """How long the step under way will take from its last heartbeat on, at its rate so far; None when unknown."""
        total, rate = self.progress.get("total"), self.rate
        if total is None or rate is None:
            return None
        return timedelta(seconds=round(max(0, total - self.progress["done"]) / rate))

    @property
    def error(self) -> dict[str, str] | None:
        """Why it failed: {"code", "text"}; None when it did not."""
        return {"code": self.error_code, "text": self.error_text} if self.state == State.FAILED else None

    @classmethod
    def label(cls) -> str:
        """The model's name in messages: `exports.export`."""
        return str(cls._meta.label_lower)

    def discard(self) -> None:
        """Remove what an attempt may have left outside of the database. Called when the run ends without success."""


def kinds() -> list[type[LeasedRun]]:
    """Every kind of run there is."""
    return [model for model in apps.get_models() if issubclass(model, LeasedRun)]
