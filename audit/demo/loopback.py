"""A platform's HTTP server on this machine only: the demo's, and those of tests, which let it fail as real ones do."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Request:
    """What came. `path` is without the query, names of headers are in lower case."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Response:
    """What goes back: `body` as it is, or `json`."""

    status: int = 200
    json: Any = None
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def data(self) -> bytes:
        """The body's bytes."""
        return json.dumps(self.json).encode() if self.body is None else self.body


@dataclass
class Fault:
    """What goes wrong with the next `times` requests of an operation (a regular expression), after `after` good ones.

    One of: `status` (with `headers`), `drop` (no answer), `truncate` (half an answer), `errors` (with `data`), `data`
    instead of the true one, `edit` (changes the true one), `body` (these bytes), `length` (so many bytes announced).
    `delay` in seconds comes before any; `pieces` sends the answer in so many, each after `delay`.
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
    length: int | None = None
    delay: float = 0.0
    pieces: int = 1

    def changed(self, response: Response) -> Response:
        """The response that goes out instead of the true one."""
        if self.errors is not None:
            return Response(json={"errors": self.errors, "data": self.data})
        if self.data is not None:
            return Response(json={"data": self.data})
        if self.body is not None:
            return Response(response.status, body=self.body, headers=response.headers)
        if self.edit is not None:
            return Response(response.status, self.edit(json.loads(response.data())), headers=response.headers)
        return response


class Loopback:
    """A running server: `with Platform() as fake:`. `requests` lists operations with what they asked.

    `ahead`: seconds by which its clock (the header Date) is ahead of this machine's.
    """

    def __init__(self, port: int = 0) -> None:
        self.ahead = 0.0
        self.faults: list[Fault] = []
        self.requests: list[tuple[str, Any]] = []
        self.lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def refusal(self, request: Request) -> Response | None:
        """What is answered before anybody asks which operation it is: a wrong path, a wrong key."""
        raise NotImplementedError

    def operation(self, request: Request) -> tuple[str, Any]:
        """The operation's name, by which it fails, and what it asks, for `requests`."""
        raise NotImplementedError

    def answer(self, request: Request) -> Response:
        """The true answer."""
        raise NotImplementedError

    @property
    def url(self) -> str:
        """What a source is connected to."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *problem: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def fail(self, operation: str, **how: Any) -> None:
        """Let requests of an operation fail; see Fault."""
        with self.lock:
            self.faults.append(Fault(operation, **how))

    def fault(self, operation: str) -> Fault:
        """The fault that this request meets; one that changes nothing when there is none."""
        with self.lock:
            for fault in self.faults:
                if fault.times > 0 and re.search(fault.operation, operation):
                    if fault.after > 0:
                        fault.after -= 1
                        continue
                    fault.times -= 1
                    return fault
        return Fault(operation)

    def asked(self, operation: str) -> int:
        """How many requests of this operation came."""
        return sum(1 for name, _ in self.requests if name == operation)


def _handler(fake: Loopback) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # Or the second part of an answer waits until the first is acknowledged.

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing: the demo's terminal is not for this."""

        def date_time_string(self, timestamp: float | None = None) -> str:
            return super().date_time_string((time.time() if timestamp is None else timestamp) + fake.ahead)

        def do_GET(self) -> None:
            self._handle()

        def do_POST(self) -> None:
            self._handle()

        def _handle(self) -> None:
            parts = urlsplit(self.path)
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = self.rfile.read(int(headers.get("content-length") or 0))
            query = tuple(parse_qsl(parts.query, keep_blank_values=True))
            request = Request(self.command, parts.path, query, headers, body)
            refusal = fake.refusal(request)
            if refusal is not None:
                self._send(refusal, Fault(""))
                return
            name, asked = fake.operation(request)
            with fake.lock:
                fake.requests.append((name, asked))
            fault = fake.fault(name)
            if fault.pieces == 1:
                time.sleep(fault.delay)
            if fault.drop:
                self.close_connection = True
            elif fault.status is not None:
                self._send(Response(fault.status, {"message": "injected"}, headers=fault.headers), Fault(""))
            else:
                self._send(fault.changed(fake.answer(request)), fault)

        def _send(self, response: Response, fault: Fault) -> None:
            body = response.data()
            self.send_response(response.status)
            if "Content-Type" not in response.headers:
                self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body) if fault.length is None else fault.length))
            for name, value in response.headers.items():
                self.send_header(name, value)
            self.end_headers()
            cut = fault.truncate or fault.length is not None
            sent = body[: len(body) // 2] if fault.truncate else body
            size = max(1, -(-len(sent) // fault.pieces))
            try:
                for start in range(0, len(sent), size):
                    if fault.pieces > 1:
                        time.sleep(fault.delay)
                    self.wfile.write(sent[start : start + size])
            except ConnectionError:
                cut = True  # Whoever asked did not wait.
            if cut:
                self.close_connection = True

    return Handler
