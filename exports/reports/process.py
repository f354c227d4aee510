"""Renderers run in processes of their own: what these may use, how they end, and what is said when they fail."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from exports.reports import child

SHEETS = child.ROOT / "templates" / "reports"
# What native libraries do when an allocation is refused: abort, trap, or fall over the null pointer.
_CRASHES = {signal.SIGABRT, signal.SIGTRAP, signal.SIGSEGV, signal.SIGBUS}
_TAIL = 2000
POLL = 0.1


class RenderError(Exception):
    """The PDF could not be made; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a renderer may use: address space in MiB, and seconds (of its own work, and by the clock)."""

    memory_mib: int
    seconds: int


class Child:
    """A renderer at work in `folder`, which holds `job.json` and all it may read; it leaves `result.json` there."""

    def __init__(self, folder: Path, job: dict[str, Any], limits: Limits) -> None:
        self.folder = folder
        self._limits = limits
        self._until = time.monotonic() + limits.seconds
        told = {**job, "memory_mib": limits.memory_mib, "cpu_seconds": limits.seconds, "parent": os.getpid()}
        (folder / "job.json").write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
        # A file, not a pipe: nobody reads while the child writes, and a full pipe would be a deadlock.
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed when the child ends
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-c", child.BOOT, str(child.ROOT), str(folder)],
            cwd=folder,
            env=_environment(folder),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._errors,
            start_new_session=True,
        )

    def done(self) -> dict[str, Any] | None:
        """What the child left, once it has ended; None while it works. RenderError when it failed or takes too long."""
        code = self._process.poll()
        if code is None:
            if time.monotonic() > self._until:
                self.kill()
                raise RenderError(_too_long(self._limits))
            return None
        self._errors.seek(0)
        errors = self._errors.read().decode("utf-8", "replace")
        self._errors.close()
        return outcome(code, errors, self.folder, self._limits)

    def pause(self, seconds: float) -> None:
        """Wait for the child's end, but no longer than so many seconds."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)

    def wait(self, check: Callable[[], None]) -> dict[str, Any]:
        """What the child left. `check` is called now and then; what it raises ends the child."""
        try:
            while True:
                self.pause(POLL)
                check()
                if (result := self.done()) is not None:
                    return result
        except BaseException:
            self.kill()
            raise

    def kill(self) -> None:
        """End the child and whatever it started."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._errors.close()


def outcome(code: int, errors: str, folder: Path, limits: Limits) -> dict[str, Any]:
    """What a child that ended with `code` left in `folder`; RenderError unless it succeeded."""
    if code == 0:
        result: dict[str, Any] = json.loads((folder / "result.json").read_bytes())
        return result
    if code == -signal.SIGXCPU:
        raise RenderError(_too_long(limits))
    if code == -signal.SIGKILL:
        raise RenderError(_KILLED)
    try:
        result = json.loads((folder / "result.json").read_bytes())
    except (OSError, ValueError):  # It fell before it could say anything.
        result = {"error": "memory"} if _smells_of_memory(code, errors) else {}
    if result.get("error") == "memory":
        raise RenderError(_too_large(limits))
    if result.get("error") == "refused":
        raise RenderError(f"the report was not rendered: {result['text'].partition(': ')[2]}")
    said = result.get("text") or errors.strip()[-_TAIL:] or f"it ended with code {code}"
    raise RenderError(f"the renderer failed: {said}")


def _environment(folder: Path) -> dict[str, str]:
    """The child's whole environment: no address of a database, no key directory, no proxy."""
    return {
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        "HOME": str(folder),
        "TMPDIR": str(folder),
        # Typst would take every core; volumes are made in parallel, a core each.
        "RAYON_NUM_THREADS": "1",
    }


def _smells_of_memory(code: int, errors: str) -> bool:
    """Whether a process without a last word probably ran out of memory: libraries under Python abort, or can't load."""
    words = ("MemoryError", "Cannot allocate", "failed to map", "memory allocation of")
    return -code in _CRASHES or any(word in errors for word in words)


def _too_large(limits: Limits) -> str:
    return (
        f"the report needed more than {limits.memory_mib:,} MiB of memory: make it of one task, or raise "
        "LABELTRAIL_REPORT_MEMORY_MIB"
    )


def _too_long(limits: Limits) -> str:
    return (
        f"the report took more than {limits.seconds:,} seconds: make it of one task, or raise LABELTRAIL_REPORT_SECONDS"
    )


_KILLED = "the renderer was killed from outside, as a machine that runs out of memory does: try again when it has more"
