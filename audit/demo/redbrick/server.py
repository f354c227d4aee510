"""The fake platform's HTTP server, on this machine only, with the wire form of RedBrick AI's API."""

from __future__ import annotations

import base64
import gzip
import json
from typing import Any
from urllib.parse import unquote

from audit.demo.loopback import Loopback, Request, Response
from audit.demo.redbrick.graphql import Operation, parse, picked
from audit.demo.redbrick.world import World

PATHS = ("/graphql/", "/localhost/graphql/")
"""The second one is for redbrick-sdk, which leaves a numeric address as it is only when "localhost" is in it."""

FILES = "/files/"


class FakeRedBrick(Loopback):
    """A running server. `with FakeRedBrick(World()) as fake:`; `requests` lists operations with their variables."""

    def __init__(self, world: World, port: int = 0) -> None:
        super().__init__(port)
        self.world = world
        world.files = self.url

    def refusal(self, request: Request) -> Response | None:
        """Wrong paths and keys. Addresses of files are good for whoever has them."""
        if request.method == "GET" and request.path.startswith(FILES):
            return None
        if request.method != "POST" or request.path not in PATHS:
            return Response(404, {})
        return None if request.headers.get("apikey") == self.world.key else Response(401, {"message": "Unauthorized"})

    def operation(self, request: Request) -> tuple[str, dict[str, Any]]:
        """The query's own name, and its variables; `file` and its path."""
        if request.method == "GET":
            return "file", {"path": unquote(request.path.removeprefix(FILES))}
        asked = _decoded(request)
        return parse(asked["query"]).name, asked["variables"]

    def answer(self, request: Request) -> Response:
        """What the world says."""
        if request.method == "GET":
            body = self.world.file(unquote(request.path.removeprefix(FILES)))
            headers = {"Content-Type": "application/octet-stream"}
            return Response(404, {}) if body is None else Response(body=body, headers=headers)
        asked = _decoded(request)
        return Response(json=true_answer(self.world, asked["query"], asked["variables"]))


def true_answer(world: World, query: str, variables: dict[str, Any]) -> dict[str, Any]:
    """What the platform answers to a query when nothing goes wrong."""
    return _true(world, parse(query), variables)


def _true(world: World, operation: Operation, variables: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"data": {one.alias: picked(world.answer(one.name, variables), one.fields) for one in operation.fields}}
    except LookupError as error:  # As servers of GraphQL do: 200, and the trouble inside.
        return {"errors": [{"message": str(error)}], "data": None}


def _decoded(request: Request) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(gzip.decompress(base64.b64decode(request.body)))
    return found
