"""Labelbox's own SDK reads the invented platform, and what it gets is what we hold (labelbox 7.17.0)."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from audit.sources.base import SourceEvent, TaskHistory
from audit.sources.labelbox import LabelboxSource
from tests.fakes.labelbox import FakeLabelbox
from tests.fakes.labelbox_story import KEY, PROJECT

SCRIPT = """
import json, sys
import labelbox as lb
url, key, project_id = sys.argv[1:]
client = lb.Client(api_key=key, endpoint=url + "/graphql", rest_endpoint=url + "/api/v1", app_url=url)
project = client.get_project(project_id)
names = ("attachments", "embeddings", "metadata_fields", "data_row_details", "project_details")
names += ("performance_details", "label_details", "interpolated_frames")
task = project.export(params=dict.fromkeys(names, True))
task.wait_till_done()
print(json.dumps({
    "name": project.name,
    "ontology": project.ontology().normalized,
    "queues": [queue.name for queue in project.task_queues()],
    "members": sorted(member.user().email for member in project.members()),
    "rows": [one.json for one in task.get_buffered_stream()],
    "versions": [
        [one.id, one.label_id, str(getattr(one.action, "value", one.action)), one.created_at.isoformat(),
         one.created_by_id, one.stage and one.stage.name] for one in project.label_versions()
    ],
    "issues": [
        [one.id, one.content, one.created_by.email, one.status.value, [said.content for said in one.comments()]]
        for one in project.get_issues()
    ],
}))
"""


@pytest.mark.judge
def test_the_sdk_and_we_read_the_same(source: LabelboxSource, fake: FakeLabelbox) -> None:
    python = Path(os.environ.get("LABELTRAIL_JUDGES", "/nowhere")) / "labelbox" / "bin" / "python"
    if not python.exists():
        pytest.skip("LABELTRAIL_JUDGES names no directory with an environment labelbox, with labelbox installed")
    sdk = json.loads(subprocess.check_output([str(python), "-W", "ignore", "-c", SCRIPT, fake.url, KEY, PROJECT]))
    settings, *people = source.project_events()
    said = json.loads(settings.content or b"")
    assert (sdk["name"], sdk["ontology"]) == (said["project"]["name"], said["ontology"]["normalized"])
    assert sdk["queues"] == list(source.check().stages or ())
    assert sdk["members"] == sorted(one.assignee.email for one in people if one.assignee and one.assignee.email)
    histories = {history.task: history for page in source.task_pages() for history in page.histories}
    assert [row["data_row"]["id"] for row in sdk["rows"]] == list(histories)
    for row in sdk["rows"]:
        _same_row(row, histories[row["data_row"]["id"]])
    _same_versions(sdk["versions"], histories)
    _same_issues(sdk["issues"], histories)


def _same_row(row: Any, history: TaskHistory) -> None:
    """All of a data row that the SDK gets is in our events, but for what belongs to one export and to signatures."""
    (details,) = _contents(history, "data_row")
    ours = row["projects"][PROJECT]
    assert details["data_row"] == {**row["data_row"], "row_data": row["data_row"]["row_data"].partition("?")[0]}
    for name in ("media_attributes", "attachments", "metadata_fields"):
        assert details[name] == row[name]
    assert details["project_tags"] == ours["project_tags"]
    moves = [one for action in ("Move", "Approve", "Reject") for one in _contents(history, action)]
    moves.sort(key=lambda move: move["created_at"])
    assert {**details["project_details"], "workflow_history": moves} == ours["project_details"]
    assert _contents(history, "EMBEDDING") == row["embeddings"]
    labels = [event.content for event in history.events if event.type == "label.updated"]
    found = [json.loads(content or b"") for content in labels]
    assert [_plain(one) for one in found if "run_id" not in one] == [_plain(one) for one in ours["labels"]]


def _same_versions(sdk: Any, histories: dict[str, TaskHistory]) -> None:
    found = []
    for event in _all(histories):
        if (event.source_key or "").startswith("version/"):
            one = json.loads(event.content or b"")
            at = one["createdAt"].replace(".000Z", "+00:00")
            found.append([one["id"], one["labelId"], one["action"], at, one["createdById"], one["stage"]["name"]])
    assert sorted(found) == sorted(sdk)


def _same_issues(sdk: Any, histories: dict[str, TaskHistory]) -> None:
    for id_, content, email, status, comments in sdk:
        mine = [event for event in _all(histories) if event.version and event.version.thing == f"issue/{id_}"]
        (opened,) = (event.opening() for event in mine)
        assert opened is not None
        assert opened.actor is not None
        assert (opened.text, opened.actor.email) == (content, email)
        assert json.loads(opened.content or b"")["status"] == status
        said = [event for event in _all(histories) if event.source_type == "COMMENT" and _issue(event) == id_]
        assert [event.text for event in said] == comments


def _issue(event: SourceEvent) -> Any:
    return json.loads(event.content or b"")["issue"]


def _all(histories: dict[str, TaskHistory]) -> list[SourceEvent]:
    return [event for history in histories.values() for event in history.events]


def _contents(history: TaskHistory, source_type: str) -> list[Any]:
    return [json.loads(event.content or b"") for event in history.events if event.source_type == source_type]


def _plain(label: Any) -> Any:
    """The label without the addresses of its masks, which are of one export."""
    if isinstance(label, list):
        return [_plain(one) for one in label]
    if isinstance(label, dict):
        return {name: _plain(value) for name, value in label.items() if name != "url"}
    return label
