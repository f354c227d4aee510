"""The array is cut where a JSON parser cuts it, whatever the pieces in which it is read; and in little memory."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from audit.sources.files.jsonarray import objects
from audit.sources.files.opening import Opened

ROOT = Path(__file__).parents[3]
READ = """
import resource, sys
from audit.sources.files import EventFile, FileOptions
with EventFile(sys.argv[1], FileOptions()) as file:
    count = sum(1 for _ in file.read("p", ""))
print(count, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def value(rng: random.Random, depth: int) -> Any:
    """Something that JSON can say, with many quotes, brackets and backslashes."""
    if depth == 0 or rng.random() < 0.3:
        return rng.choice([None, True, -1.5e3, "".join(rng.choices('a"\\{}[],:\n\té😀', k=rng.randrange(6)))])
    inner = [value(rng, depth - 1) for _ in range(rng.randrange(4))]
    return inner if rng.random() < 0.5 else {f'"{n}\\' * (n % 2) + str(n): item for n, item in enumerate(inner)}


@pytest.mark.parametrize("seed", range(40))
def test_objects_are_those_that_a_parser_finds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    rng = random.Random(seed)
    array = [{"x": value(rng, 4)} for _ in range(rng.randrange(1, 6))]
    text = json.dumps(array, indent=rng.choice([None, 2]), ensure_ascii=rng.random() < 0.5)
    path = tmp_path / "array"
    path.write_text(f"\n {text}\n", encoding="utf-8")
    monkeypatch.setattr("audit.sources.files.opening.CHUNK", rng.randrange(1, 30))
    with Opened(str(path)) as file:
        found = list(objects(file))
    assert [json.loads(raw) for _, raw in found] == array
    lines = ("\n" + text).split("\n")
    assert all(raw.decode().split("\n")[0] in lines[line - 1] for line, raw in found)


def test_reading_thirty_thousand_tasks_needs_no_more_than_two_thousand(tmp_path: Path) -> None:
    event = {"eventType": "TASK_SUBMITTED", "createdAt": "2025-03-01T09:00:00Z", "updatedBy": "a@example.org"}
    needed = []
    for tasks in (2_000, 30_000):
        path = tmp_path / f"{tasks}"
        with path.open("w") as file:  # Row by row: the child's memory counts from what this process needs.
            for number in range(tasks):
                task = {"taskId": f"t{number}", "taskName": None, "events": [event] * 3}
                file.write(("," if number else "[") + json.dumps(task))
            file.write("]")
        done = subprocess.run(
            [sys.executable, "-c", READ, str(path)], capture_output=True, text=True, check=True, cwd=ROOT
        )
        count, kilobytes = map(int, done.stdout.split())
        assert count == 3 * tasks + 1
        needed.append(kilobytes)
    assert needed[1] <= needed[0] * 1.15
