"""All measurements that a desk can bear, one after the other; trail and pages at full size are run by hand."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RUNS = (
    ("ingest", "--events", "300000"),
    ("verify", "--events", "300000"),
    ("memory",),
    ("sync", "--large", "10000"),
    ("platforms", "--tasks", "300", "--large", "0", "--rounds", "1"),
    ("runs",),
    ("trail", "--large", "1000000"),
    ("pages", "--large", "1000000"),
    ("formats", "--images", "2000"),
    ("reports", "--events", "1000", "10000", "--without-weasyprint"),
)


def main() -> None:
    """Run each in a process of its own; the first failure ends it."""
    for name, *arguments in RUNS:
        subprocess.run([sys.executable, "-m", f"bench.{name}", *arguments], check=True, cwd=ROOT)


if __name__ == "__main__":
    main()
