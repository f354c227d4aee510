"""Diffgram on this machine, with an invented project: the routes of its server (2024-10) that reading needs."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from audit.demo.loopback import Loopback, Request, Response

CLIENT, SECRET = "LIVE__client", "secret-of-nobody"
KEY = f"{CLIENT}:{SECRET}"
PROJECT = "fixtures-project"
FEED = 1000
"""Events that the server tells at most."""
Json = dict[str, Any]

_P = r"(?P<project>[^/]+)"
_ROUTES = (
    ("view", rf"/api/project/{_P}/view"),
    ("directories", rf"/api/v1/project/{_P}/directory/list"),
    ("working_dir", rf"/api/project/{_P}/user/legacy/working_dir/view"),
    ("files", rf"/api/project/{_P}/user/sdk/file/list"),
    ("label_names", rf"/api/v1/project/{_P}/labels/view/name_to_file_id"),
    ("schemas", rf"/api/v1/project/{_P}/labels-schema"),
    ("labels", rf"/api/project/{_P}/labels"),
    ("attributes", rf"/api/v1/project/{_P}/attribute/template/list"),
    ("jobs", r"/api/v1/job/list"),
    ("job_info", r"/api/v1/job/(?P<id>\d+)/builder/info"),
    ("tasks", r"/api/v1/job/(?P<id>\d+)/task/list"),
    ("events", rf"/api/v1/project/{_P}/event/list"),
    ("to_file", rf"/api/walrus/project/{_P}/export/to_file"),
    ("status", rf"/api/walrus/project/{_P}/export/(?P<id>\d+)/status"),
    ("link", rf"/api/walrus/project/{_P}/export/link"),
    ("file", r"/files/(?P<name>.+)"),
)


@dataclass
class Installation:
    """What the platform holds. `tasks` are rows of lists by job, `packets` what exports say of a file."""

    project: Json
    labels: list[Json]
    groups: list[Json]
    directories: list[Json]
    jobs: list[Json]
    tasks: dict[int, list[Json]]
    packets: dict[int, Any]
    events: list[Json] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    looks: int = 1
    """How often an export is looked at before it is done."""

    def row(self, task: int) -> Json:
        """The row of a task."""
        return next(row for rows in self.tasks.values() for row in rows if row["id"] == task)

    def listed(self) -> dict[int, Json]:
        """Tasks that lists show, by their numbers."""
        return {row["id"]: row for rows in self.tasks.values() for row in rows if row["status"] != "archived"}


class FakeDiffgram(Loopback):
    """A running server."""

    def __init__(self, installation: Installation, port: int = 0) -> None:
        super().__init__(port)
        self.installation = installation
        self.exports: dict[int, Json] = {}

    def refusal(self, request: Request) -> Response | None:
        name, found = self._route(request)
        if name == "file":
            return None
        wanted = "Basic " + base64.b64encode(KEY.encode()).decode()
        if request.headers.get("authorization") != wanted:
            return Response(403, {"message": "No permission"})
        if not name:
            return Response(404, body=b"<h1>Not Found</h1>")
        if found.get("project") not in (None, PROJECT):
            return Response(403, {"message": "No permission for this project"})
        return None

    def operation(self, request: Request) -> tuple[str, Any]:
        name, found = self._route(request)
        return name, {**found, **_body(request)}

    def answer(self, request: Request) -> Response:
        name, asked = self.operation(request)
        home = self.installation
        if name == "file":
            data = home.files.get(unquote(asked["name"]))
            return Response(404, {}) if data is None else Response(body=data)
        answers: dict[str, Any] = {
            "view": lambda: {"user_permission_level": ["admin"], "project": home.project},
            "directories": lambda: {
                "log": {"success": True},
                "directory_list": home.directories[: asked.get("limit", 100)],
            },
            "working_dir": lambda: {"working_dir": home.directories[0]},
            "files": lambda: {"file_list": [], "metadata": {"next_page": None, "total_pages": 1}},
            "label_names": lambda: {
                "log": {"success": True},
                "name_to_file_id": {label["label"]["name"]: label["id"] for label in home.labels},
            },
            "schemas": lambda: [{"id": 1, "name": "Default Schema"}],
            "labels": lambda: {"labels_out": home.labels, "label_file_colour_map": {}},
            "attributes": lambda: {"attribute_group_list": home.groups},
            "jobs": lambda: {"Job_list": _job_page(home.jobs, asked["metadata"]), "metadata": {}},
            "job_info": lambda: {"job": next(job for job in home.jobs if job["id"] == int(asked["id"]))},
            "tasks": lambda: {"log": {"success": True}, "task_list": self._tasks(asked)},
            "events": lambda: {"success": True, "event_list": _feed(home.events, asked)},
        }
        if name in answers:
            return Response(json=answers[name]())
        return self._export(name, asked)

    def _tasks(self, asked: Json) -> list[Json]:
        rows = [_shown(row) for row in self.installation.tasks.get(int(asked["id"]), []) if row["status"] != "archived"]
        limit = asked.get("limit_count", 25)
        start = (asked.get("page_number") or 0) * limit
        return rows[start : start + limit]

    def _export(self, name: str, asked: Json) -> Response:
        if name == "to_file":
            id_ = 77 + len(self.exports)
            self.exports[id_] = {"asked": asked, "looks": 0}
            if asked["wait_for_export_generation"]:
                return Response(json=self._exported(asked))
            return Response(json={"success": True, "export": {"id": id_, "status": "init", "percent_complete": 0.0}})
        export = self.exports.get(int(asked["id"]))
        if export is None:
            return Response(500, {"log": {"error": {"export": "none"}}})
        if name == "status":
            export["looks"] += 1
            done = export["looks"] >= self.installation.looks
            status = {"status": "complete", "percent_complete": 100.0} if done else {"status": "init"}
            return Response(json={"success": True, "export": {"id": int(asked["id"]), **status}})
        return Response(json=self._exported(export["asked"]))

    def _exported(self, asked: Json) -> Json:
        home = self.installation
        if asked["source"] == "task":
            rows = [home.listed()[int(asked["task_id"])]]
        else:
            rows = [row for row in home.tasks[int(asked["job_id"])] if row["status"] != "archived"]
        files = {row["_file"]: home.packets[row["_file"]] for row in rows}
        names = {str(label["id"]): label["label"]["name"] for label in home.labels}
        info = {"id": 77, "export_format_version": "1.0", "file_list_length": len(files)}
        return {
            "readme": {},
            "label_map": names,
            "export_info": info,
            **{str(file): found for file, found in files.items()},
        }

    def _route(self, request: Request) -> tuple[str, Json]:
        for name, pattern in _ROUTES:
            if found := re.fullmatch(pattern, request.path):
                return name, found.groupdict()
        return "", {}


def _body(request: Request) -> Json:
    if not request.body:
        return {}
    found: Json = json.loads(request.body)
    return found


def _job_page(jobs: list[Json], asked: Json) -> list[Json]:
    """Newest first; "All" is a word, not a list of statuses."""
    wanted = asked.get("status")
    rows = [job for job in jobs if wanted in (None, "All") or job["status"] in wanted]
    limit = asked.get("limit") or 50
    start = (asked.get("page_number", 1) - 1) * limit
    return rows[::-1][start : start + limit]


def _feed(events: list[Json], asked: Json) -> list[Json]:
    rows = sorted(events, key=lambda event: event["id"], reverse=True)
    if until := asked.get("date_to"):
        rows = [row for row in rows if row["time_created"] <= until]
    return rows[: min(asked.get("limit", 50), FEED)]


def _shown(row: Json) -> Json:
    """The row without what is for the fake alone."""
    return {name: value for name, value in row.items() if not name.startswith("_")}
