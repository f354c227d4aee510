"""The pages of syncs: where each project stands, what failed in words, and beginning, watching and ending a run."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from lxml import html

from audit.live import hooks
from audit.live.run import request_sync
from audit.live.schedules import add_usual
from audit.models import Mode, Project, ServiceOutbox, Source, SyncRun
from exportsite.jobs import State
from tests.factories import make_project, worked_task


@pytest.fixture
def project(db: None) -> Project:
    """As if it was read over an API."""
    return live("Liver lesions")


def live(name: str) -> Project:
    made = make_project(worked_task(), name=name)
    Source.objects.filter(pk=made.source_id).update(kind="redbrick")
    found = Project.objects.select_related("source", "log").get(pk=made.pk)
    add_usual(found)
    return found


def begin(client: Client, project: Project, **values: object) -> Any:
    return client.post(f"/projects/{project.pk}/sync/", {"once": str(uuid.uuid4()), **values})


def fail(run: SyncRun, code: str, text: str) -> None:
    now = timezone.now()
    SyncRun.objects.filter(pk=run.pk).update(
        state=State.FAILED, error_code=code, error_text=text, started_at=now, finished_at=now
    )


@pytest.mark.parametrize("mode", ["full", "incremental"])
def test_a_sync_is_begun_and_watched(client: Client, project: Project, mode: str) -> None:
    answer = begin(client, project, mode=mode)
    run = SyncRun.objects.get(mode=mode)
    assert answer.status_code == 303
    assert answer["Location"] == f"/sync/runs/{run.pk}/"
    assert (run.state, run.created_by) == (State.QUEUED, "root")
    assert ServiceOutbox.objects.filter(type="sync.requested").count() == 1
    text = client.get(answer["Location"]).content.decode()
    assert f'hx-get="/sync/runs/{run.pk}/progress/"' in text
    assert "Waiting for a worker" in text


def test_a_form_sent_twice_begins_one(client: Client, project: Project) -> None:
    form = {"once": str(uuid.uuid4()), "mode": "full"}
    first, second = (client.post(f"/projects/{project.pk}/sync/", form) for _ in range(2))
    assert first["Location"] == second["Location"]
    assert SyncRun.objects.filter(mode="full").count() == 1


def test_a_second_sync_is_refused_in_words_with_the_way_to_the_first(client: Client, project: Project) -> None:
    first = request_sync(project, Mode.FULL)
    answer = begin(client, project, mode="incremental")
    assert answer.status_code == 409
    text = answer.content.decode()
    assert "waits for a worker already" in text
    assert f'href="/sync/runs/{first.pk}/"' in text


def test_a_project_of_files_is_not_synced(client: Client, db: None) -> None:
    files = make_project(worked_task())
    text = client.get(f"/projects/{files.pk}/sync/").content.decode()
    assert "read from files" in text
    assert "Sync now" not in text
    answer = begin(client, files, mode="full")
    assert answer.status_code == 400
    assert "load its file again" in answer.content.decode()


@pytest.mark.parametrize("mode", ["load", "all", "<b>"])
def test_an_unknown_mode_is_refused(client: Client, project: Project, mode: str) -> None:
    answer = begin(client, project, mode=mode)
    assert answer.status_code == 400
    assert "The mode" in answer.content.decode()
    assert not SyncRun.objects.filter(created_by="root").exists()


def test_a_form_without_its_token_is_refused(client: Client, project: Project) -> None:
    assert client.post(f"/projects/{project.pk}/sync/", {"mode": "full"}).status_code == 400
    assert not SyncRun.objects.filter(created_by="root").exists()


def test_it_is_cancelled_by_its_form(client: Client, project: Project) -> None:
    run = request_sync(project, Mode.FULL)
    assert "What was recorded so far stays" in client.get(f"/sync/runs/{run.pk}/cancel/").content.decode()
    assert client.post(f"/sync/runs/{run.pk}/cancel/").status_code == 303
    run.refresh_from_db()
    assert run.state == State.CANCELLED
    assert "What was recorded until then stays." in client.get(f"/sync/runs/{run.pk}/").content.decode()


def test_a_failure_stands_first_in_words_with_what_to_do(client: Client, project: Project) -> None:
    run = request_sync(project, Mode.FULL)
    fail(run, "key", "RedBrick AI does not accept the API key (401).")
    for address in ("/sync/", f"/projects/{project.pk}/sync/", f"/sync/runs/{run.pk}/"):
        text = client.get(address).content.decode()
        assert "RedBrick AI does not accept the API key (401)." in text, address
        assert "<b>Nothing is lost.</b>" in text
        assert "<b>To do:</b> An operator gives the source a new key" in text


def test_a_complete_pass_says_so(client: Client, project: Project) -> None:
    run = request_sync(project, Mode.FULL)
    SyncRun.objects.filter(pk=run.pk).update(
        state=State.SUCCEEDED,
        found=2065,
        added=112,
        message="Complete: 84 tasks, as many as the source says it has.",
        result={"tasks": 84, "deleted": 1, "diverged": 3},
    )
    text = client.get(f"/sync/runs/{run.pk}/").content.decode()
    assert "Complete: 84 tasks" in text
    assert "112 events were new" in text
    assert f'href="/projects/{project.pk}/events/?type=source.diverged">3</a>' in text


def test_each_project_has_its_state_and_its_next_time(client: Client, project: Project) -> None:
    make_project(worked_task(), name="From a file")
    page = html.fromstring(client.get("/sync/").content)
    rows = {row.xpath("string(th)"): row.xpath("string(.)") for row in page.xpath("//table[.//th='Schedule']//tr")}
    assert "Never complete yet" in rows["Liver lesions"]
    assert "every 15 minutes" in rows["Liver lesions"]
    assert "in 14 min" in rows["Liver lesions"]
    assert "From files" in rows["From a file"]
    Project.objects.filter(pk=project.pk).update(complete_at=timezone.now())
    assert "In step" in client.get("/sync/").content.decode()


def test_runs_are_listed_by_state_and_project(client: Client, project: Project) -> None:
    run = request_sync(project, Mode.FULL)
    fail(run, "busy", "Too many requests.")
    other = request_sync(live("Another"), Mode.FULL)
    failed = client.get("/sync/runs/?state=failed").content.decode()
    assert f"/sync/runs/{run.pk}/" in failed
    assert f"/sync/runs/{other.pk}/" not in failed
    own = client.get(f"/sync/runs/?project={other.project_id}").content.decode()
    assert f"/sync/runs/{other.pk}/" in own
    assert f"/sync/runs/{run.pk}/" not in own


def test_who_may_not_see_a_project_does_not_see_its_runs(client: Client, project: Project) -> None:
    run = request_sync(project, Mode.FULL)
    stranger = Client()
    stranger.force_login(User.objects.create_user("stranger"))
    for address in ("/sync/", "/sync/runs/"):
        assert "Liver lesions" not in stranger.get(address).content.decode()
    for address in (f"/sync/runs/{run.pk}/", f"/sync/runs/{run.pk}/progress/", f"/projects/{project.pk}/sync/"):
        assert stranger.get(address).status_code == 404


@pytest.mark.parametrize("address", ["/sync/runs/0/", "/sync/runs/9999999999999999999999/", "/sync/runs/x/"])
def test_what_is_not_there_is_404(client: Client, address: str) -> None:
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("query", ["state=odd", "project=x", "limit=0", "utm=1"])
def test_a_wrong_query_is_400(client: Client, query: str) -> None:
    assert client.get(f"/sync/runs/?{query}").status_code == 400


@pytest.mark.parametrize("address", ["/sync/", "/sync/runs/", "/sync/runs/{run}/", "/sync/runs/{run}/progress/"])
def test_they_are_only_read(client: Client, project: Project, address: str) -> None:
    run = request_sync(project, Mode.FULL)
    assert client.post(address.format(run=run.pk)).status_code == 405


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "\u202egnp.exe\u200b", "\x1b[2J", "x" * 50_000])
def test_hostile_texts_are_shown_and_not_obeyed(client: Client, project: Project, text: str) -> None:
    run = request_sync(project, Mode.FULL, text[:100])
    fail(run, "refused", text)
    Project.objects.filter(pk=project.pk).update(name=text)
    Source.objects.filter(pk=project.source_id).update(name=text)
    for address in ("/sync/", "/sync/runs/", f"/sync/runs/{run.pk}/", f"/projects/{project.pk}/sync/"):
        shown = client.get(address).content.decode()
        main = shown.split("<main")[1]
        assert "<script>alert" not in shown
        assert len(shown) < 60_000
        assert not {"\u202e", "\u200b", "\x1b"} & set(main)


def test_the_page_takes_as_many_statements_for_five_projects_as_for_one(client: Client, project: Project) -> None:
    def statements() -> int:
        client.get("/sync/")
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/sync/").status_code == 200
        return len(queries)

    request_sync(project, Mode.FULL)
    one = statements()
    for number in range(4):
        request_sync(live(f"Another {number}"), Mode.FULL)
    assert statements() == one
    assert one <= 20


def test_a_load_that_failed_says_where_its_options_are_and_how_to_load_again(client: Client, db: None) -> None:
    now = timezone.now()
    run = SyncRun.objects.create(mode=Mode.LOAD, state=State.FAILED, error_code="refused", started_at=now,
                                 finished_at=now, error_text="no column holds the task: use --column")  # fmt: skip
    text = client.get(f"/sync/runs/{run.pk}/").content.decode()
    assert "Options that begin with -- are those of manage.py load" in text
    assert 'href="/projects/load/"' in text
    SyncRun.objects.filter(pk=run.pk).update(error_text="The file is empty.")
    assert "Options that begin with" not in client.get(f"/sync/runs/{run.pk}/").content.decode()


def test_whether_a_webhook_is_taken_is_said_without_its_secret(client: Client, project: Project) -> None:
    assert "No messages are taken" in client.get(f"/projects/{project.pk}/sync/").content.decode()
    hooks.renew(project)
    text = client.get(f"/projects/{project.pk}/sync/").content.decode()
    assert "Messages are taken" in text
    assert f"python manage.py hook {project.pk}" in text
    assert hooks.address_key(project) not in text
    assert hooks.signing_key(project) not in text
