from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from django_q.models import OrmQ

from audit.models import Project
from exports.models import Export
from exportsite.models import IdempotencyKey
from tests.exports.api.conftest import Post

EXPORTS = "/api/v1/exports/"


def test_the_same_request_gets_the_same_export(post: Post, project: Project) -> None:
    body = {"project": project.pk, "format": "trail"}
    first = post(EXPORTS, body, **{"Idempotency-Key": "a"})
    again = post(EXPORTS, dict(reversed(body.items())), **{"Idempotency-Key": "a"})
    assert (again.status_code, again["Location"]) == (202, first["Location"])
    assert Export.objects.count() == OrmQ.objects.count() == 1


def test_another_body_under_the_same_key_is_422(post: Post, project: Project) -> None:
    post(EXPORTS, {"project": project.pk, "format": "trail"}, **{"Idempotency-Key": "a"})
    answer = post(EXPORTS, {"project": project.pk, "format": "xes"}, **{"Idempotency-Key": "a"})
    assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")
    assert "another body" in answer.json()["detail"]
    assert Export.objects.count() == 1


def test_another_key_or_none_makes_another_export(post: Post, project: Project) -> None:
    body = {"project": project.pk, "format": "trail"}
    for headers in ({"Idempotency-Key": "a"}, {"Idempotency-Key": "b"}, {}, {}):
        assert post(EXPORTS, body, **headers).status_code == 202
    assert Export.objects.count() == 4


def test_a_refused_request_leaves_its_key_free(post: Post, project: Project) -> None:
    assert post(EXPORTS, {"project": project.pk}, **{"Idempotency-Key": "a"}).status_code == 400
    assert post(EXPORTS, {"project": project.pk, "format": "trail"}, **{"Idempotency-Key": "a"}).status_code == 202


def test_a_key_is_forgotten_after_a_day(post: Post, project: Project) -> None:
    body = {"project": project.pk, "format": "trail"}
    post(EXPORTS, body, **{"Idempotency-Key": "a"})
    IdempotencyKey.objects.update(created_at=timezone.now() - timedelta(hours=25))
    post(EXPORTS, body, **{"Idempotency-Key": "a"})
    assert Export.objects.count() == 2


def test_an_empty_or_endless_key_is_refused(post: Post, project: Project) -> None:
    for key in ("", "x" * 256):
        answer = post(EXPORTS, {"project": project.pk, "format": "trail"}, **{"Idempotency-Key": key})
        assert answer.json()["errors"][0]["field"] == "Idempotency-Key"
