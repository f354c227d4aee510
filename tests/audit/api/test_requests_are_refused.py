"""Every address refuses what it does not take: as a problem document, with the reason."""

from __future__ import annotations

import pytest
from django.test import Client

from audit.models import Project, Task
from tests.factories import make_project, worked_task

LISTS = [
    "projects/",
    "projects/{project}/tasks/",
    "projects/{project}/events/",
    "projects/{project}/active-time/",
    "tasks/{task}/events/",
    "tasks/{task}/active-time/",
]
OBJECTS = ["projects/{project}/", "tasks/{task}/"]
LOG = [
    "projects/{project}/log/checkpoint",
    "projects/{project}/log/proof/inclusion?index=0",
    "projects/{project}/log/proof/consistency?from=1",
    "projects/{project}/log/tile/0/000.p/8",
]
ALL = [*LISTS, *OBJECTS, *LOG]


@pytest.fixture
def project(db: None) -> Project:
    return make_project(worked_task())


def problem(client: Client, address: str, status: int, method: str = "get", **more: str) -> dict:
    answer = getattr(client, method)("/api/v1/" + address, **more)
    assert answer.status_code == status, answer.content[:300]
    assert answer["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert set(body) == {"type", "title", "status", "detail", "errors"}
    assert body["status"] == status
    assert body["detail"]
    return body


def filled(address: str, project: Project) -> str:
    return address.format(project=project.pk, task=Task.objects.get(project=project).pk)


@pytest.mark.parametrize("address", ALL)
def test_it_answers(client: Client, project: Project, address: str) -> None:
    assert client.get("/api/v1/" + filled(address, project)).status_code == 200


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
@pytest.mark.parametrize("address", ALL)
def test_it_refuses_to_change_the_record(client: Client, project: Project, address: str, method: str) -> None:
    assert method.upper() in problem(client, filled(address, project), 405, method)["detail"]


@pytest.mark.parametrize("address", [address for address in ALL if "{" in address])
@pytest.mark.parametrize("pk", ["0", "999999", "9" * 30])
def test_what_is_not_there_is_404(client: Client, project: Project, address: str, pk: str) -> None:
    body = problem(client, address.format(project=pk, task=pk), 404)
    assert pk in body["detail"]


@pytest.mark.parametrize("address", ["", "nothing/", "projects/x/", "projects/-1/", "tasks/"])
def test_an_address_that_does_not_exist_is_404(client: Client, db: None, address: str) -> None:
    assert problem(client, address, 404)["errors"] == []


@pytest.mark.parametrize("address", ALL)
def test_an_unknown_query_key_is_named_with_the_nearest(client: Client, project: Project, address: str) -> None:
    address = filled(address, project)
    key, nearest = "filds", "fields"
    if "/log/" in address:
        key, nearest = "indx", "index" if "inclusion" in address else None
    body = problem(client, address + ("&" if "?" in address else "?") + f"{key}=1", 400)
    (error,) = body["errors"]
    assert (error["field"], error["code"], error["nearest"]) == (key, "unknown", nearest)


@pytest.mark.parametrize("address", LISTS)
@pytest.mark.parametrize(
    ("query", "field"), [("limit=0", "limit"), ("limit=x", "limit"), ("cursor=x", "cursor"), ("order=up", "order")]
)
def test_a_wrong_page_is_refused(client: Client, project: Project, address: str, query: str, field: str) -> None:
    body = problem(client, filled(address, project) + "?" + query, 400)
    assert [error["field"] for error in body["errors"]] == [field]


@pytest.mark.parametrize("address", [*LISTS, *OBJECTS])
@pytest.mark.parametrize(("fields", "nearest"), [("idd", "id"), ("name.x", None), ("id,", None), (",", None)])
def test_an_unknown_field_is_refused(
    client: Client, project: Project, address: str, fields: str, nearest: str | None
) -> None:
    address = filled(address, project) + f"?fields={fields}"
    if fields in ("id,", ","):
        assert client.get("/api/v1/" + address).status_code == 200
        return
    body = problem(client, address, 400)
    assert body["errors"][0]["field"] == "fields"
    if nearest:
        assert body["errors"][0]["nearest"] == nearest


@pytest.mark.parametrize("address", [*LISTS, *OBJECTS])
def test_another_media_type_is_refused(client: Client, project: Project, address: str) -> None:
    assert "Accept" in problem(client, filled(address, project), 406, HTTP_ACCEPT="application/xml")["detail"]


@pytest.mark.parametrize(
    "query",
    [
        "",
        "index=",
        "index=-1",
        "index=8",
        "index=x",
        "index=0&size=9",
        "index=0&size=0",
        "index=5&size=5",
        "index=" + "9" * 40,
    ],
)
def test_a_wrong_inclusion_proof_is_refused(client: Client, project: Project, query: str) -> None:
    body = problem(client, f"projects/{project.pk}/log/proof/inclusion?{query}", 400)
    assert {error["field"] for error in body["errors"]} <= {"index", "size"}
    assert body["errors"]


@pytest.mark.parametrize("query", ["", "from=0", "from=9", "from=x", "from=3&to=2", "from=1&to=9"])
def test_a_wrong_consistency_proof_is_refused(client: Client, project: Project, query: str) -> None:
    body = problem(client, f"projects/{project.pk}/log/proof/consistency?{query}", 400)
    assert {error["field"] for error in body["errors"]} <= {"from", "to"}
    assert body["errors"]


@pytest.mark.parametrize(
    "path",
    [
        "0/000",
        "0/000.p/9",
        "0/000.p/0",
        "0/000.p/08",
        "0/000.p/256",
        "0/001.p/1",
        "1/000.p/1",
        "64/000",
        "0/0",
        "0/x000/000",
        "..",
        "0/000.p/8/",
    ],
)
def test_a_tile_that_is_not_there_is_404(client: Client, project: Project, path: str) -> None:
    assert problem(client, f"projects/{project.pk}/log/tile/{path}", 404)["errors"] == []


def test_a_log_without_events_has_no_proofs_and_no_checkpoint(client: Client, db: None) -> None:
    empty = make_project(signed=False)
    problem(client, f"projects/{empty.pk}/log/checkpoint", 404)
    problem(client, f"projects/{empty.pk}/log/proof/inclusion?index=0", 404)
    problem(client, f"projects/{empty.pk}/log/proof/consistency?from=1", 404)
