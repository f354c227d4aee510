"""A platform that answers from memory: `python -m bench.platform TASKS LATENCY` prints its address, ids and key.

The invented platform makes up each task's story whenever somebody asks, which costs more than most readers do. Here
what was answered once is kept, packed, and sent again: who reads for the second time measures the reading alone.
Any path answers, so that one platform can be many sources. LATENCY is how many seconds each answer takes on its way.
"""

from __future__ import annotations

import base64
import gzip
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import orjson

from audit.demo.redbrick import Clock, World
from audit.demo.redbrick.scripts import LIVER, ORG
from audit.demo.redbrick.server import true_answer
from bench.ground import ROOT


class Platform:
    """Where a platform answers, and with what key."""

    def __init__(self, lines: Iterator[str]) -> None:
        self.url, self.org, self.project, self.key = (next(lines).strip() for _ in range(4))


@contextmanager
def platform(tasks: int, latency: float) -> Iterator[Platform]:
    """A platform with so many tasks, their stories at an end, in a process of its own."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.platform", str(tasks), str(latency)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield Platform(iter(process.stdout.readline, ""))
    finally:
        process.kill()
        process.wait()


def main() -> None:
    """Answer until killed."""
    tasks, latency = int(sys.argv[1]), float(sys.argv[2])
    world = World(tasks, Clock(), labels=False)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(world, latency))
    server.daemon_threads = True
    print(f"http://127.0.0.1:{server.server_address[1]}", ORG, LIVER.id, world.key, sep="\n", flush=True)
    server.serve_forever()


def _handler(world: World, latency: float) -> type[BaseHTTPRequestHandler]:
    answers: dict[bytes, bytes] = {}

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1  # Head and body leave together.

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

        def do_POST(self) -> None:
            asked = gzip.decompress(base64.b64decode(self.rfile.read(int(self.headers["Content-Length"]))))
            time.sleep(latency)
            key = sha256(asked).digest()
            body = answers.get(key)
            if body is None:
                request = orjson.loads(asked)
                body = orjson.dumps(true_answer(world, request["query"], request["variables"]))
                body = answers[key] = gzip.compress(body, 6)
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Encoding", "gzip")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Handler


if __name__ == "__main__":
    main()
