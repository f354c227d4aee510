"""All measurements that a desk can bear, one after the other; bench/trail.py at its full size is run by hand."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
RUNS = (
    ("ingest.py", "--events", "300000"),
    ("verify.py", "--events", "300000"),
    ("memory.py",),
    ("sync.py", "--large", "10000"),
    ("runs.py",),
    ("trail.py", "--large", "1000000"),
)


def main() -> None:
    """Run each in a process of its own; the first failure ends it."""
    for script, *arguments in RUNS:
        subprocess.run([sys.executable, str(HERE / script), *arguments], check=True)


if __name__ == "__main__":
    main()
