"""Verify an archive of N events, beside SHA-256 and JSON parsing of the same bytes.

    python -m bench.verify [--events 1000000]

Target: at most 3 times as long (docs/performance.md).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
import zipfile
from pathlib import Path

from bench.ground import ROOT, ground, median_seconds, ndjson, seconds, table


def read_and_parse(archive: Path) -> None:
    """What nobody can do without: unpack, hash each member, parse each line of JSON."""
    with zipfile.ZipFile(archive) as box:
        for name in box.namelist():
            digest = hashlib.sha256()
            with box.open(name) as member:
                if name.endswith((".jsonl", ".ndjson")):
                    for line in member:
                        digest.update(line)
                        json.loads(line)
                else:
                    while block := member.read(1 << 18):
                        digest.update(block)
            digest.hexdigest()


def main() -> None:
    """Load, export, and measure."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--events", type=int, default=1_000_000)
    events = options.parse_args().events
    with ground() as home:
        from django.core.management import call_command

        log_file = ndjson(home / "log.ndjson", events)
        loading = seconds(lambda: call_command("load", str(log_file), "--project", "Bench"))
        archive = home / "trail.zip"
        exporting = seconds(
            lambda: call_command("export", "Bench", "--format", "trail", "-p", "encoding=ndjson", "-o", str(archive))
        )
        verifier = [sys.executable, "-I", str(ROOT / "exports" / "verify.py"), str(archive)]
        verifying = median_seconds(lambda: subprocess.run(verifier, check=True, capture_output=True))
        baseline = median_seconds(lambda: read_and_parse(archive))
        table(
            f"Verify an archive of {events:,} events",
            ("what", "seconds", "events/s", "ratio"),
            [
                ("load (NDJSON)", f"{loading:.1f}", f"{events / loading:,.0f}", ""),
                ("export `trail` with audit=all", f"{exporting:.1f}", f"{events / exporting:,.0f}", ""),
                ("unpack, SHA-256, parse JSON", f"{baseline:.1f}", f"{events / baseline:,.0f}", "1"),
                (
                    "verify.py (target: at most 3)",
                    f"{verifying:.1f}",
                    f"{events / verifying:,.0f}",
                    f"{verifying / baseline:.2f}",
                ),
            ],
        )


if __name__ == "__main__":
    main()
