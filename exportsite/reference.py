"""The API's description as something to read: operations, what they take and answer, and a call that one can copy.

Everything comes from the OpenAPI document, so that the page can't say something else than `/api/schema/`.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode

PLACES = {"integer": "7", "uuid": "5b8d3c1e-9f0a-4c9e-8a67-0f2b6d1e4a55"}
"""What stands for an id in examples."""
SHAPES = "#/components/schemas/"
METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True, slots=True)
class Type:
    """A type in words: `text before`, the shape that it leads to (or none), and what follows."""

    before: str
    shape: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Member:
    """A parameter, or a member of a shape."""

    name: str
    type: Type
    text: str
    required: bool
    place: str = ""
    example: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What an operation answers: `status` with its meaning, as which media types, of which type."""

    status: str
    phrase: str
    text: str
    kinds: tuple[str, ...]
    type: Type | None
    example: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one address."""

    id: str
    method: str
    path: str
    summary: str
    text: str
    parameters: tuple[Member, ...]
    body: Type | None
    body_example: str
    answers: tuple[Answer, ...]
    curl: str


@dataclass(frozen=True, slots=True)
class Group:
    """Operations on one kind of thing."""

    name: str
    text: str
    operations: tuple[Operation, ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """An object of the API: its members, and an example."""

    name: str
    text: str
    members: tuple[Member, ...]
    example: str


@dataclass(frozen=True, slots=True)
class Reference:
    """All of it."""

    version: str
    text: str
    groups: tuple[Group, ...] = ()
    shapes: tuple[Shape, ...] = field(default=())


def read(document: Mapping[str, Any], origin: str) -> Reference:
    """The reference of an OpenAPI 3.0 document; `origin` is where its calls go."""
    schemas: dict[str, Any] = document["components"]["schemas"]
    operations: dict[str, list[Operation]] = {}
    for path, methods in document["paths"].items():
        for method in (name for name in METHODS if name in methods):
            told = methods[method]
            operations.setdefault(told["tags"][0], []).append(_operation(path, method, told, schemas, origin))
    return Reference(
        version=document["info"]["version"],
        text=document["info"]["description"],
        groups=tuple(
            Group(tag["name"], tag["description"], tuple(operations.pop(tag["name"], ()))) for tag in document["tags"]
        ),
        shapes=tuple(_shape(name, schemas) for name, schema in sorted(schemas.items()) if "properties" in schema),
    )


def _operation(path: str, method: str, told: Mapping[str, Any], schemas: Mapping[str, Any], origin: str) -> Operation:
    parameters = tuple(_parameter(one, schemas) for one in told.get("parameters", ()))
    content = told.get("requestBody", {}).get("content", {})
    body = content.get("application/json", {}).get("schema")
    example = _example(body, schemas) if body is not None else ""
    return Operation(
        id=told["operationId"],
        method=method.upper(),
        path=path,
        summary=told.get("summary") or told["operationId"],
        text=told.get("description", ""),
        parameters=parameters,
        body=_type(body, schemas) if body is not None else None,
        body_example=example,
        answers=tuple(_answer(status, answer, schemas) for status, answer in told["responses"].items()),
        curl=_curl(path, method, parameters, example, origin),
    )


def _parameter(told: Mapping[str, Any], schemas: Mapping[str, Any]) -> Member:
    example = told.get("example", "")
    return Member(
        told["name"],
        _type(told["schema"], schemas),
        told.get("description", ""),
        told.get("required", False),
        told["in"],
        ", ".join(map(str, example)) if isinstance(example, list) else str(example),
    )


def _answer(status: str, told: Mapping[str, Any], schemas: Mapping[str, Any]) -> Answer:
    content = told.get("content", {})
    first: Mapping[str, Any] = next(iter(content.values()), {})
    schema = first.get("schema")
    shown = _example(schema, schemas) if schema is not None else ""
    if "example" in first:
        shown = _pretty(first["example"])
    return Answer(
        status,
        HTTPStatus(int(status)).phrase,
        told.get("description", ""),
        tuple(content),
        _type(schema, schemas) if schema is not None else None,
        shown,
    )


def _shape(name: str, schemas: Mapping[str, Any]) -> Shape:
    schema = schemas[name]
    required = schema.get("required", ())
    members = tuple(
        Member(key, _type(inner, schemas), inner.get("description", ""), key in required)
        for key, inner in schema["properties"].items()
    )
    example = _pretty(schema["example"]) if "example" in schema else ""
    return Shape(name, schema.get("description", ""), members, example)


def _type(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Type:
    """The schema's type in words: `integer at least 1`, `list of Event`, `"a4" or "letter"`."""
    nullable = " or null" if schema.get("nullable") else ""
    parts = [inner for inner in [*schema.get("allOf", ()), *schema.get("oneOf", ())] if inner.get("enum") != [""]]
    if len(parts) == 1 and not schema.get("oneOf"):
        inner = _type(parts[0], schemas)
        return Type(inner.before, inner.shape, inner.after + nullable)
    if parts:
        return Type(" or ".join(_flat(_type(one, schemas)) for one in parts) + nullable)
    if reference := schema.get("$ref"):
        name = str(reference).removeprefix(SHAPES)
        if "properties" not in schemas[name]:
            return _type(schemas[name], schemas)
        return Type("", name, nullable)
    if schema.get("type") == "array":
        inner = _type(schema.get("items", {}), schemas)
        return Type(f"list of {inner.before}".rstrip(" ") + (" " if inner.shape else ""), inner.shape, inner.after)
    if "enum" in schema:
        return Type(" or ".join(json.dumps(value) for value in schema["enum"] if value is not None) + nullable)
    words = [str(schema.get("type", "anything")), *(f"({schema['format']})" for _ in [0] if "format" in schema)]
    for key, said in (("minimum", "at least"), ("maximum", "at most")):
        words += [f"{said} {schema[key]:,}"] if key in schema else []
    return Type(" ".join(words) + nullable)


def _flat(type_: Type) -> str:
    return f"{type_.before}{type_.shape}{type_.after}"


def _example(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> str:
    """The example of the shape that a schema refers to."""
    found = schemas.get(str(schema.get("$ref", "")).removeprefix(SHAPES), {})
    return _pretty(found["example"]) if "example" in found else ""


def _pretty(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


def _curl(path: str, method: str, parameters: tuple[Member, ...], body: str, origin: str) -> str:
    """A call that one can copy: ids stand for others, query keys that must be given are there."""
    address = "".join(_filled(path, parameters))
    query = {one.name: one.example for one in parameters if one.place == "query" and one.required}
    address += f"?{urlencode(query)}" if query else ""
    words = ["curl --json @-" if body else "curl"]
    words += [f"-X {method.upper()}"] if method not in ("get", "post") or (method == "post" and not body) else []
    words += ['-H "Authorization: Bearer $LABELTRAIL_TOKEN"', shlex.quote(origin + address)]
    return " \\\n  ".join(words) + (f" <<'END'\n{body}\nEND" if body else "")


def _filled(path: str, parameters: tuple[Member, ...]) -> Iterator[str]:
    types = {one.name: one.type.before for one in parameters if one.place == "path"}
    for place, part in enumerate(path.replace("}", "{").split("{")):
        if place % 2 == 0:
            yield part
        else:
            said = types.get(part, "")
            kind = "uuid" if "uuid" in said else "integer" if said.startswith("integer") else ""
            yield PLACES.get(kind, quote(part.upper()))
