"""What the API answers: pages that follow on, picked fields, rows as documented."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from audit.models import Project, Task
from tests.factories import AMARA, make_event, make_project, worked_task


@pytest.fixture
def project(db: None) -> Project:
    return make_project([*worked_task("T1"), *worked_task("T2", 3000)])


def get(client: Client, address: str) -> Any:
    answer = client.get(address if address.startswith("http") else "/api/v1/" + address)
    assert answer.status_code == 200, answer.content[:300]
    return answer.json()


@pytest.mark.parametrize(
    "path", ["projects/", "projects/{0}/tasks/", "projects/{0}/events/", "projects/{0}/active-time/"]
)
def test_next_leads_through_the_whole_list(client: Client, project: Project, path: str) -> None:
    make_project([make_event()])
    whole = get(client, path.format(project.pk) + "?limit=500")
    found, address = [], path.format(project.pk) + "?limit=1"
    while address:
        page = get(client, address)
        assert page["count"] == whole["count"]
        found += page["results"]
        address = page["next"]
    assert found == whole["results"]
    assert len(found) == whole["count"]["value"] > 1


def test_next_keeps_the_filters(client: Client, project: Project) -> None:
    page = get(client, f"projects/{project.pk}/events/?type=review.accepted&type=review.rejected&limit=3&fields=type")
    rest = get(client, page["next"])
    types = [row["type"] for row in [*page["results"], *rest["results"]]]
    assert types == ["review.accepted", "review.rejected"] * 2
    assert set(rest["results"][0]) == {"type"}


def test_a_trail_begins_with_its_first_event_unless_asked_otherwise(client: Client, project: Project) -> None:
    task = Task.objects.get(project=project, external_id="T1").pk
    numbers = [row["n"] for row in get(client, f"tasks/{task}/events/")["results"]]
    assert numbers == list(range(1, 9))
    assert [row["n"] for row in get(client, f"tasks/{task}/events/?order=newest")["results"]] == numbers[::-1]


def test_an_event_says_what_happened_and_where_the_log_holds_it(client: Client, project: Project) -> None:
    row = get(client, f"projects/{project.pk}/events/?type=review.rejected&order=oldest&limit=1")["results"][0]
    assert row["sentence"] == "Rejected by Mei Tanaka at Review, back to Label"
    assert (row["index"], row["n"], row["task"]["external_id"]) == (4, 5, "T1")
    assert row["text"] == "Lesion 2 is missing."
    assert row["actor"]["email"] == "mei@example.org"
    assert row["envelope"].startswith('{"actor":"')


def test_fields_pick_parts_of_parts(client: Client, project: Project) -> None:
    rows = get(client, f"projects/{project.pk}/events/?limit=1&fields=index,actor.label,actor.id")["results"]
    assert [list(row) for row in rows] == [["index", "actor"]]
    assert list(rows[0]["actor"]) == ["id", "label"]


def test_a_whole_field_wins_over_a_part_of_it(client: Client, project: Project) -> None:
    rows = get(client, f"projects/{project.pk}/events/?limit=1&fields=actor.label,actor")["results"]
    assert len(rows[0]["actor"]) > 1


def test_a_project_is_found_by_its_id_at_the_source(client: Client, project: Project) -> None:
    found = get(client, f"projects/?external_id={project.external_id}")
    assert [row["id"] for row in found["results"]] == [project.pk]
    assert found["count"] == {"value": 1, "exact": True}
    assert get(client, "projects/?external_id=none")["results"] == []


def test_a_project_states_its_log(client: Client, project: Project) -> None:
    row = get(client, f"projects/{project.pk}/")
    assert row["log"]["size"] == row["log"]["checkpoint_size"] == row["events"] == 16
    unsigned = make_project([make_event()], signed=False)
    assert get(client, f"projects/{unsigned.pk}/")["log"]["checkpoint_size"] is None


def test_active_time_is_what_holds_now(client: Client, project: Project) -> None:
    rows = get(client, f"projects/{project.pk}/active-time/?order=oldest")["results"]
    assert [(row["milliseconds"], row["cycle"]) for row in rows] == [(1_800_000, 1), (600_000, 2)] * 2
    person = rows[0]["person"]["pseudonym"]
    assert len(get(client, f"projects/{project.pk}/active-time/?person={person}")["results"]) == 4
    assert get(client, f"projects/{project.pk}/active-time/?stage=Review")["results"] == []


def test_an_erased_person_is_only_a_pseudonym(client: Client, db: None) -> None:
    from audit.models import Identity

    project = make_project([make_event(actor=AMARA)])
    Identity.objects.update(data=None)
    person = get(client, f"projects/{project.pk}/events/")["results"][0]["actor"]
    assert person["erased"] is True
    assert person["label"] == person["pseudonym"]
    assert person["name"] is person["email"] is person["external_id"] is None


def test_the_description_in_the_documentation_is_the_current_one(tmp_path: Path) -> None:
    call_command("spectacular", file=str(tmp_path / "openapi.yaml"), validate=True, fail_on_warn=True)
    kept = Path(__file__).resolve().parents[3] / "docs" / "openapi.yaml"
    assert (tmp_path / "openapi.yaml").read_text() == kept.read_text(), (
        "run manage.py spectacular --file docs/openapi.yaml"
    )


def test_the_viewer_comes_from_here(client: Client, db: None) -> None:
    answer = client.get("/api/docs/")
    assert answer.status_code == 200
    assert b"//cdn" not in answer.content
    assert "unsafe-inline" not in answer["Content-Security-Policy"]
