"""Pages of exports and reports answer wrong requests with words: methods, addresses, values."""

from __future__ import annotations

import uuid

import pytest
from django.test import Client

from audit.models import Project
from exports.models import Export
from exports.reports.service import request_report

READ = ["/exports/", "/exports/{export}/", "/exports/{export}/progress/", "/reports/", "/reports/{report}/"]
FORMS = ["/exports/new/", "/reports/new/", "/exports/{export}/cancel/", "/reports/{report}/cancel/"]
POSTED = ["/exports/{export}/again/", "/reports/{report}/again/"]


@pytest.fixture
def filled(project: Project, export: Export) -> dict[str, object]:
    return {"export": export.pk, "report": request_report(project).pk}


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
@pytest.mark.parametrize("address", READ)
def test_what_is_read_is_only_read(client: Client, filled: dict[str, object], address: str, method: str) -> None:
    assert getattr(client, method)(address.format(**filled)).status_code == 405


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
@pytest.mark.parametrize("address", [*FORMS, *POSTED])
def test_forms_are_posted(client: Client, filled: dict[str, object], address: str, method: str) -> None:
    assert getattr(client, method)(address.format(**filled)).status_code == 405


@pytest.mark.parametrize("address", POSTED)
def test_what_changes_something_is_not_fetched(client: Client, filled: dict[str, object], address: str) -> None:
    assert client.get(address.format(**filled)).status_code == 405


@pytest.mark.parametrize("pk", [uuid.UUID(int=0), "x", "1", "../1"])
@pytest.mark.parametrize("address", [address for address in [*READ, *FORMS] if "{" in address])
def test_what_is_not_there_is_a_page_that_says_so(client: Client, address: str, pk: object) -> None:
    answer = client.get(address.format(export=pk, report=pk))
    assert answer.status_code == 404
    assert "There is nothing at this address" in answer.content.decode()


@pytest.mark.parametrize("address", [*READ[:2], *READ[3:], "/exports/new/", "/reports/new/"])
def test_an_unknown_query_key_is_refused_by_name(client: Client, filled: dict[str, object], address: str) -> None:
    answer = client.get(address.format(**filled) + "?utm=1")
    assert answer.status_code == 400
    assert "“utm” is not known" in answer.content.decode()


@pytest.mark.parametrize("query", ["state=done", "project=x", "order=up", "limit=0", "cursor=x"])
@pytest.mark.parametrize("address", ["/exports/", "/reports/"])
def test_a_wrong_value_of_a_list_is_named(client: Client, address: str, query: str) -> None:
    assert client.get(f"{address}?{query}").status_code == 400


@pytest.mark.parametrize("value", ["x", "-1", "9" * 30])
def test_a_wrong_place_among_skipped_items_is_400(client: Client, export: Export, value: str) -> None:
    assert client.get(f"/exports/{export.pk}/?skipped={value}").status_code == 400


@pytest.mark.parametrize("address", [*READ, *FORMS])
def test_answers_have_a_strict_policy_and_nothing_inline(
    client: Client, filled: dict[str, object], address: str
) -> None:
    answer = client.get(address.format(**filled), headers={"HX-Request": "true"})
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "script-src 'self';" in answer["Content-Security-Policy"]
    assert " style=" not in text
    assert "<style" not in text
    assert " onclick=" not in text
    assert all(script.startswith((" src=", "\n")) for script in text.split("<script")[1:])


@pytest.mark.parametrize("address", [address for address in [*READ, *FORMS] if "progress" not in address])
def test_pages_have_one_heading_and_one_title(client: Client, filled: dict[str, object], address: str) -> None:
    text = client.get(address.format(**filled)).content.decode()
    assert text.count("<h1") == 1
    assert text.split("<body>")[0].count("<title>") == 1
