"""redbrick-sdk, exporting from the invented platform, writes what we say of its labels, and the same masks."""

from __future__ import annotations

import io
import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from audit.annotations import VolumeMask
from audit.demo.redbrick import Clock, FakeRedBrick, World
from audit.demo.redbrick.scripts import AGREEMENT, LIVER, ORG, Script
from audit.sources.redbrick import RedBrickClient, RedBrickSource
from audit.sources.redbrick.neutral import RedBrickNeutral
from audit.sources.web import Conditions
from tests.audit.sources.redbrick.exported import as_exported, compared, voxels_of

TASKS = 6
NEUTRAL = RedBrickNeutral()

_EXPORT = """
import json, sys, redbrick
url, key, org, project, folder = sys.argv[1:]
found = redbrick.get_project(org, project, api_key=key, url=url + "/localhost")
tasks = found.export.export_tasks(binary_mask=False, no_consensus=True, destination=folder)
print(json.dumps(list(tasks)))
"""


@pytest.fixture
def fake() -> Iterator[FakeRedBrick]:
    with FakeRedBrick(World(TASKS, Clock(), labels=True)) as server:
        yield server


@pytest.fixture
def export(fake: FakeRedBrick, tmp_path: Path) -> Callable[[Script], list[dict[str, Any]]]:
    """What the SDK exports of a project, its files in `tmp_path`."""
    python = Path(os.environ.get("LABELTRAIL_JUDGES", "/nowhere")) / "redbrick" / "bin" / "python"
    if not python.exists():
        pytest.skip("LABELTRAIL_JUDGES names no directory with an environment redbrick, with redbrick-sdk installed")

    def run(script: Script) -> list[dict[str, Any]]:
        command = [python, "-c", _EXPORT, fake.url, fake.world.key, ORG, script.id, str(tmp_path)]
        env = {**os.environ, "HOME": str(tmp_path), "NO_PROXY": "localhost,127.0.0.1"}
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, env=env)
        assert done.returncode == 0, done.stderr
        found: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
        return found

    return run


@pytest.mark.judge
@pytest.mark.parametrize("script", [LIVER, AGREEMENT], ids=["volumes", "images"])
def test_the_sdk_exports_what_we_say(
    fake: FakeRedBrick, export: Callable[[Script], list[dict[str, Any]]], script: Script, tmp_path: Path
) -> None:
    theirs = {task["taskId"]: task for task in export(script)}
    how = Conditions(allow_hosts=["127.0.0.1"])
    source = RedBrickSource(RedBrickClient(fake.url, fake.world.key, ORG, script.id, how))
    ontology = NEUTRAL.ontology(next(iter(source.project_events())).content or b"")
    histories = [history for page in source.task_pages() for history in page.histories]
    assert {history.task for history in histories} == set(theirs)
    labelled = masks = 0
    for history in histories:
        task = history.events[-1].content or b""
        series = len(NEUTRAL.media(task))
        meant = compared(theirs[history.task])
        for event in (event for event in history.events if event.type == "label.updated"):
            files = {ref.name: _file(source, ref) for ref in event.files}
            found = NEUTRAL.annotations(event.content or b"", task, ontology, files.__getitem__)
            assert as_exported(found.annotations, ontology, series) == meant
            assert found.problems == ()
            assert json.loads(event.content or b"")["taskData"]["tdId"] == theirs[history.task]["labelsId"]
            labelled += 1
            for name in {one.file for one in found.annotations if isinstance(one, VolumeMask)}:
                written = tmp_path / theirs[history.task]["series"][0]["segmentations"]
                assert voxels_of(written.read_bytes()) == voxels_of(files[name])
                masks += 1
    source.close()
    assert labelled > 2
    assert (masks > 0) is (script is LIVER)


def _file(source: RedBrickSource, ref: Any) -> bytes:
    into = io.BytesIO()
    source.file(ref, into)
    return into.getvalue()
