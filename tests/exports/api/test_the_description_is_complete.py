"""The API's description says of every operation what a program needs to know, and its examples are such."""

from __future__ import annotations

from functools import cache
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


def test_the_viewer_comes_from_here(client: Client) -> None:
    page = client.get("/api/docs/").content.decode()
    assert "/static/drf_spectacular_sidecar/" in page
    assert "https://" not in page
    assert client.get("/api/schema/").status_code == 200
