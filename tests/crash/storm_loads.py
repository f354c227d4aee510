"""The storm's loads and syncs by command: processes that may be killed, and the file that grows from round to round."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MORE = 60
"""Events by which the file grows."""
LOADED = "Loaded in a storm"


class Commands:
    """Commands of a round, beside the workers."""

    def __init__(self, home: Path, rng: random.Random) -> None:
        self.rng = rng
        self.file = home / "growing.ndjson"
        self.file.touch()
        self.written = 0
        self.said = (home / "commands.log").open("ab")
        self.running: list[subprocess.Popen[bytes]] = []

    def load(self) -> None:
        """Let the file grow, and load it."""
        with self.file.open("a") as file:
            for _ in range(MORE):
                file.write(json.dumps(_event(self.written)) + "\n")
                self.written += 1
        self.start("load", str(self.file), "--project", LOADED)

    def start(self, *arguments: str) -> None:
        """Begin a command."""
        process = subprocess.Popen(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=self.said,
            stderr=self.said,
            process_group=0,
        )
        self.running.append(process)

    def kill_some(self) -> None:
        """Each of them may end here."""
        for process in self.running:
            if self.rng.random() < 0.7:
                process.kill()

    def wait(self, seconds: float) -> list[int]:
        """How those of this round ended. Raises subprocess.TimeoutExpired for one that does not."""
        ended = [process.wait(seconds) for process in self.running]
        self.running.clear()
        return ended

    def end(self) -> None:
        """Nothing of it works on."""
        for process in self.running:
            process.kill()
            process.wait()

    def compare(self) -> list[str]:
        """What of the file the record lacks, or has twice; after a load that came to its end."""
        from audit.log.verify import verify
        from audit.models import Event, Project

        project = Project.objects.select_related("log").filter(name=LOADED).first()
        if project is None:
            return ["lost: the project of the file"]
        found = [str(problem) for problem in verify(project.log).problems]
        held = Event.objects.filter(log__project=project, type="task.submitted").count()
        if held != self.written:
            found.append(f"{'lost' if held < self.written else 'doubled'}: {held} events of {self.written} in the file")
        return found


def _event(number: int) -> dict[str, str]:
    moment = datetime(2026, 3, 2, 8, tzinfo=UTC) + timedelta(minutes=number)
    return {
        "event_id": f"e{number}",
        "task": f"T{number % 23}",
        "event": "task.submitted",
        "time": moment.isoformat(),
        "stage": "Label",
        "actor": f"worker{number % 5}@example.org",
    }
