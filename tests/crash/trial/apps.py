"""Runs made for tests: an app that only the tests' settings install."""

import os
import time
from pathlib import Path
from typing import Any

from django.apps import AppConfig


class TrialConfig(AppConfig):
    name = "tests.crash.trial"
    label = "trial"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """With TEST_PACE every step of every run takes so many seconds longer, for faults to hit it; with TEST_HANG
        helpers that draw labels hang, and leave their numbers in that folder."""
        from exportsite.jobs import Lease
        from tests.crash.trial import drawing

        pace, progress = float(os.environ.get("TEST_PACE", "0")), Lease.progress

        def slowly(lease: Lease[Any], *args: Any, **named: Any) -> None:
            time.sleep(pace)
            progress(lease, *args, **named)

        if pace:
            Lease.progress = slowly  # type: ignore[method-assign]
        if folder := os.environ.get("TEST_HANG"):
            drawing.hang(Path(folder))
