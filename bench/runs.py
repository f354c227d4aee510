"""What a background run costs above its work: a small export from POST to its file, and how many runs a second pass.

    python -m bench.runs [--exports 20] [--runs 1000]

Target: at most 1 s above the work itself (docs/performance.md).
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bench.ground import ROOT, ground, median_seconds, ndjson, seconds, table

POLL = 0.005


@contextmanager
def worker() -> Iterator[None]:
    """`manage.py worker`, once it takes work."""
    process = subprocess.Popen([sys.executable, "manage.py", "worker"], cwd=ROOT)
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def main() -> None:
    """Measure both."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--exports", type=int, default=20)
    options.add_argument("--runs", type=int, default=1_000)
    asked = options.parse_args()
    os.environ["LABELTRAIL_SECRET_KEY"] = "bench" * 10
    with ground(durable=True) as home:
        from django.core.management import call_command
        from django.test import Client

        from audit.models import Project, Verification
        from audit.verification import request_verification
        from exports.models import Export
        from exports.run import make_export

        call_command("load", str(ndjson(home / "log.ndjson", 200)), "--project", "Bench")
        project = Project.objects.get()
        client = Client()

        def post() -> None:
            body = {"project": project.pk, "format": "trail"}
            answer = client.post("/api/v1/exports/", body, content_type="application/json")
            run = Export.objects.get(pk=answer.json()["id"])
            while not run.over:
                time.sleep(POLL)
                run.refresh_from_db()
            assert run.state == "succeeded", run.error

        here = median_seconds(lambda: make_export(project, "trail"), asked.exports)
        with worker():
            post()  # The first waits for the worker's start.
            queued = [seconds(post) for _ in range(asked.exports)]
        enqueueing = seconds(lambda: [request_verification(project) for _ in range(asked.runs)])
        with worker():
            while not Verification.objects.exclude(state="queued").exists():
                time.sleep(POLL)
            already = Verification.objects.exclude(state="queued").count()
            doing = seconds(lambda: wait_for_all(Verification))
        alone = median_seconds(lambda: perform_one(Verification, project), 20)
        over = statistics.median(queued) - here
        table(
            "A small export (200 events) from POST to its file",
            ("what", "seconds"),
            [
                ("in this process", f"{here:.3f}"),
                ("over the API and a worker, median", f"{statistics.median(queued):.3f}"),
                ("the slowest", f"{max(queued):.3f}"),
                ("above the work itself (target: at most 1)", f"{over:.3f}"),
            ],
        )
        table(
            f"{asked.runs:,} verifications of 200 events, two workers",
            ("what", "runs/s"),
            [
                ("enqueued", f"{asked.runs / enqueueing:,.0f}"),
                ("claimed and done", f"{(asked.runs - already) / doing:,.0f}"),
                ("claimed and done in one process, without a queue", f"{1 / alone:,.0f}"),
            ],
        )


def wait_for_all(model: type) -> None:
    """Until no run is queued or running."""
    while model.objects.filter(state__in=("queued", "running")).exists():
        time.sleep(POLL)


def perform_one(model: type, project: object) -> None:
    """One run, claimed and done here."""
    from exportsite.jobs import perform

    perform(model, model.objects.create(project=project).pk)


if __name__ == "__main__":
    main()
