"""isahit lab on this machine, with invented projects: its login, paging and filters as its SDK (0.17.0) uses them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote

from audit.demo.loopback import Loopback, Request, Response

ACCESS, SECRET = "ACCESS-7", "secret-key-of-nobody"
KEY = f"{ACCESS}:{SECRET}"
PROJECT = "64f0c0ffee000000000000a1"
Json = dict[str, Any]

_OPERATIONS = (
    ("login", r"/api/user-manager/auth/login"),
    ("configuration", r"/api/project-configuration-manager/projects/([^/]+)/project-configuration"),
    ("projects", r"/api/project-manager/projects"),
    ("batches", r"/api/task-manager/batches"),
    ("tasks", r"/api/task-manager/tasks"),
    ("file", r"/files/(.+)"),
)


@dataclass
class Account:
    """What the platform holds. Tasks are listed in the order in which they stand; `lifetime` of tokens in seconds."""

    projects: dict[str, Json] = field(default_factory=dict)
    configurations: dict[str, Json] = field(default_factory=dict)
    batches: list[Json] = field(default_factory=list)
    tasks: list[Json] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    lifetime: float = 3600

    def task(self, id_: str) -> Json:
        """The task of this id."""
        return next(task for task in self.tasks if task["_id"] == id_)


class FakeIsahit(Loopback):
    """A running server. Tokens that `expire` dropped are refused with 401."""

    def __init__(self, account: Account, port: int = 0) -> None:
        super().__init__(port)
        self.account = account
        self.tokens: set[str] = set()

    def expire(self) -> None:
        """No token that was given out holds any more."""
        self.tokens.clear()

    def refusal(self, request: Request) -> Response | None:
        name, _ = self.operation(request)
        if not name:
            return Response(404, {"message": "Cannot GET " + request.path, "statusCode": 404})
        if name in ("login", "file"):
            return None
        if request.headers.get("authorization", "").removeprefix("Bearer ") not in self.tokens:
            return Response(401, {"message": "Unauthorized", "statusCode": 401})
        return None

    def operation(self, request: Request) -> tuple[str, Any]:
        for name, pattern in _OPERATIONS:
            if re.fullmatch(pattern, request.path):
                return name, request.query
        return "", None

    def answer(self, request: Request) -> Response:
        name, _ = self.operation(request)
        if name == "login":
            return self._login(request)
        if name == "file":
            data = self.account.files.get(unquote(request.path.removeprefix("/files/")))
            return Response(404, {"message": "no"}) if data is None else Response(body=data)
        if name == "configuration":
            found = self.account.configurations.get(unquote(request.path.split("/")[4]))
            return Response(404, {"message": "Not found"}) if found is None else Response(json=found)
        query: dict[str, list[str]] = {}
        for key, value in request.query:
            query.setdefault(key, []).append(value)
        if name == "tasks":
            return self._paged([_shown(task, query) for task in self.account.tasks if _wanted(task, query)], query)
        rows = self.account.batches if name == "batches" else list(self.account.projects.values())
        ids, project = query.get("ids"), query.get("projectId")
        rows = [row for row in rows if ids is None or row["_id"] in ids]
        return self._paged([row for row in rows if project is None or row["projectId"] in project], query)

    def _login(self, request: Request) -> Response:
        form = parse_qs(request.body.decode())
        if (form.get("access_id"), form.get("secret_key")) != ([ACCESS], [SECRET]):
            return Response(401, {"message": "Unauthorized", "statusCode": 401})
        token = f"token-{self.asked('login')}"
        self.tokens.add(token)
        return Response(201, {"access_token": token, "expires_in": self.account.lifetime})

    def _paged(self, rows: list[Json], query: dict[str, list[str]]) -> Response:
        page, limit = int(query["page"][0]), int(query["limit"][0])
        pages = max(1, -(-len(rows) // limit))
        more = page < pages
        return Response(
            json={
                "docs": rows[(page - 1) * limit : page * limit],
                "totalDocs": len(rows),
                "limit": limit,
                "totalPages": pages,
                "page": page,
                "pagingCounter": (page - 1) * limit + 1,
                "hasPrevPage": page > 1,
                "hasNextPage": more,
                "prevPage": page - 1 if page > 1 else None,
                "nextPage": page + 1 if more else None,
            }
        )


def _wanted(task: Json, query: dict[str, list[str]]) -> bool:
    """The filters of the SDK's `tasks()`."""
    for name, key in (("projectId", "projectId"), ("batchIds", "batchId"), ("statuses", "status")):
        if name in query and task.get(key) not in query[name]:
            return False
    for name, key in (("taskIds", "_id"), ("taskNames", "name")):
        if name in query and task.get(key) not in query[name]:
            return False
    if "nameLike" in query and not any(re.search(pattern, task["name"]) for pattern in query["nameLike"]):
        return False
    for name in ("createdAt", "updatedAt"):
        at = str(task.get(name))[:19].replace("T", " ")
        for wanted in query.get(name, ()):
            sign, moment = re.fullmatch(r"([<>]=?)(.+)", wanted).groups()  # type: ignore[union-attr]
            if not {">": at > moment, ">=": at >= moment, "<": at < moment, "<=": at <= moment}[sign]:
                return False
    return True


def _shown(task: Json, query: dict[str, list[str]]) -> Json:
    """The task with the optional fields that were asked for."""
    optional = query.get("optionalFields", [])
    shown = {key: value for key, value in task.items() if key not in ("data", "jobs", "metrics")}
    if "metrics" in optional and "metrics" in task:
        shown["metrics"] = task["metrics"]
    if "jobs" in optional and "jobs" in task:
        keep = "jobs.history" in optional
        shown["jobs"] = [
            {key: value for key, value in job.items() if keep or key != "history"} for job in task["jobs"] or ()
        ]
    if "data" in optional and "data" in task:
        shown["data"] = task["data"] if "data.mask" in optional else _unmasked(task["data"])
    return shown


def _unmasked(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _unmasked(inner) for key, inner in value.items() if key != "mask"}
    return [_unmasked(inner) for inner in value] if isinstance(value, list) else value
