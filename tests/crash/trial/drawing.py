"""Labels that are drawn slowly, or by helpers that do not go on."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from exports.formats.labels.annotated import AnnotatedFormat
from exportsite.jobs import Lease


def slow(seconds: float) -> None:
    """From now on each task takes so much longer."""
    _before(lambda: time.sleep(seconds))


def hang(folder: Path) -> None:
    """From now on each helper that begins to draw in a run's first attempt leaves its number there, and sleeps."""

    def wait() -> None:
        assert Lease.current is not None
        run = Lease.current.run
        if run.attempts == 1 and not run.holder.endswith(f"/{os.getpid()}"):
            (folder / str(os.getpid())).touch()
            time.sleep(600)

    _before(wait)


def _before(deed: Callable[[], None]) -> None:
    original = AnnotatedFormat.asset

    def asset(self: AnnotatedFormat, *given: Any) -> Any:
        deed()
        return original(self, *given)

    AnnotatedFormat.asset = asset  # type: ignore[method-assign]
