"""Peak memory of load and export at two sizes: it must not grow with the data.

    python -m bench.memory [--small 8000] [--large 262000]

Target: at most 1.2 times as much (docs/performance.md).
"""

from __future__ import annotations

import argparse

from bench.ground import ground, ndjson, peak_mib, table


def main() -> None:
    """Measure each command in a process of its own."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--small", type=int, default=8_000)
    options.add_argument("--large", type=int, default=262_000)
    given = options.parse_args()
    peaks: dict[str, list[float]] = {}
    with ground() as home:
        for events in (given.small, given.large):
            project = f"Bench {events}"
            log_file = ndjson(home / f"{events}.ndjson", events)
            commands = {
                "load": ["load", str(log_file), "--project", project],
                "export trail": ["export", project, "--format", "trail", "-o", str(home / f"{events}.trail.zip")],
                "export xes": ["export", project, "--format", "xes", "-o", str(home / f"{events}.xes")],
                "verify --project": ["verify", "--project", project],
                "verify archive": ["verify", str(home / f"{events}.trail.zip")],
            }
            for name, arguments in commands.items():
                peaks.setdefault(name, []).append(peak_mib(arguments))
    table(
        "Peak memory",
        ("what", f"{given.small:,} events, MiB", f"{given.large:,} events, MiB", "ratio (target: at most 1.2)"),
        [(name, f"{small:.0f}", f"{large:.0f}", f"{large / small:.2f}") for name, (small, large) in peaks.items()],
    )


if __name__ == "__main__":
    main()
