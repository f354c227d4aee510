"""Several threads ask one platform: a few at a time, and nobody while it wants to be left alone."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from audit.sources.web import AT_A_TIME, Answer, Ask, Conditions, Web

Behaviour = Callable[[], tuple[int, dict[str, str]]]


class Now:
    """A clock that only waiting moves on; who waits lets all others wait first."""

    def __init__(self) -> None:
        self.time = 1_000.0
        self.slept: list[float] = []
        self._lock = threading.Lock()

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.slept.append(seconds)
            self.time += seconds


@pytest.fixture
def serve() -> Iterator[Callable[[Behaviour], str]]:
    """Starts a server that answers as the function says; its address."""
    servers: list[ThreadingHTTPServer] = []

    def start(behaviour: Behaviour) -> str:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, format: str, *args: object) -> None:
                pass

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                status, headers = behaviour()
                self.send_response(status)
                for name, value in {**headers, "Content-Length": "0"}.items():
                    self.send_header(name, value)
                self.end_headers()

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_address[1]}/"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def web(url: str, now: Now) -> Web:
    """A platform at this address."""
    how = Conditions(allow_hosts=["127.0.0.1"], sleep=now.sleep, clock=lambda: now.time)
    return Web("A platform", url, {}, "secret", how)


def status(answer: Answer) -> int:
    return answer.status


def test_no_more_than_a_few_requests_are_under_way_at_once(serve: Callable[[Behaviour], str]) -> None:
    lock = threading.Lock()
    under_way = most = 0
    full = threading.Event()

    def behaviour() -> tuple[int, dict[str, str]]:
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
            if under_way == AT_A_TIME:
                full.set()
        assert full.wait(10), "they do come at the same time"
        with lock:
            under_way -= 1
        return 200, {}

    platform = web(serve(behaviour), Now())
    with ThreadPoolExecutor(3 * AT_A_TIME) as threads:
        asked = [threads.submit(platform.ask, Ask(body=b"{}"), "it", status) for _ in range(3 * AT_A_TIME)]
        assert {one.result() for one in asked} == {200}
    platform.close()
    assert most == AT_A_TIME


def test_when_one_is_told_to_wait_all_wait(serve: Callable[[Behaviour], str]) -> None:
    """The first request gets 429; while it waits another one wants to begin, and waits for the rest of the time."""
    now, statuses = Now(), iter([429])
    waits, go_on = threading.Event(), threading.Event()
    begun: list[float] = []

    def behaviour() -> tuple[int, dict[str, str]]:
        begun.append(now.time)
        return next(statuses, 200), {"Retry-After": "17"}

    def sleep(seconds: float) -> None:
        if not waits.is_set():
            waits.set()
            assert go_on.wait(10)
        now.sleep(seconds)

    how = Conditions(allow_hosts=["127.0.0.1"], sleep=sleep, clock=lambda: now.time)
    platform = Web("A platform", serve(behaviour), {}, "secret", how)
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(platform.ask, Ask(body=b"{}"), "it", status)
        assert waits.wait(10)
        assert threads.submit(platform.ask, Ask(body=b"{}"), "it", status).result(10) == 200
        assert begun == [1_000.0, 1_017.0], "the second began when the time was over"
        go_on.set()
        assert first.result(10) == 200
    platform.close()
    assert now.slept == [17.0, 17.0]


def test_a_server_error_makes_nobody_else_wait(serve: Callable[[Behaviour], str]) -> None:
    now, statuses = Now(), iter([500])
    waits, go_on = threading.Event(), threading.Event()

    def sleep(seconds: float) -> None:
        waits.set()
        assert go_on.wait(10)
        now.sleep(seconds)

    how = Conditions(allow_hosts=["127.0.0.1"], sleep=sleep, clock=lambda: now.time)
    platform = Web("A platform", serve(lambda: (next(statuses, 200), {})), {}, "secret", how)
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(platform.ask, Ask(body=b"{}"), "it", status)
        assert waits.wait(10)
        assert threads.submit(platform.ask, Ask(body=b"{}"), "it", status).result(10) == 200
        go_on.set()
        assert first.result(10) == 200
    platform.close()
    assert now.slept == [1.0]


def test_after_the_waiting_requests_begin_at_once(serve: Callable[[Behaviour], str]) -> None:
    now, statuses = Now(), iter([429, 200])
    platform = web(serve(lambda: (next(statuses, 200), {})), now)
    assert [platform.ask(Ask(body=b"{}"), "it", status) for _ in range(3)] == [200, 200, 200]
    platform.close()
    assert now.slept == [1.0]
