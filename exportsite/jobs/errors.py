"""By which exceptions a run's work ends."""

from __future__ import annotations


class Stopped(Exception):
    """The work has to stop; what it did since its last commit is dropped."""


class Cancelled(Stopped):
    """Somebody cancelled the run."""


class HandedBack(Stopped):
    """The worker is being stopped; another one will begin anew."""


class LeaseLost(Stopped):
    """Somebody else may hold the run now: this process must not touch anything that belongs to it."""


class RunFailed(Exception):
    """The run can't be done; the text says why, to whoever asked for it, and what can be done about it."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code
