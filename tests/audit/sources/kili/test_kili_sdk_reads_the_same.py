"""Kili's own SDK, reading the fake platform, gets what we get: both speak its wire."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from audit.sources.kili import KiliClient, KiliSource
from audit.sources.web import Conditions
from tests.fakes.kili import PATH, FakeKili
from tests.fakes.kili_story import CARS, CLIPS, KEY, world

_READ = """
import json, os, sys
os.environ.update(KILI_SDK_SKIP_CHECKS="1", KILI_DISABLE_TQDM="1")
from kili.client import Kili
url, key, project = sys.argv[1:]
kili = Kili(api_key=key, api_endpoint=url)
label = ["id", "jsonResponse", "createdAt", "labelType", "secondsToLabel", "isSentBackToQueue", "author.id"]
fields = ["id", "externalId", "jsonMetadata", "priority", *["labels." + name for name in label]]
assets = kili.assets(project, fields=fields)
events = kili.events.list(project_id=project)
issues = kili.issues(project, fields=["id", "status", "type", "assetId"])
members = kili.project_users(project, fields=["role", "user.id", "user.email"])
print(json.dumps({"assets": assets, "events": events, "issues": issues, "members": members}))
"""


@pytest.mark.judge
@pytest.mark.parametrize("in_files", [False, True])
@pytest.mark.parametrize("project", [CARS, CLIPS])
def test_the_sdk_gets_the_same_assets_labels_events_issues_and_members(project: str, in_files: bool) -> None:
    python = Path(os.environ.get("LABELTRAIL_JUDGES", "/nowhere")) / "kili" / "bin" / "python"
    if not python.exists():
        pytest.skip("LABELTRAIL_JUDGES names no directory with an environment kili, in which kili is installed")
    with FakeKili(world(54)) as fake:
        fake.in_files = in_files
        command = [python, "-c", _READ, fake.url + PATH, KEY, project]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
        theirs = json.loads(done.stdout.splitlines()[-1])
        source = KiliSource(KiliClient(fake.url, KEY, project, Conditions(allow_hosts=["127.0.0.1"])))
        try:
            ours = _ours(source)
        finally:
            source.close()
    assert sorted(ours["events"]) == sorted(event["id"] for event in theirs["events"])
    assert ours["members"] == {(member["user"]["id"], member["role"]) for member in theirs["members"]}
    assert ours["issues"] == {issue["id"]: issue["status"] for issue in theirs["issues"]}
    assert ours["assets"] == {asset["id"]: _asset(asset) for asset in theirs["assets"]}


def _asset(asset: dict[str, Any]) -> dict[str, Any]:
    """As the SDK tells it."""
    labels = {label["id"]: (label["jsonResponse"], label["createdAt"], label["labelType"]) for label in asset["labels"]}
    return {"name": asset["externalId"], "metadata": asset["jsonMetadata"], "labels": labels}


def _ours(source: KiliSource) -> dict[str, Any]:
    found: dict[str, Any] = {"events": [], "members": set(), "issues": {}, "assets": {}}
    for event in source.project_events():
        content = json.loads(event.content or b"{}")
        if event.source_type == "MEMBER_CHANGED":
            found["members"].add((content["user"]["id"], content["role"]))
    for page in source.task_pages():
        found["events"] += [event.source_key for event in page.events]
        for history in page.histories:
            labels: dict[str, Any] = {}
            for event in history.events:
                content = json.loads(event.content or b"{}")
                if event.source_key:
                    found["events"].append(event.source_key)
                elif event.type == "label.updated":
                    label = content["label"]
                    labels[label["id"]] = (label["jsonResponse"], label["createdAt"], label["labelType"])
                elif event.type == "task.updated":
                    asset = content["asset"]
                    found["issues"] |= {issue["id"]: issue["status"] for issue in content["issues"]}
            metadata = asset["jsonMetadata"]
            found["assets"][history.task] = {"name": asset["externalId"], "metadata": metadata, "labels": labels}
    return found
