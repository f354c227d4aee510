"""Bring Labeltrail up on this machine: database, tables, pages, a worker; with `--demo` an invented project, too."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from argparse import ArgumentParser
from io import StringIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError

from exportsite import commands

DEMO = "Liver lesions CT, phase 2"
DEMO_TASK = "CT_ABD_0093_portal"
"""Rejected, reworked, corrected, commented: the dossier that shows most. The site can't import what `demo` writes."""


class Command(commands.Command):
    help = "Start everything on this machine. Ctrl-C stops it."
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--demo", action="store_true", help="load an invented project; export it, report on it")
        parser.add_argument("--once", action="store_true", help="do all that, print the paths of the files, and exit")
        parser.add_argument("--port", type=int, default=8000, help="port of the pages on 127.0.0.1 (8000)")
        parser.add_argument("--workers", type=int, default=2, help="processes that answer pages (2)")

    def handle(self, *, demo: bool, once: bool, port: int, workers: int, **options: Any) -> None:
        if not once:
            self._check_port(port)
        self._say("Preparing the database")
        call_command("migrate", verbosity=0)
        if demo:
            paths = self._demo()
            for path in paths:
                self.stdout.write(path)
        if not once:
            self._serve(port, workers, demo)

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

    def _demo(self) -> list[str]:
        """Load the demo project; export, report and verify it. The paths of the files."""
        log_file = Path(settings.LABELTRAIL_HOME) / "demo" / "liver-lesions.ndjson"
        call_command("demo", log_file, stdout=StringIO())
        self._say("Loading the demo project")
        self._run("load", str(log_file), "--project", DEMO)
        self._say("Exporting it")
        trail = self._run("export", DEMO, "--format", "trail")
        xes = self._run("export", DEMO, "--format", "xes")
        self._say("Writing its reports")
        report = self._run("report", DEMO)
        dossier = self._run("report", DEMO, "--task", DEMO_TASK)
        self._say("Verifying")
        self._say(self._run("verify", "--project", DEMO))
        for path in (trail, xes):
            self._run("verify", path.splitlines()[0])
        return [line for output in (trail, xes, report, dossier) for line in output.splitlines()]

    def _run(self, *arguments: str) -> str:
        output = StringIO()
        call_command(*arguments, stdout=output, stderr=self.stderr)
        return output.getvalue().strip()

    def _serve(self, port: int, workers: int, demo: bool) -> None:
        """Answer pages until a signal comes. The child inherits this process's hold on the private server."""
        address = f"http://127.0.0.1:{port}/"
        Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)  # nothing to collect: files come from their apps
        worker = subprocess.Popen([sys.executable, "manage.py", "worker"], env=os.environ, cwd=settings.BASE_DIR)
        server = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "exportsite.wsgi", f"--bind=127.0.0.1:{port}", f"--workers={workers}",
             "--worker-class=gthread", "--threads=4", "--log-level=warning", "--timeout=120"],
            env=os.environ, cwd=settings.BASE_DIR,
        )  # fmt: skip
        # `kill` of this process must end the child, too; Ctrl-C reaches both by itself.
        signal.signal(signal.SIGTERM, lambda number, frame: server.terminate())
        self._say(f"Labeltrail answers at {address}   Ctrl-C stops it.")
        if demo:
            self._say(
                f"Look at {address} (the project), its tasks and a task's trail, and {address}api/docs/ (the API)."
            )
        try:
            status = server.wait()
        except KeyboardInterrupt:
            status = server.wait()
        finally:
            worker.terminate()
            worker.wait()
        if status not in (0, -signal.SIGTERM):
            raise CommandError(f"The web server ended with status {status}.")
