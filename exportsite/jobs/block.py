"""What every run says of itself over the API: the same members for each kind."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from exportsite.jobs.run import LeasedRun, State


class Progress(serializers.Serializer[Any]):
    """How far a step is; `total` is null where nobody knows it."""

    step = serializers.CharField(default="", allow_blank=True)
    done = serializers.IntegerField(default=0)
    total = serializers.IntegerField(default=None, allow_null=True)
    unit = serializers.CharField(default="", allow_blank=True, help_text="Of what: tasks, events.")


class RunError(serializers.Serializer[Any]):
    """Why a run failed: for programs, and for people."""

    code = serializers.CharField()
    text = serializers.CharField()


class Run(serializers.Serializer[Any]):
    """Where a run stands."""

    state = serializers.ChoiceField(choices=State.choices)
    attempts = serializers.IntegerField(help_text="How often a worker began it.")
    progress = Progress()
    rate = serializers.FloatField(allow_null=True, help_text="Items a second in this step; null when unknown.")
    eta = serializers.SerializerMethodField(help_text="Seconds that this step will still take; null when unknown.")
    message = serializers.CharField(allow_blank=True)
    error = RunError(allow_null=True, help_text="Only of a failed run.")
    created_by = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True, help_text="When the last attempt began.")
    finished_at = serializers.DateTimeField(allow_null=True)

    def get_eta(self, run: LeasedRun) -> int | None:
        """Whole seconds."""
        return None if run.eta is None else int(run.eta.total_seconds())
