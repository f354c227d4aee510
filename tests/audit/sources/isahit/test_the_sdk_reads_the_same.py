"""isahit lab's own SDK, reading the fake platform, gets the tasks that we get: both speak its wire."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from audit.sources.isahit import IsahitClient
from tests.fakes.isahit import ACCESS, PROJECT, SECRET, FakeIsahit

_READ = """
import json, sys
from isahitlab.client import IsahitLab
url, access, secret, project = sys.argv[1:]
lab = IsahitLab(access, secret, url + "/")
fields = ["data", "data.mask", "jobs", "jobs.history", "metrics"]
tasks = lab.tasks(project, optional_fields=fields, raw_data=True, disable_progress_bar=True)
print(json.dumps(list(tasks)))
"""


@pytest.mark.judge
def test_the_sdk_gets_the_same_tasks(fake: FakeIsahit, connect: Callable[..., IsahitClient]) -> None:
    python = Path(os.environ.get("LABELTRAIL_JUDGES", "/nowhere")) / "isahit" / "bin" / "python"
    if not python.exists():
        pytest.skip("LABELTRAIL_JUDGES names no directory with an environment isahit, in which isahitlab is installed")
    command = [python, "-c", _READ, fake.url, ACCESS, SECRET, PROJECT]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    theirs = json.loads(done.stdout.splitlines()[-1])
    ours = [json.loads(raw) for page in connect().task_pages() for raw in page.items]
    assert theirs == ours
    assert len(ours) == len(fake.account.tasks)
