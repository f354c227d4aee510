"""Bring Labeltrail up on this machine: database, tables, pages, a worker; with `--demo` an invented platform, too."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from io import StringIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError

from exportsite import commands

PATIENCE = "600"
"""Seconds that the demo waits for each thing that a worker makes."""
MERCY = 20
"""Seconds in which a process has to end that was asked to."""


class Command(commands.Command):
    help = "Start everything on this machine. Ctrl-C stops it."
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--demo", action="store_true", help="with an invented platform; read, export, report on it")
        parser.add_argument("--once", action="store_true", help="do all that, print the paths of the files, and exit")
        parser.add_argument("--port", type=int, default=8000, help="port of the pages on 127.0.0.1 (8000)")
        parser.add_argument("--workers", type=int, default=2, help="processes that answer pages (2)")

    def handle(self, *, demo: bool, once: bool, port: int, workers: int, **options: Any) -> None:
        if not once:
            self._check_port(port)
        self._say("Preparing the database")
        call_command("migrate", verbosity=0)
        signal.signal(signal.SIGTERM, _stop)
        try:
            with ExitStack() as running:
                self._run_all(running, demo=demo, once=once, port=port, workers=workers)
        except _Stopped:
            pass  # As it was asked to.
        except KeyboardInterrupt:
            self._say("")

    def _run_all(self, running: ExitStack, *, demo: bool, once: bool, port: int, workers: int) -> None:
        """Start what there is to start, show the demo, and answer until a signal comes, or nothing is left to do."""
        platform = None
        if demo:
            # Of the web server and the worker, too: they find the platform on this machine.
            os.environ["LABELTRAIL_ALLOW_HOSTS"] = ",".join([*settings.SOURCE_ALLOW_HOSTS, "127.0.0.1"])
            platform = running.enter_context(_process("manage.py", "demo", *(["--still"] if once else []), told=True))
        if demo or not once:
            running.enter_context(_process("manage.py", "worker"))
        if once:
            if platform is not None:
                self._demo(platform)
            return
        address = f"http://127.0.0.1:{port}/"
        Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)  # nothing to collect: files come from their apps
        server = running.enter_context(
            _process("-m", "gunicorn", "exportsite.wsgi", f"--bind=127.0.0.1:{port}", f"--workers={workers}",
                     "--worker-class=gthread", "--threads=4", "--log-level=warning", "--timeout=120")
        )  # fmt: skip
        self._say(f"Labeltrail answers at {address}   Ctrl-C stops it.")
        if platform is not None:
            self._demo(platform)
            self._say(
                f"All of it is at {address}: two projects, read again each minute, while work goes on at their "
                "invented platform."
            )
        if status := server.wait():
            raise CommandError(f"The web server ended with status {status}.")

    def _say(self, text: str) -> None:
        self.stderr.write(text)

    def _check_port(self, port: int) -> None:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as problem:
                raise CommandError(
                    f"Port {port} can't be used ({problem.strerror}). Choose another with --port."
                ) from None

    def _demo(self, platform: subprocess.Popen[str]) -> None:
        """Wait until the worker has read the platform; have it export, report and verify. Prints the files' paths."""
        self._say("Reading the invented platform")
        assert platform.stdout is not None
        told = platform.stdout.readline()
        if not told:
            raise CommandError("The demo's platform could not be read; the reason is above.")
        found = json.loads(told)
        for name, password in found["users"]:
            self._say(f"Sign in as {name:<8} with the password {password}")
        project = str(found["projects"][0])
        self._say("Exporting")
        trail = self._print("export", project, "--format", "trail")
        xes = self._print("export", project, "--format", "xes")
        self._say("Writing reports")
        self._print("report", project)
        self._print("report", project, "--task", found["task"])
        self._say("Verifying")
        for each in found["projects"]:
            self._say(self._run("verify", "--project", str(each), "--queue", "--wait", PATIENCE))
        for path in (trail, xes):
            self._run("verify", path.splitlines()[0])

    def _print(self, *arguments: str) -> str:
        """What a command prints that a worker does the work of."""
        printed = self._run(*arguments, "--queue", "--wait", PATIENCE)
        self.stdout.write(printed)
        self.stdout.flush()
        return printed

    def _run(self, *arguments: str) -> str:
        output = StringIO()
        call_command(*arguments, stdout=output, stderr=self.stderr)
        return output.getvalue().strip()


class _Stopped(BaseException):
    """SIGTERM came."""


def _stop(number: int, frame: object) -> None:
    raise _Stopped


@contextmanager
def _process(*arguments: str, told: bool = False) -> Iterator[subprocess.Popen[str]]:
    """A Python process of ours, ended with the block; with `told` its output is ours to read.

    It inherits this process's hold on the private server.
    """
    process = subprocess.Popen(
        [sys.executable, *arguments],
        env=os.environ,
        cwd=settings.BASE_DIR,
        stdout=subprocess.PIPE if told else None,
        text=True,
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(MERCY)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()
