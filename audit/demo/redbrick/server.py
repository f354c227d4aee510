"""The fake platform's HTTP server, on this machine only. Tests tell it to fail in all ways that real servers do."""

from __future__ import annotations

import base64
import gzip
import json
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from audit.demo.redbrick.graphql import Operation, parse, picked
from audit.demo.redbrick.world import World

PATHS = ("/graphql/", "/localhost/graphql/")
"""The second one is for redbrick-sdk, which leaves a numeric address as it is only when "localhost" is in it."""


@dataclass
class Fault:
    """What goes wrong with the next `times` requests of an operation (a regular expression), after `after` good ones.

    One of: `status` (with `headers`), `drop` (no answer), `truncate` (half an answer), `errors` (with `data`), `data`
    instead of the true one, `edit` (changes the true one), `body` (these bytes). `delay` in seconds comes before any.
    """

    operation: str
    times: int = 1
    after: int = 0
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    drop: bool = False
    truncate: bool = False
    errors: list[Any] | None = None
    data: Any = None
    edit: Callable[[Any], Any] | None = None
    body: bytes | None = None
    delay: float = 0.0


class FakeRedBrick:
    """A running server. `with FakeRedBrick(World()) as fake:`; `requests` lists operations with their variables."""

    def __init__(self, world: World, port: int = 0) -> None:
        self.world = world
        self.faults: list[Fault] = []
        self.requests: list[tuple[str, dict[str, Any]]] = []
        self.lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self) -> str:
        """What a source is connected to."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> FakeRedBrick:
        self._thread.start()
        return self

    def __exit__(self, *problem: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def fail(self, operation: str, **how: Any) -> None:
        """Let requests of an operation fail; see Fault."""
        with self.lock:
            self.faults.append(Fault(operation, **how))

    def fault(self, operation: str) -> Fault | None:
        """The fault that this request meets."""
        with self.lock:
            for fault in self.faults:
                if fault.times > 0 and re.search(fault.operation, operation):
                    if fault.after > 0:
                        fault.after -= 1
                        continue
                    fault.times -= 1
                    return fault
        return None

    def asked(self, operation: str) -> int:
        """How many requests of this operation came."""
        return sum(1 for name, _ in self.requests if name == operation)


def true_answer(world: World, query: str, variables: dict[str, Any]) -> dict[str, Any]:
    """What the platform answers to a query when nothing goes wrong."""
    return _true(world, parse(query), variables)


def _true(world: World, operation: Operation, variables: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"data": {one.alias: picked(world.answer(one.name, variables), one.fields) for one in operation.fields}}
    except LookupError as error:  # As servers of GraphQL do: 200, and the trouble inside.
        return {"errors": [{"message": str(error)}], "data": None}


def _handler(fake: FakeRedBrick) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # Or the second part of an answer waits until the first is acknowledged.

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing: the demo's terminal is not for this."""

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if self.path not in PATHS:
                self._send(404, b"{}")
            elif self.headers.get("ApiKey") != fake.world.key:
                self._send(401, b'{"message":"Unauthorized"}')
            else:
                self._answer(json.loads(gzip.decompress(base64.b64decode(raw))))

        def _answer(self, request: dict[str, Any]) -> None:
            operation = parse(request["query"])
            variables = request["variables"]
            with fake.lock:
                fake.requests.append((operation.name, variables))
            fault = fake.fault(operation.name) or Fault(operation.name)
            time.sleep(fault.delay)
            if fault.drop:
                self.close_connection = True
                return
            if fault.status is not None:
                self._send(fault.status, b'{"message":"injected"}', fault.headers)
                return
            if fault.errors is not None:
                answer: dict[str, Any] = {"errors": fault.errors, "data": fault.data}
            elif fault.data is not None:
                answer = {"data": fault.data}
            else:
                answer = _true(fake.world, operation, variables)
            if fault.edit is not None:
                answer = fault.edit(answer)
            body = json.dumps(answer).encode() if fault.body is None else fault.body
            self._send(200, body, cut=fault.truncate)

        def _send(self, status: int, body: bytes, headers: dict[str, str] | None = None, *, cut: bool = False) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body[: len(body) // 2] if cut else body)
            if cut:
                self.close_connection = True

    return Handler
