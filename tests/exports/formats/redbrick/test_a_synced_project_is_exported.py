"""From the invented platform into the record, out as RedBrick AI's export, and in again as a project of its own."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from audit.demo.redbrick import Clock, FakeRedBrick, World
from audit.live.run import sync
from audit.models import LabelVersion, Mode, Project
from audit.sources import web
from tests.audit.live.conftest import connected

TASKS = 12


@pytest.fixture
def project(db: None, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Project:
    settings.SOURCE_ALLOW_HOSTS = ["127.0.0.1"]
    monkeypatch.setattr(web, "FIRST_WAIT", 0.0)
    with FakeRedBrick(World(TASKS, Clock(), labels=True)) as fake:
        found = connected(fake)
        sync(found, Mode.FULL)
    return found


def test_an_export_verifies_and_loads_again(project: Project, tmp_path: Path) -> None:
    path = tmp_path / "export.zip"
    call_command("export", str(project.pk), "--format", "redbrick", "--strict", "-o", str(path), stdout=io.StringIO())
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        tasks = json.loads(archive.read(f"{project.external_id}/tasks.json"))
        archive.extractall(tmp_path / "out")
    assert len(tasks) == TASKS
    found = [series.get("segmentations", []) for task in tasks for series in task["series"]]
    named = {name for one in found for name in ([one] if isinstance(one, str) else one)}
    assert named
    assert {f"{project.external_id}/{name}" for name in named} <= set(names)
    # What overlaps has files of its own, beside the file of all.
    assert any("/instance-" in name for name in named)
    assert all("X-Amz" not in json.dumps(task) for task in tasks)
    verified = subprocess.run(
        [sys.executable, str(tmp_path / "out" / "audit" / "verify.py"), str(path)], check=False, capture_output=True
    )
    assert verified.returncode == 0, verified.stderr

    call_command("load", str(tmp_path / "out" / project.external_id), "--project", "Again", stdout=io.StringIO())
    again = Project.objects.get(name="Again")
    latest = {task["labelsId"] for task in tasks if "labelsId" in task}
    assert set(LabelVersion.objects.filter(project=again).values_list("external_id", flat=True)) == latest


def test_a_structure_set_is_refused_while_images_are_not_kept(project: Project) -> None:
    with pytest.raises(CommandError, match="those of this project are not kept"):
        call_command("export", str(project.pk), format="redbrick", parameter=["mask_format=rt_struct"])
