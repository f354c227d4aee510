"""The time of the demo's platform: it goes on while the demo runs, stands still meanwhile, and never goes back."""

from __future__ import annotations

import os
import threading
from datetime import datetime, timedelta
from pathlib import Path

from audit.demo.redbrick.world import Clock

AHEAD = timedelta(seconds=60)
"""Of ours. So much is written down at a time, and may be skipped when the demo ends."""


class KeptClock:
    """A clock that begins where the one before it on this file ended, or at `first`; `speed` 0: it stands still there.

    What was told about a moment has happened: a platform whose time went back would have lost it. So no moment is told
    that is not covered by the file.
    """

    def __init__(self, file: Path, first: datetime, speed: float) -> None:
        self._file = file
        self._ahead = AHEAD * speed
        self._covered = self._read() or first
        self._clock = Clock(self._covered, speed)
        self._speed = speed
        self._lock = threading.Lock()

    def __call__(self) -> datetime:
        now = self._clock()
        with self._lock:
            if self._speed and now >= self._covered:
                self._write(now + self._ahead)
        return now

    def _read(self) -> datetime | None:
        try:
            return datetime.fromisoformat(self._file.read_text().strip())
        except (FileNotFoundError, ValueError):
            return None

    def _write(self, until: datetime) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        new = self._file.with_suffix(".new")
        new.write_text(until.isoformat() + "\n")
        os.replace(new, self._file)
        self._covered = until
