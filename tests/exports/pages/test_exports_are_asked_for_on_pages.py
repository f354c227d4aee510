"""The builder of exports: what it offers, what it counts, and that it asks for what was chosen."""

from __future__ import annotations

import pytest
from django.test import Client

from audit.models import Project, ServiceOutbox
from exports.formats import FORMATS
from exports.models import Export
from exports.run import request_export
from exportsite.jobs import State, perform
from tests.exports.pages.conftest import Send
from tests.factories import make_event, make_project, worked_task


def test_the_chosen_export_is_queued_and_its_page_opens(client: Client, send: Send, project: Project) -> None:
    answer = send("/exports/new/", project=project.pk, format="trail", type="review.rejected", **{"p-encoding": "csv"})
    export = Export.objects.get()
    assert answer.status_code == 303
    assert answer["Location"] == f"/exports/{export.pk}/"
    assert export.state == State.QUEUED
    assert export.created_by == "root"
    assert export.asked == {"parameters": {"encoding": "csv"}, "filters": {"type": "review.rejected"}, "as_of": None}
    assert client.get(answer["Location"]).status_code == 200
    perform(Export, export.pk)
    export.refresh_from_db()
    assert export.counts["written"]["events"] == 1


def test_asking_is_noted_in_the_services_log(send: Send, project: Project) -> None:
    send("/exports/new/", project=project.pk, format="trail")
    assert ServiceOutbox.objects.filter(type="export.requested").count() == 1


def test_several_values_of_a_filter_and_an_earlier_size_are_asked_for(send: Send, project: Project) -> None:
    send(
        "/exports/new/",
        project=project.pk,
        format="xes",
        as_of="7",
        type=["review.rejected", "review.accepted", ""],
        words=" ",
    )
    export = Export.objects.get()
    assert export.as_of == 7
    assert export.asked["filters"] == {"type": ["review.rejected", "review.accepted"]}


def test_the_only_project_is_chosen_and_the_first_format_that_applies(client: Client, project: Project) -> None:
    text = client.get("/exports/new/").content.decode()
    assert f'<option value="{project.pk}" selected>' in text
    assert 'value="trail" checked' in text


def test_of_several_projects_one_has_to_be_chosen(client: Client, send: Send, project: Project) -> None:
    make_project(name="Another")
    assert "Choose a project first." in client.get("/exports/new/").content.decode()
    answer = send("/exports/new/", format="trail")
    assert answer.status_code == 400
    assert "Choose the project that the export is of." in answer.content.decode()
    assert not Export.objects.exists()


def test_what_is_in_the_address_is_filled_in(client: Client, project: Project) -> None:
    query = f"project={project.pk}&format=xes&type=review.rejected&from=2026-03-02&as_of=3&p-audit=none"
    text = client.get(f"/exports/new/?{query}").content.decode()
    assert '<input type="checkbox" name="type" value="review.rejected" checked>' in text
    assert 'name="from" value="2026-03-02"' in text
    assert 'name="as_of" inputmode="numeric" size="16" list="sizes" value="3"' in text
    assert '<option value="none" selected>' in text
    assert 'value="xes" checked' in text


def test_it_counts_what_matches_now(client: Client, project: Project) -> None:
    text = client.get(f"/exports/new/?project={project.pk}&type=review.rejected").content.decode()
    assert "<dt>Matching events</dt><dd>1</dd>" in text
    assert "would be empty" not in text
    none = client.get(f"/exports/new/?project={project.pk}&external_id=nowhere").content.decode()
    assert "the export would be empty" in none
    whole = client.get(f"/exports/new/?project={project.pk}").content.decode()
    assert "<dt>Tasks</dt><dd>1</dd>" in whole


def test_a_format_that_does_not_apply_says_why(
    client: Client, send: Send, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(FORMATS["xes"]), "refusal", lambda self, about: "It has no plane <with> coordinates.")
    text = client.get(f"/exports/new/?project={project.pk}").content.decode()
    assert "It has no plane &lt;with&gt; coordinates." in text
    assert 'value="xes"' not in text
    answer = send("/exports/new/", project=project.pk, format="xes")
    assert answer.status_code == 400
    assert "It has no plane" in answer.content.decode()
    assert not Export.objects.exists()


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"format": "coko"}, "The format “coko” is not known."),
        ({"type": "review.reject"}, "Did you mean “review.rejected”?"),
        ({"from": "2026-09"}, "is no date or time"),
        ({"from": "2026-03-02T10:00"}, "has no time zone"),
        ({"person": "nobody"}, "Nobody in this project"),
        ({"as_of": "9"}, "The log has 8 events"),
        ({"as_of": "many"}, "is no size of the log"),
        ({"as_of": "9" * 40}, "is no size of the log"),
        ({"p-encoding": "yaml"}, "“encoding” “yaml” is not known"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_what_was_entered_stays(
    send: Send, project: Project, values: dict[str, str], said: str
) -> None:
    answer = send("/exports/new/", **{"project": project.pk, "format": "trail", "words": "lesion", **values})
    text = answer.content.decode()
    assert answer.status_code == 400
    assert said in text
    assert 'aria-invalid="true"' in text or "w-format" in text
    assert 'name="words" value="lesion"' in text
    assert not Export.objects.exists()


def test_an_empty_project_is_refused_in_words(send: Send, db: None) -> None:
    empty = make_project(name="Empty", signed=False)
    answer = send("/exports/new/", project=empty.pk, format="trail")
    assert answer.status_code == 400
    assert "has no events yet" in answer.content.decode()


def test_looking_again_leads_to_an_address_that_can_be_kept(send: Send, project: Project) -> None:
    answer = send("/exports/new/", project=project.pk, format="trail", type=["", "task.created"], look="1")
    assert answer.status_code == 303
    assert answer["Location"] == f"/exports/new/?project={project.pk}&format=trail&type=task.created"
    assert not Export.objects.exists()


def test_the_list_of_events_leads_to_an_export_of_exactly_these(client: Client, project: Project) -> None:
    text = client.get(f"/projects/{project.pk}/events/?type=review.rejected&order=oldest").content.decode()
    assert f'href="/exports/new/?type=review.rejected&amp;project={project.pk}"' in text


def test_the_list_of_tasks_leads_to_an_export_of_exactly_these(client: Client, send: Send, db: None) -> None:
    project = make_project([*worked_task("T1"), *worked_task("T2", 500), make_event("T3", "task.created", 9)])
    text = client.get(
        f"/projects/{project.pk}/tasks/?stage=Ground truth&words=T1&from=&status=accepted"
    ).content.decode()
    address = f"/exports/new/?project={project.pk}&task_stage=Ground+truth&status=accepted&task_words=T1"
    assert f'href="{address.replace("&", "&amp;")}"' in text
    page = client.get(address).content.decode()
    assert "<dt>Matching tasks</dt><dd>1</dd>" in page
    send("/exports/new/", project=project.pk, format="trail", task_stage="Ground truth", task_words="T1")
    export = Export.objects.get()
    perform(Export, export.pk)
    export.refresh_from_db()
    assert export.counts["written"] == {"tasks": 1, "events": 8, "active_times": 2}


def test_the_list_tells_exports_of_one_format_apart(client: Client, project: Project) -> None:
    request_export(project, "trail", created_by="mei")
    request_export(project, "trail", parameters={"encoding": "csv", "people": "names"}, created_by="mei")
    request_export(project, "trail", filters={"stage": "Label"}, created_by="mei")
    page = client.get("/exports/").content.decode()
    assert page.count("Encoding: csv") == 1
    assert page.count("filtered by stage") == 1
    assert "People: names" not in page
