"""Invented platforms that answer from memory: `python -m bench.fakes KIND TASKS LATENCY` prints the address.

They are those of the tests, with many tasks. What was answered once is sent again as it was: who reads for the second
time measures the reading alone. An address may begin with /as-NAME, so that one platform can be many sources. LATENCY
is how many seconds each answer takes on its way.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any

from audit.demo.loopback import Loopback, Request, Response
from bench.ground import ROOT
from tests.fakes import diffgram, diffgram_story, isahit, isahit_story, kili, kili_story, labelbox, labelbox_story

CHUNK = 8 * 1024 * 1024
"""Bytes of a file of Labelbox's exports."""
JOB = 500
"""Tasks in a job of Diffgram."""
EVENTS_A_DAY = 900
"""Of Diffgram's feed, which tells no more than 1,000 of a day."""


class Remembering(Loopback):
    """Answers what was asked before with the bytes of then. Nothing there may change."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.answers: dict[bytes, Response] = {}
        self.latency = 0.0

    def refusal(self, request: Request) -> Response | None:
        return super().refusal(_plain(request))

    def operation(self, request: Request) -> tuple[str, Any]:
        return super().operation(_plain(request))

    def answer(self, request: Request) -> Response:
        time.sleep(self.latency)
        request = _plain(request)
        key = sha256(repr((request.path, request.query, request.body)).encode()).digest()
        found = self.answers.get(key)
        if found is None:
            made = super().answer(request)
            found = self.answers[key] = Response(made.status, body=made.data(), headers=made.headers)
        return found


class _Unnamed(Remembering):
    """One whose operations have no names, since reading them from queries takes longer than answering."""

    def operation(self, request: Request) -> tuple[str, Any]:
        return "", None


class Kili(_Unnamed, kili.FakeKili):
    """Kili with its answers in memory."""


class Labelbox(_Unnamed, labelbox.FakeLabelbox):
    """Labelbox with its answers in memory; the same question begins the same export."""


class Isahit(Remembering, isahit.FakeIsahit):
    """isahit lab with its answers in memory."""


class _Files(diffgram.FakeDiffgram):
    """One that tells of files, for which its SDK alone asks."""

    def _route(self, request: Request) -> tuple[str, Any]:
        return ("exists", {}) if request.path.endswith("/file/exists") else super()._route(request)

    def answer(self, request: Request) -> Response:
        name, asked = self.operation(request)
        if name == "exists":
            return Response(json={"result": {"exists": self.installation.packets.keys() >= set(asked["file_id_list"])}})
        if name != "files":
            return super().answer(request)
        by = asked["metadata"]
        packets = list(self.installation.packets.values())
        page, size = by["page"], by["limit"]
        found = packets[(page - 1) * size : page * size]
        ids = by["file_view_mode"] == "ids_only"
        pages = -(-len(packets) // size)
        return Response(
            json={
                "file_list": [one["file"]["id"] if ids else {**one["file"], "image": one["image"]} for one in found],
                "metadata": {"next_page": page + 1 if page < pages else None, "total_pages": pages},
            }
        )


class Diffgram(Remembering, _Files):
    """Diffgram with its answers in memory."""


def _plain(request: Request) -> Request:
    return replace(request, path=re.sub("^/as-[^/]*", "", request.path))


def fake_of(kind: str, tasks: int) -> Remembering:
    """A platform of this kind with so many tasks, not running yet."""
    if kind == "kili":
        kili_story.FIRST = datetime(2020, 1, 1, tzinfo=UTC)  # Each asset comes later: none may come in the future.
        return Kili(kili_story.world(tasks))
    if kind == "labelbox":
        return Labelbox(labelbox_story.World(tasks), chunk=CHUNK, polls=0)
    if kind == "isahit":
        stories = isahit_story.tasks()[:5]
        account = isahit_story.account()
        account.tasks = [
            {**isahit_story.task(number), **stories[number % 5], "_id": f"task{number:08}", "name": f"img{number}.jpg"}
            for number in range(tasks)
        ]
        return Isahit(account)
    return Diffgram(_installation(tasks))


def _installation(tasks: int) -> diffgram.Installation:
    """Pictures in jobs of JOB tasks, with three events each."""
    home = diffgram_story.installation()
    home.packets, home.jobs, home.tasks, home.events = {}, [], {}, []
    for number in range(tasks):
        job, file, task = 100 + number // JOB, 1_000_000 + number, 10 + number
        boxes = [diffgram_story.box(4 * number + place, 10 * place) for place in range(4)]
        home.packets[file] = packet = diffgram_story.picture(file, *boxes)
        if job not in home.tasks:
            home.tasks[job] = []
            home.jobs.append({"id": job, "name": f"Job {job}", "status": "active", "type": "Normal"})
        home.tasks[job].append(diffgram_story.row(task, file, packet, job={"id": job, "name": f"Job {job}"}))
        for place, kind in enumerate(("task_created", "task_in_progress", "task_completed")):
            id_ = 3 * number + place
            day = date(2024, 1, 1) + timedelta(days=id_ // EVENTS_A_DAY)
            home.events.append(diffgram_story.event(id_, kind, day.isoformat(), task))
    return home


@dataclass(frozen=True)
class Fake:
    """A platform that runs in a process of its own."""

    url: str
    pid: int
    tasks: int

    def cpu(self) -> float:
        """Seconds of CPU that it used until now."""
        with open(f"/proc/{self.pid}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def fake(kind: str, tasks: int, latency: float = 0.0) -> Iterator[Fake]:
    """A running platform with so many tasks."""
    command = [sys.executable, "-m", "bench.fakes", kind, str(tasks), str(latency)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield Fake(process.stdout.readline().strip(), process.pid, tasks)
    finally:
        process.kill()
        process.wait()


def main() -> None:
    """Answer until killed."""
    with fake_of(sys.argv[1], int(sys.argv[2])) as server:
        server.latency = float(sys.argv[3])
        print(server.url, flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
