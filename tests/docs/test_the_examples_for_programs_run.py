"""What docs/integrate.md shows is run: its curl examples, then those in Python, in the order of the page."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from audit import apitokens
from audit.models import Project, Scope, Source, SyncRun
from exports.models import Export, Report
from exportsite.jobs import State, perform
from tests.factories import make_project, worked_task

PAGE = Path(__file__).resolve().parents[2] / "docs" / "integrate.md"


def examples(language: str) -> str:
    return "\n".join(re.findall(rf"^```{language}\n(.*?)^```$", PAGE.read_text(), flags=re.M | re.S))


def _work(over: threading.Event) -> None:
    """Do what is queued, as a worker does; a sync finds nothing new."""
    try:
        while not over.wait(0.1):
            for model in (Export, Report):
                for run in model._default_manager.filter(state=State.QUEUED):
                    perform(model, run.pk)
            SyncRun.objects.filter(state=State.QUEUED).update(state=State.SUCCEEDED, finished_at=timezone.now())
    finally:
        connection.close()


@pytest.fixture
def served(live_server: LiveServer, tmp_path: Path, settings: Any) -> Iterator[dict[str, str]]:
    """The environment of a program: a server with a project of a platform, and somebody who works there."""
    settings.LABELTRAIL_ARTEFACTS = tmp_path / "artefacts"
    # Without active time, whose payload is another at a platform than in these events.
    events = [event for n in range(3) for event in worked_task(f"T{n}", n * 200) if event.type != "time.recorded"]
    project = make_project(events, name="lungs")
    Source.objects.filter(pk=project.source_id).update(kind="redbrick", base_url="https://api.example.org")
    _, secret = apitokens.make(User.objects.create_superuser("root"), "integrate", list(Scope))
    over = threading.Event()
    worker = threading.Thread(target=_work, args=(over,))
    worker.start()
    yield {
        "PATH": os.environ["PATH"],
        "LABELTRAIL": live_server.url,
        "LABELTRAIL_TOKEN": secret,
        "PROJECT_AT_PLATFORM": Project.objects.get(pk=project.pk).external_id,
        "no_proxy": "*",
    }
    over.set()
    worker.join()


def run(words: list[str], code: str, environment: dict[str, str], place: Path) -> str:
    done = subprocess.run(
        words, input=code, env=environment, cwd=place, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_examples_with_curl_run(served: dict[str, str], tmp_path: Path) -> None:
    said = run(["bash", "-eu", "-o", "pipefail", "-s"], examples("bash"), served, tmp_path)
    assert "export.zip: OK" in said
    assert "\nHOLDS\n" in said
    assert said.rstrip().endswith("status")
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")
    assert (tmp_path / "known.txt").read_text().strip() == "18"


def test_the_examples_in_python_run(served: dict[str, str], tmp_path: Path) -> None:
    said = run([sys.executable, "-I", "-"], examples("python"), served, tmp_path)
    assert "review.rejected T2" in said
    assert said.rstrip().endswith("400 format unknown meant: trail")
    assert (tmp_path / "seen.txt").read_text() == "18"
    assert len(list(tmp_path.glob("*_trail_*.zip"))) == 1
    assert Export.objects.count() == 1
