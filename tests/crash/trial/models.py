"""A run that does as it is told, and leaves a mark of all that it did."""

from __future__ import annotations

from django.db import models

from exportsite.jobs import LeasedRun


class Trial(LeasedRun):
    """Takes `steps` steps of `pace` seconds; in step `at` it does its `deed`: see `work`."""

    work = "tests.crash.trial.work.work"

    steps = models.IntegerField(default=1)
    pace = models.FloatField(default=0.0)
    deed = models.TextField(blank=True)
    at = models.IntegerField(default=0)


class Mark(models.Model):
    """Something that a run did: "step", "published", or a word of a deed."""

    trial = models.ForeignKey(Trial, models.CASCADE, related_name="marks")
    what = models.TextField()
    pid = models.IntegerField()
    attempt = models.IntegerField()
