"""Reading many events needs as much memory as reading few: in processes of their own, as the kernel counts it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

READ = """
import resource, sys
from audit.sources.files import EventFile, FileOptions
with EventFile(sys.argv[1], FileOptions()) as file:
    count = sum(1 for _ in file.read("p", ""))
print(count, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


LINES = {
    "csv": "{task},A,{time},{user}\n",
    "ndjson": '{{"task":"{task}","event":"A","time":"{time}","user":"{user}"}}\n',
    "xes": (
        '<trace><string key="concept:name" value="{task}"/><event><string key="concept:name" value="A"/>'
        '<date key="time:timestamp" value="{time}"/><string key="org:resource" value="{user}"/></event></trace>'
    ),
}
FRAMES = {"csv": ("task,event,time,user\n", ""), "ndjson": ("", ""), "xes": ("<log>", "</log>")}


def write(path: Path, kind: str, events: int) -> None:
    head, tail = FRAMES[kind]
    with path.open("w") as file:
        file.write(head)
        for number in range(events):
            time = f"2024-01-01T00:{number // 60 % 60:02}:{number % 60:02}Z"
            file.write(LINES[kind].format(task=f"t{number // 8}", time=time, user=f"u{number % 50}"))
        file.write(tail)


@pytest.mark.parametrize("kind", ["csv", "ndjson", "xes"])
def test_reading_a_hundred_thousand_events_needs_no_more_than_eight_thousand(tmp_path: Path, kind: str) -> None:
    needed = []
    for events in (8_000, 100_000):
        path = tmp_path / f"{events}"
        write(path, kind, events)
        done = subprocess.run(
            [sys.executable, "-c", READ, str(path)],
            capture_output=True,
            text=True,
            check=True,
            cwd=Path(__file__).parents[3],
        )
        count, kilobytes = map(int, done.stdout.split())
        assert count == events + 1
        needed.append(kilobytes)
    assert needed[1] <= needed[0] * 1.15
