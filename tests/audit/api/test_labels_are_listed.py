"""Labels over the API and beside a trail: those that hold now, with their payloads when these are asked for."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from audit import sources
from audit.models import LabelVersion, Project, Task
from audit.sources.base import LabelDetails
from audit.sources.files.reading import FilesReading
from tests.factories import AMARA, MEI, START, make_event, make_project, worked_task


class WithLabels(FilesReading):
    """Reads the payloads that `label` makes."""

    def label_details(self, content: bytes) -> LabelDetails | None:
        found = json.loads(content)
        return LabelDetails(found["id"], found["kind"], START, found.get("ms"), "Review", found.get("skipped", False))


def label(id_: str, type_: str, minute: float, kind: str = "DEFAULT", task: str = "T1", **more: Any) -> Any:
    content = json.dumps({"id": id_, "kind": kind, "by": AMARA.external_id, **more}).encode()
    return make_event(task, type_, minute, more.get("actor", AMARA), content=content, key_fields=(id_, str(minute)))


@pytest.fixture
def project(db: None, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setitem(sources.READINGS, "file", WithLabels())
    return make_project(
        [
            *worked_task("T1"),
            label("L1", "label.created", 500, ms=1000),
            label("L2", "label.created", 501, kind="REVIEW"),
            label("L1", "label.updated", 502, ms=2000, skipped=True),
            label("L3", "label.created", 503),
            label("L3", "label.deleted", 504),
            *worked_task("T2", 600),
            label("L1", "label.created", 900, task="T2"),
        ]
    )


def get(client: Client, address: str) -> Any:
    answer = client.get("/api/v1/" + address)
    assert answer.status_code == 200, answer.content[:300]
    return answer.json()["results"]


def task_of(project: Project) -> int:
    return Task.objects.get(project=project, external_id="T1").pk


def test_the_newest_version_of_each_label_is_listed(client: Client, project: Project) -> None:
    rows = get(client, f"tasks/{task_of(project)}/labels/")
    assert [(row["external_id"], row["number"], row["milliseconds"], row["skipped"]) for row in rows] == [
        ("L2", 1, None, False),
        ("L1", 2, 2000, True),
    ]
    assert rows[0]["person"]["name"] == AMARA.name
    assert rows[0]["payload"] is None


def test_earlier_versions_and_removed_labels_come_when_they_are_asked_for(client: Client, project: Project) -> None:
    rows = get(client, f"tasks/{task_of(project)}/labels/?versions=true")
    told = [(row["external_id"], row["number"], row["milliseconds"], row["until"] is None) for row in rows]
    assert told == [("L1", 1, 1000, False), ("L2", 1, None, True), ("L1", 2, 2000, True), ("L3", 1, None, False)]
    assert rows[0]["until"] == rows[2]["index"]
    assert rows[3]["until"] == rows[3]["index"] + 1
    narrowed = get(client, f"tasks/{task_of(project)}/labels/?versions=true&kind=DEFAULT&limit=2")
    assert [row["external_id"] for row in narrowed] == ["L1", "L1"]


@pytest.mark.parametrize("address", ["tasks/{task}/labels/?versions=all", "projects/{project}/labels/?versions=true"])
def test_versions_are_true_or_false_and_of_a_task_alone(client: Client, project: Project, address: str) -> None:
    answer = client.get("/api/v1/" + address.format(task=task_of(project), project=project.pk))
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "versions")


def test_versions_end_where_the_next_begins(project: Project) -> None:
    held = LabelVersion.objects.filter(task=task_of(project), external_id="L1").order_by("from_index")
    first, second = held
    assert (first.number, first.to_index) == (1, second.from_index)
    assert (second.number, second.to_index) == (2, None)
    gone = LabelVersion.objects.get(task=task_of(project), external_id="L3")
    assert gone.to_index == gone.from_index + 1


def test_payloads_come_with_people_put_back(client: Client, project: Project) -> None:
    rows = get(client, f"projects/{project.pk}/labels/?payload=true&order=oldest")
    assert [json.loads(row["payload"])["id"] for row in rows] == ["L2", "L1", "L1"]
    assert {json.loads(row["payload"])["by"] for row in rows} == {AMARA.external_id}


@pytest.mark.parametrize(
    ("query", "ids"),
    [("kind=REVIEW", ["L2"]), ("kind=DEFAULT&stage=Review", ["L1", "L1"]), ("stage=Label", []), ("kind=NONE", [])],
)
def test_labels_are_filtered(client: Client, project: Project, query: str, ids: list[str]) -> None:
    assert [row["external_id"] for row in get(client, f"projects/{project.pk}/labels/?{query}")] == ids


def test_labels_of_a_person_are_found(client: Client, project: Project) -> None:
    amara = get(client, f"projects/{project.pk}/labels/")[0]["person"]["id"]
    assert len(get(client, f"projects/{project.pk}/labels/?person={amara}")) == 3
    other = make_project([make_event(actor=MEI)])
    answer = client.get(f"/api/v1/projects/{other.pk}/labels/?person={amara}")
    assert answer.status_code == 400


@pytest.mark.parametrize("query", ["payload=yes", "type=label.created", "kinds=REVIEW"])
def test_what_is_not_known_is_refused(client: Client, project: Project, query: str) -> None:
    assert client.get(f"/api/v1/projects/{project.pk}/labels/?{query}").status_code == 400


def test_the_trail_shows_its_labels(client: Client, project: Project) -> None:
    page = client.get(f"/tasks/{task_of(project)}/").content.decode()
    assert "<h3>Labels</h3>" in page
    assert "version 2" in page
    assert "skipped" in page


def test_the_trail_leads_to_earlier_versions(client: Client, project: Project) -> None:
    first = LabelVersion.objects.get(task=task_of(project), external_id="L1", number=1)
    page = client.get(f"/tasks/{task_of(project)}/").content.decode()
    assert f'Before: <a href="/projects/{project.pk}/events/{first.from_index}/">version 1</a></span>' in page
    assert page.count("Before:") == 1
