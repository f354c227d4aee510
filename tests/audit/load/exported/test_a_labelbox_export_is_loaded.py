"""An NDJSON export of Labelbox becomes a project of tasks, labels, moves and active time; again it adds nothing."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from audit.log.verify import verify
from audit.models import ActiveTime, Event, LabelVersion, Project, Task
from audit.sources import neutral
from tests.fakes.labelbox_story import TEMPLATES, golden

ROWS = [row for name in TEMPLATES for row in golden(name)]


def load(tmp_path: Path, content: Any, *more: str) -> str:
    path = tmp_path / "export.ndjson"
    path.write_text(content if isinstance(content, str) else "".join(json.dumps(row) + "\n" for row in content))
    out = StringIO()
    call_command("load", str(path), "--project", "Fixtures", *more, stdout=out, stderr=out)
    return out.getvalue()


def test_data_rows_are_tasks_with_labels_moves_and_times(db: None, tmp_path: Path) -> None:
    assert "Read as an export of Labelbox (--kind labelbox)." in load(tmp_path, ROWS)
    project = Project.objects.get()
    names = dict(Task.objects.values_list("external_id", "name"))
    assert names == {row["data_row"]["id"]: row["data_row"]["external_id"] for row in ROWS}
    labels = sum(len(found["labels"]) for row in ROWS for found in row["projects"].values())
    assert LabelVersion.objects.count() == labels
    assert Event.objects.filter(type="task.moved").count() > len(ROWS)
    assert ActiveTime.objects.filter(stage="review").exists()
    assert verify(project.log).holds


@pytest.mark.parametrize("form", ["array", "ndjson with a byte order mark and empty lines"])
def test_the_same_rows_in_another_form_add_nothing(db: None, tmp_path: Path, form: str) -> None:
    load(tmp_path, ROWS)
    before = Event.objects.count()
    other = json.dumps(ROWS, indent=1) if form == "array" else "\ufeff" + "\n\n".join(map(json.dumps, ROWS))
    assert " 0 added" in load(tmp_path, other)
    assert Event.objects.count() == before


def test_all_labels_can_be_said_with_what_was_learned_from_them(db: None, tmp_path: Path) -> None:
    load(tmp_path, ROWS)
    said = neutral("labelbox")
    project, *_ = _contents("project.updated")
    ontology = said.ontology(project)
    tasks = {json.loads(task)["data_row"]["id"]: task for task in _contents("task.updated")}
    for event in Event.objects.filter(type="label.created").select_related("task"):
        (label,) = event.disclosures.filter(group="content").values_list("data", flat=True)
        assert event.task is not None
        assert said.annotations(bytes(label), tasks[event.task.external_id], ontology).problems == ()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ([*ROWS, ROWS[0]], "line 16: there are two data rows"),
        ([ROWS[0], {"data_row": {}}], 'line 2: a line of a Labelbox export has a "data_row" with an "id"'),
        (json.dumps(ROWS[0]) + '\n{"data_row": {', "line 2: this is no JSON"),
        (golden("catalog_image"), "2 projects"),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_line(db: None, tmp_path: Path, content: Any, why: str) -> None:
    with pytest.raises(CommandError, match=why):
        load(tmp_path, content)


def _contents(type_: str) -> list[bytes]:
    found = Event.objects.filter(type=type_, disclosures__group="content")
    return [bytes(data) for data in found.values_list("disclosures__data", flat=True)]
