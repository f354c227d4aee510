from __future__ import annotations

from django.test import Client

from audit.log.append import Appender
from audit.models import Project
from exports.models import Export, Report
from exportsite.jobs import State
from tests.exports.api.conftest import Post
from tests.factories import make_event


def test_it_is_another_run_of_the_same_state_of_the_log(post: Post, finished: Export, project: Project) -> None:
    with Appender(project) as log:
        log.add(make_event("T2", "task.created", 500))
    answer = post(f"/api/v1/exports/{finished.pk}/again/")
    assert answer.status_code == 202
    made = Export.objects.get(pk=answer.json()["id"])
    assert (made.pk != finished.pk, made.state, made.as_of) == (True, State.QUEUED, finished.as_of)
    assert made.resolved == finished.resolved
    assert answer["Location"] == f"/api/v1/exports/{made.pk}/"


def test_a_failed_report_is_asked_for_again(post: Post, project: Project) -> None:
    first = post("/api/v1/reports/", {"project": project.pk, "redact": True}).json()["id"]
    Report.objects.filter(pk=first).update(state=State.FAILED)
    answer = post(f"/api/v1/reports/{first}/again/")
    assert answer.status_code == 202
    assert Report.objects.get(pk=answer.json()["id"]).asked["redact"] is True


def test_the_same_key_makes_one(post: Post, finished: Export) -> None:
    made = {post(f"/api/v1/exports/{finished.pk}/again/", **{"Idempotency-Key": "k"}).json()["id"] for _ in range(2)}
    assert len(made) == 1
    assert Export.objects.count() == 2


def test_there_is_nothing_to_ask_again_of_a_run_that_is_not_there(client: Client, post: Post, finished: Export) -> None:
    assert post("/api/v1/exports/00000000-0000-4000-8000-000000000000/again/").status_code == 404
    assert post(f"/api/v1/reports/{finished.pk}/again/").status_code == 404
    assert client.get(f"/api/v1/exports/{finished.pk}/again/").status_code == 405
