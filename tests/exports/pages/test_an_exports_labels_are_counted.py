"""The builder says how many labels an export has, of formats that hold labels; never by counting all of a project."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from audit.models import Project
from exportsite import keyset

CHOICE = {"type": "choices", "from_name": "c", "to_name": "text", "value": {"choices": ["A"]}}


@pytest.fixture
def project(db: None, tmp_path: Path) -> Project:
    """Three tasks with four labels."""
    labels: Any = [[{"id": 1, "result": [CHOICE]}, {"id": 2, "result": []}], [{"id": 3, "result": []}], [{"id": 4}]]
    tasks = [{"id": id_, "data": {"text": "The"}, "annotations": found} for id_, found in enumerate(labels, 1)]
    path = tmp_path / "texts.json"
    path.write_text(json.dumps(tasks))
    call_command("load", str(path), "--project", "Texts", stdout=StringIO(), stderr=StringIO())
    return Project.objects.get(external_id="Texts")


def page(client: Client, project: Project, **chosen: object) -> str:
    return client.get("/exports/new/", {"project": project.pk, **chosen}).content.decode()


def test_a_format_of_labels_says_tasks_and_labels(client: Client, project: Project) -> None:
    text = page(client, project, format="labelstudio")
    assert "<dt>Tasks</dt><dd>3</dd>" in text
    assert "<dt>Labels, at most</dt><dd>4</dd>" in text
    assert "<dt>Events" not in text


def test_a_format_of_events_does_not(client: Client, project: Project) -> None:
    text = page(client, project, format="trail")
    assert "<dt>Labels" not in text
    assert "<dt>Events, at most</dt>" in text


def test_labels_of_chosen_tasks_are_counted(client: Client, project: Project) -> None:
    assert "<dt>Labels, at most</dt><dd>2</dd>" in page(client, project, format="labelstudio", external_id="1")
    assert "the export would be empty" in page(client, project, format="labelstudio", external_id="nope")
    # Which tasks have such events is not known without going through them.
    assert "<dt>Labels" not in page(client, project, format="labelstudio", type="label.created")


def test_of_an_earlier_size_those_that_held_then_are_counted(client: Client, project: Project) -> None:
    assert "<dt>Labels, at most</dt><dd>0</dd>" in page(client, project, format="labelstudio", as_of="1")


def test_it_counts_no_further_than_lists_do(client: Client, project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyset, "MOST_COUNTED", 2)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        text = page(client, project, format="labelstudio")
    assert "<dt>Labels, at most</dt><dd>4</dd>" not in text
    counts = [one["sql"] for one in asked if "count(" in one["sql"] and "audit_labelversion" in one["sql"]]
    assert len(counts) == 1
    assert "LIMIT" in counts[0]
