"""Every address of the API, asked with what no honest program sends: problems with a status of 4xx, never a 500."""

from __future__ import annotations

import json
import re
import uuid
from functools import cache
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, get_resolver
from drf_spectacular.generators import SchemaGenerator

from audit import apitokens
from audit.models import Project, Scope, SyncRun, Task
from exports.models import Export, Report
from exports.reports.service import request_report
from exports.run import request_export
from exportsite.bodies import LARGEST

POSTS = ("/api/v1/exports/", "/api/v1/reports/", "/api/v1/sync-runs/")
MISSING = str(uuid.UUID(int=7))


def routes() -> list[str]:
    """The pattern of every address below /api/v1/."""
    found = []
    for part in get_resolver().url_patterns:
        if str(part.pattern) == "api/v1/":
            found += [f"/api/v1/{one.pattern}" for one in part.url_patterns if isinstance(one, URLPattern)]
    return found


ROUTES = routes()


@cache
def described() -> dict[str, Any]:
    """The operations of each address, its parts in braces left out."""
    paths = SchemaGenerator().get_schema(request=None, public=True)["paths"]
    return {re.sub("{.*?}", "", path): operations for path, operations in paths.items()}


def keys_of(route: str) -> list[str]:
    """The query keys that GET of an address takes."""
    get = described()[re.sub("<.*?>", "", route)].get("get", {})
    return [one["name"] for one in get.get("parameters", ()) if one["in"] == "query"]


@pytest.fixture
def token(db: None) -> Client:
    """A program that may do everything, with the faults of the server as answers."""
    _, secret = apitokens.make(User.objects.create_superuser("root"), "hostile", list(Scope))
    return Client(raise_request_exception=False, headers={"Authorization": f"Bearer {secret}"})


@pytest.fixture
def there(project: Project) -> dict[str, Any]:
    """What fills an address so that it is there."""
    return {
        "projects": project.pk,
        "tasks": Task.objects.get(project=project).pk,
        "sync-runs": SyncRun.objects.create(project=project).pk,
        "exports": request_export(project, "trail").pk,
        "reports": request_report(project).pk,
    }


def filled(route: str, there: dict[str, Any], name: str = "file.zip") -> str:
    kind = route.split("/")[3]
    pk = str(there.get(kind, ""))
    for pattern in ("<int:pk>", "<uuid:pk>"):
        route = route.replace(pattern, pk)
    return route.replace("<str:name>", name).replace("<path:path>", name)


def assert_refused(answer: HttpResponseBase, *statuses: int) -> dict[str, Any]:
    assert answer.status_code in (statuses or range(400, 500)), (answer.status_code, getattr(answer, "content", b""))
    assert answer.headers["Content-Type"] == "application/problem+json"
    told: dict[str, Any] = json.loads(answer.content)  # type: ignore[attr-defined]
    assert set(told) == {"type", "title", "status", "detail", "errors"}
    assert told["status"] == answer.status_code
    assert told["detail"]
    return told


def test_the_addresses_are_found() -> None:
    assert len(ROUTES) > 25


@pytest.mark.parametrize("route", ROUTES)
def test_unknown_keys_of_any_kind_are_named(token: Client, there: dict[str, Any], route: str) -> None:
    address = filled(route, there)
    method = "GET" if token.get(address).status_code != 405 else "POST"
    for query in ("x=1", "%00=1", "%FF%FE=1", "%ED%A0%80=1", "a" * 5000 + "=1", "=", "limit[]=1", "__class__=1"):
        told = assert_refused(token.generic(method, f"{address}?{query}"), 400, 404)
        assert len(told["detail"]) < 2000


@pytest.mark.parametrize("route", ROUTES)
def test_values_of_every_key_are_refused_or_answered(token: Client, there: dict[str, Any], route: str) -> None:
    address = filled(route, there)
    values = ("%00", "%FF", "9" * 5000, "-1", "1e999", "'\"<>;--", "x" * 9000, "²")
    for key in keys_of(route):
        for value in values:
            answer = token.get(f"{address}?{key}={value}")
            assert answer.status_code < 500, (key, value[:20], answer.status_code)
            if answer.status_code >= 400:
                assert_refused(answer)


@pytest.mark.parametrize("route", [route for route in ROUTES if "<" in route])
def test_what_is_not_there_is_404(token: Client, there: dict[str, Any], route: str) -> None:
    missing = dict.fromkeys(there, 10**9) | {"exports": MISSING, "reports": MISSING}
    for name in ("file.zip", "..%2f..%2fetc%2fpasswd", "%00", "%FF", "x" * 5000, "%ED%A0%80"):
        assert_refused(token.get(filled(route, missing, name)), 404, 405)
        if "<str:name>" in route or "<path:path>" in route:
            assert_refused(token.get(filled(route, there, name)), 404)
    for pk in ("9" * 400, "0", "%00", "%ED%A0%80", "1;--", "١"):
        assert_refused(token.get(filled(route, dict.fromkeys(there, pk))), 404, 405)


@pytest.mark.parametrize("route", ROUTES)
def test_methods_that_an_address_does_not_have_are_405(token: Client, there: dict[str, Any], route: str) -> None:
    address = filled(route, there)
    for method in ("TRACE", "OPTIONS", "PATCH", "BREW"):
        assert_refused(token.generic(method, address), 405)


@pytest.mark.parametrize("route", ROUTES)
def test_nobody_and_false_tokens_are_401(there: dict[str, Any], route: str) -> None:
    address = filled(route, there)
    for header in (None, "Bearer", "Bearer x", "Basic cm9vdDpyb290", "Bearer " + "x" * 9000, "Bearer lt_\xff", "\xa0"):
        headers = {} if header is None else {"Authorization": header}
        answer = Client(raise_request_exception=False).get(address, headers=headers)
        assert_refused(answer, 401)
        assert answer.headers["WWW-Authenticate"].startswith("Bearer ")


BODIES = {
    "nothing": b"",
    "no JSON": b"{",
    "a text": b'"x"',
    "a list": b"[]",
    "null": b"null",
    "a name twice": b'{"project": 1, "project": 2}',
    "a number that is none": b'{"project": NaN}',
    "infinity": b'{"project": 1e999}',
    "bad UTF-8": b'{"format": "\xff"}',
    "UTF-16": '{"project": 1}'.encode("utf-16"),
    "a lone surrogate": b'{"format": "\\ud800"}',
    "a lone surrogate in a name": b'{"\\udfff": 1}',
    "NUL": b'{"format": "\\u0000"}',
    "NUL deep inside": b'{"filters": {"words": ["a\\u0000b"]}}',
    "deep lists": b"[" * 100_000 + b"]" * 100_000,
    "deep objects": b'{"a":' * 5000 + b"1" + b"}" * 5000,
    "quite deep": b'{"filters": {"words": ' + b"[" * 900 + b"]" * 900 + b"}}",
    "a huge number": b'{"project": ' + b"9" * 9000 + b"}",
    "a large number": b'{"project": 99999999999999999999999999}',
    "a negative one": b'{"project": -1}',
    "a fraction": b'{"project": 1.0}',
    "true": b'{"project": true}',
    "an unknown member": b'{"projct": 1}',
    "a member of a prototype": b'{"__proto__": {}, "constructor": 1}',
    "a very long name": b'{"' + b"x" * 100_000 + b'": 1}',
    "a very long value": b'{"format": "' + b"x" * 100_000 + b'"}',
}


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("address", POSTS)
def test_bodies_that_ask_for_nothing_are_400(token: Client, project: Project, address: str, body: str) -> None:
    told = assert_refused(token.post(address, BODIES[body], content_type="application/json"), 400)
    assert len(told["detail"]) < 2000
    assert not Export.objects.exists()
    assert not Report.objects.exists()


@pytest.mark.parametrize(
    "given",
    [
        {"filters": {"words": "a\ud7ffb" * 9000}},
        {"filters": {"person": 10**300}},
        {"filters": {"person": [True]}},
        {"filters": {"person": {"id": 1}}},
        {"filters": {"type": ["x"] * 1000}},
        {"filters": {"from": "0000-00-00"}},
        {"filters": {"from": "2026-01-01T00:00:00"}},
        {"filters": {"__class__": "x"}},
        {"parameters": {"encoding": None}},
        {"parameters": {"encoding": ["json"]}},
        {"parameters": {"payload": "maybe"}},
        {"parameters": {"x" * 9000: 1}},
        {"as_of": 2**61},
        {"as_of": -1},
    ],
)
def test_requests_that_have_no_meaning_are_400(token: Client, project: Project, given: dict[str, Any]) -> None:
    body = {"project": project.pk, "format": "trail", **given}
    assert_refused(token.post("/api/v1/exports/", body, content_type="application/json"), 400)
    assert not Export.objects.exists()


def test_a_body_of_another_kind_is_415(token: Client, project: Project) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "a/b", "x"):
        assert_refused(token.generic("POST", "/api/v1/exports/", b'{"project": 1}', content_type=kind), 415)


def test_a_body_that_is_too_long_is_413(token: Client, project: Project) -> None:
    assert_refused(token.post("/api/v1/exports/", b" " * (LARGEST + 1), content_type="application/json"), 413)


def test_keys_of_requests_that_are_none_are_400(token: Client, project: Project) -> None:
    for key in ("", "x" * 256, "\x7f", "\xff\xfe", "a\tb"):
        answer = token.post("/api/v1/exports/", {}, content_type="application/json", headers={"Idempotency-Key": key})
        assert_refused(answer, 400)


def test_an_address_without_its_slash_keeps_what_was_sent(token: Client, project: Project) -> None:
    answer = token.post("/api/v1/exports", {"project": 0}, content_type="application/json")
    assert (answer.status_code, answer["Location"]) == (308, "/api/v1/exports/")


def test_a_foreign_host_and_a_thousand_keys_are_400(token: Client) -> None:
    assert_refused(token.get("/api/v1/projects/", headers={"Host": "evil.example"}), 400)
    assert_refused(token.get("/api/v1/projects/?" + "&".join(f"k{n}=1" for n in range(2000))), 400)


def test_a_session_cookie_that_is_none_is_nobody(db: None) -> None:
    client = Client(raise_request_exception=False)
    for value in ('"\\000\\000\\000\\000\\000\\000\\000\\000\\000"', "x" * 5000, "\xff" * 40):
        answer = client.get("/api/v1/projects/", headers={"Cookie": f"sessionid={value}"})
        assert_refused(answer, 401)


def test_a_fault_of_the_server_is_a_problem_without_its_inside(token: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the inside of the server")

    monkeypatch.setattr("audit.queries.projects.projects", broken)
    answer = token.get("/api/v1/projects/")
    assert (answer.status_code, answer["Content-Type"]) == (500, "application/problem+json")
    assert b"inside" not in answer.content
