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
        """With TEST_PACE every step of a run, and every task that is drawn, takes so many seconds longer, for faults to
        hit it. With TEST_HANG helpers that draw hang, and leave their numbers in that folder; TEST_SILENCE: for how
        long they may."""
        from exportsite import helpers
        from exportsite.jobs import Lease

        pace, progress = float(os.environ.get("TEST_PACE", "0")), Lease.progress

        def slowly(lease: Lease[Any], *args: Any, **named: Any) -> None:
            time.sleep(pace)
            progress(lease, *args, **named)

        folder = os.environ.get("TEST_HANG")
        if pace or folder:
            from tests.crash.trial import drawing
        if pace:
            Lease.progress = slowly  # type: ignore[method-assign]
            drawing.slow(pace)
        helpers.SILENCE = float(os.environ.get("TEST_SILENCE", helpers.SILENCE))
        if folder:
            drawing.hang(Path(folder))
