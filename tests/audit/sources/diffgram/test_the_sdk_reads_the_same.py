"""Diffgram's own SDK, reading the fake platform, gets the exports that we get: both speak its wire."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from audit.sources.diffgram import DiffgramClient
from tests.fakes.diffgram import CLIENT, PROJECT, SECRET, FakeDiffgram

_READ = """
import json, sys
from diffgram import Project
url, client, secret, name = sys.argv[1:]
project = Project(name, client, secret, host=url)
job = project.job.get_by_id(12)
later = job.generate_export(wait_for_export_generation=False)
print(json.dumps({
    "now": job.generate_export(),
    "later": later.access_data(return_type="data"),
    "members": project.get_member_list(),
    "labels": project.get_label_list(),
    "attributes": project.get_attributes(),
}))
"""


@pytest.mark.judge
def test_the_sdk_gets_the_same_export_members_and_labels(
    fake: FakeDiffgram, connect: Callable[..., DiffgramClient]
) -> None:
    python = Path(os.environ.get("LABELTRAIL_JUDGES", "/nowhere")) / "diffgram" / "bin" / "python"
    if not python.exists():
        pytest.skip("LABELTRAIL_JUDGES names no directory with an environment diffgram, in which diffgram is installed")
    command = [python, "-c", _READ, fake.url, CLIENT, SECRET, PROJECT]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    theirs = json.loads(done.stdout.splitlines()[-1])
    client = connect()
    ours = {name: json.loads(raw) for name, raw in client.export(job=12).items()}
    assert theirs["now"] == theirs["later"] == ours
    assert theirs["members"] == json.loads(client.settings())["member_list"]
    assert theirs["labels"] == [json.loads(raw) for raw in client.labels(1)]
    assert theirs["attributes"] == [json.loads(raw) for raw in client.attribute_groups(1)]
