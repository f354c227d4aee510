"""The API's description says of every operation what a program needs to know, and its examples are such."""

from __future__ import annotations

import json
import re
from functools import cache
from html import unescape
from typing import Any

import pytest
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from jsonschema import Draft202012Validator

from audit.api.describe import TAGS


@cache
def description() -> dict[str, Any]:
    return SchemaGenerator().get_schema(request=None, public=True)


def operations() -> list[tuple[str, dict[str, Any]]]:
    return [
        (f"{method.upper()} {path}", operation)
        for path, methods in description()["paths"].items()
        for method, operation in methods.items()
    ]


OPERATIONS = dict(operations())
SHAPES = [name for name, schema in description()["components"]["schemas"].items() if "example" in schema]


def referred(part: Any) -> set[str]:
    """The components that a part of the description refers to, itself."""
    if isinstance(part, dict):
        own = {part["$ref"].rpartition("/")[2]} if "$ref" in part else set()
        return own.union(*(referred(inner) for inner in part.values()))
    return set().union(*(referred(inner) for inner in part)) if isinstance(part, list) else set()


@pytest.mark.parametrize("label", OPERATIONS)
def test_an_operation_says_what_it_does_takes_and_answers(label: str) -> None:
    operation = OPERATIONS[label]
    assert operation["summary"]
    assert operation["description"]
    assert operation["tags"][0] in TAGS
    assert {"token": []} in operation["security"]
    assert {"session": []} in operation["security"]
    assert {"401", "403", "500"} <= set(operation["responses"])
    for status, answer in operation["responses"].items():
        assert answer["description"], status
        assert (list(answer.get("content", {})) == ["application/problem+json"]) is (status >= "400")
    if "{" in label:
        assert "404" in operation["responses"]
    if "requestBody" in operation:
        assert {"400", "413", "415"} <= set(operation["responses"])
    for parameter in operation.get("parameters", ()):
        assert parameter["in"] == "path" or parameter["description"], parameter["name"]


@pytest.mark.parametrize("label", OPERATIONS)
def test_what_is_sent_and_answered_has_an_example(label: str) -> None:
    operation = OPERATIONS[label]
    sent = operation.get("requestBody", {})
    answered = [answer for status, answer in operation["responses"].items() if status < "300"]
    assert referred([sent, answered]) <= set(SHAPES)


def with_null(part: Any) -> Any:
    """OpenAPI 3.0's `nullable` as JSON Schema has it."""
    if isinstance(part, list):
        return [with_null(inner) for inner in part]
    if not isinstance(part, dict):
        return part
    plain = {name: with_null(inner) for name, inner in part.items() if name != "nullable"}
    return {"anyOf": [plain, {"type": "null"}]} if part.get("nullable") is True else plain


@pytest.mark.parametrize("name", SHAPES)
def test_an_example_has_the_shape_that_it_is_an_example_of(name: str) -> None:
    components = description()["components"]
    whole = {"$ref": f"#/components/schemas/{name}", "components": with_null(components)}
    errors = Draft202012Validator(whole).iter_errors(components["schemas"][name]["example"])
    assert [error.message for error in errors] == []


@pytest.fixture
def page(client: Client) -> str:
    return client.get("/api/docs/").content.decode()


def test_the_page_for_people_has_every_operation_and_shape(page: str, client: Client) -> None:
    for label, operation in OPERATIONS.items():
        method, _, path = label.partition(" ")
        assert f'id="op-{operation["operationId"]}"' in page
        assert f'{method}</span> <code class="path">{path}</code>' in page
    for name, schema in description()["components"]["schemas"].items():
        assert (f'id="shape-{name}"' in page) == ("properties" in schema)
    assert not re.search('(src|href)="(https?:)?//', page)
    assert client.get("/api/schema/").status_code == 200


def test_every_link_on_it_leads_somewhere(page: str) -> None:
    targets = set(re.findall(r' id="([^"]+)"', page))
    assert {link for link in re.findall(r'href="#([^"]+)"', page) if link not in targets} == set()
    assert len(re.findall(r' id="([^"]+)"', page)) == len(targets)


def test_a_call_on_it_can_be_copied(page: str) -> None:
    text = unescape(page)
    sign = text[text.index('id="op-sign_report"') :]
    call = sign[sign.index("<code>curl") : sign.index("</code></pre>")].removeprefix("<code>")
    assert call.startswith('curl --json @- \\\n  -H "Authorization: Bearer $LABELTRAIL_TOKEN"')
    assert "/api/v1/reports/5b8d3c1e-9f0a-4c9e-8a67-0f2b6d1e4a55/sign/" in call
    assert json.loads(call.partition("<<'END'\n")[2].removesuffix("\nEND"))["meaning"] == "approved"
    inclusion = text[text.index('id="op-log_inclusion') :]
    assert re.search(r"/api/v1/projects/7/log/proof/inclusion\?index=", inclusion)
