"""RedBrick AI's GraphQL API, in its SDK's wire form; unlike the SDK it raises when an answer is not whole."""

from __future__ import annotations

import base64
import gzip
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO, TypeVar
from urllib.parse import urlsplit

import msgspec
import orjson

from audit.sources import graphql
from audit.sources.base import SourceError
from audit.sources.redbrick import queries
from audit.sources.redbrick.search import TaskSearch
from audit.sources.web import NOTHING_LOST, Answer, Ask, Conditions, Web

T = TypeVar("T")

SDK_VERSION = "2.35.4"
"""The wire form we speak; sent as RB-SDK-Version, as the SDK does."""
KEY_LENGTH = 43
PAGE = 50
"""Tasks in a page of events; the SDK's own default is 10. Pages of active time and of searches have TIME_PAGE rows."""
TIME_PAGE = 500
EMPTY_PAGES = 100
"""Empty pages in a row after which a list has no end; the SDK would go on asking."""
PLATFORM = "RedBrick AI"

# Servers of GraphQL say of what is not there that it is null, or in words.
_NOT_THERE = re.compile(r"not (be )?found|does not exist|no such", re.IGNORECASE)


class _Page(msgspec.Struct):
    entries: list[msgspec.Raw] | None = None
    cursor: str | None = None
    cacheTime: str | None = None  # noqa: N815 - the wire's name


class _Count(msgspec.Struct):
    count: int


@dataclass(frozen=True, slots=True)
class RawPage:
    """A page's items, each in the very bytes of the answer, and the server's own time where it was asked for."""

    items: tuple[bytes, ...]
    cache_time: str | None = None


def endpoint(url: str) -> str:
    """Where the API of an installation is, by the SDK's rules: `/graphql/` at RedBrick's own cloud and on localhost,
    `/api/graphql/` everywhere else. An address that ends in `/graphql` or `/graphql/` is taken as it is."""
    parts = urlsplit(url.strip())
    root = f"{parts.scheme.lower()}://{parts.netloc.lower()}"
    path = parts.path.rstrip("/")
    if path.endswith("/graphql"):
        return f"{root}{path}/"
    host = parts.hostname or ""
    plain = host in {"api.redbrickai.com", "localhost", "127.0.0.1", "::1"} or host.endswith(".amazonaws.com")
    return f"{root}/graphql/" if plain else f"{root}/api/graphql/"


class RedBrickClient:
    """Requests of one organisation's project; each item comes as its raw bytes. Raises SourceError, never ends early.

    `key` is an API key of RedBrick AI. It is in no error text, no representation and no log line.
    """

    def __init__(self, url: str, key: str, org: str, project: str, how: Conditions | None = None) -> None:
        if not (len(key) == KEY_LENGTH and key.isascii() and key.isprintable() and " " not in key):
            raise SourceError(
                "key",
                f"this is no API key of RedBrick AI: it has {len(key)} characters, a key has {KEY_LENGTH} letters and "
                "digits. Copy it whole, without quotes and spaces",
            )
        self.org = org
        self.project = project
        headers = {
            "RB-SDK-Version": SDK_VERSION,
            "ApiKey": key,
            "Content-Type": "application/json",
            "Accept": "application/json",
            "Content-Encoding-RB": "gzip",
            "Accept-Encoding": "gzip",
        }
        self.web = Web(PLATFORM, endpoint(url), headers, key, how or Conditions())

    def __repr__(self) -> str:
        return f"<RedBrickClient {self.web.host} project {self.project}>"

    def close(self) -> None:
        """Close all connections."""
        self.web.close()

    def project_settings(self) -> bytes:
        """The project with its stages and taxonomy. Raises SourceError "missing" when the key sees none of this id."""
        raw = self._ask(queries.PROJECT, {}, "project", "the project", msgspec.Raw)
        if bytes(raw) == b"null":
            raise SourceError(
                "missing",
                f"{self.web.host} has no project {self.project} in the organisation {self.org} that this key may see. "
                "Both ids are in the project's address: app.redbrickai.com/<organisation>/projects/<project>",
            )
        return bytes(raw)

    def projects(self) -> tuple[bytes, ...]:
        """All projects of the organisation that are not archived."""
        found = self._ask_of_org(queries.PROJECTS, {"active": True}, "projects", "its projects", list[msgspec.Raw])
        return tuple(map(bytes, found))

    def members(self) -> tuple[bytes, ...]:
        """All members of the organisation, those who left included."""
        found = self._ask_of_org(queries.MEMBERS, {"onlyActive": False}, "members", "its members", list[msgspec.Raw])
        return tuple(map(bytes, found))

    def count(self) -> int:
        """How many tasks the project has."""
        variables = {"stageName": None, "first": 0}
        return self._ask(queries.COUNT, variables, "tasksPaged", "the number of its tasks", _Count).count

    def task_pages(self, since: datetime | None = None) -> Iterator[RawPage]:
        """All tasks with their events, or those that were updated since then."""
        variables = {"stageName": None, "cacheTime": _iso(since)}
        return self._pages(queries.TASKS, variables, "tasksPaged", "its tasks", PAGE)

    def task(self, task_id: str) -> bytes | None:
        """One task with its events; None when there is none of this id."""
        raw = bytes(self._ask(queries.ONE_TASK, {"taskId": task_id}, "task", f"task {task_id}", msgspec.Raw))
        return None if raw == b"null" else raw

    def task_data(self, task_id: str, td_id: str) -> bytes | None:
        """One version of a task's label data; None when there is none of this id."""
        what = f"the label {td_id} of task {task_id}"
        try:
            raw = self._ask(queries.ONE_LABEL, {"taskId": task_id, "tdId": td_id}, "taskData", what, msgspec.Raw)
        except SourceError as error:
            if error.code == "refused" and _NOT_THERE.search(error.text.partition(td_id)[2]):
                return None
            raise
        return None if bytes(raw) == b"null" else bytes(raw)

    def fetch(self, storage: str, path: str, what: str, into: IO[bytes]) -> None:
        """Write a file of a storage into an empty one; its address is asked for first, and is good for this once."""
        variables = {"storageId": storage, "items": [path]}
        asked = f"the address of {what}"
        found = self._ask_of_org(queries.PRESIGN, variables, "presignItems", asked, list[str | None])
        if len(found) != 1 or not found[0]:
            raise SourceError(
                "missing",
                f"RedBrick AI at {self.web.host} gave no address for {what}. {NOTHING_LOST} See whether the file is "
                "still in its storage, and whether RedBrick AI may read that storage",
            )
        self.web.fetch(found[0], what, into)

    def time_pages(self, stage: str) -> Iterator[RawPage]:
        """Active time at a stage, one row for each task, cycle and person."""
        variables = {"stageName": stage, "taskId": None}
        what = f'active time at "{stage}"'
        return self._pages(queries.ACTIVE_TIME, variables, "taskActiveTime", what, TIME_PAGE)

    def search_pages(self, search: TaskSearch) -> Iterator[RawPage]:
        """Tasks in one of the modes of the SDK's `list_tasks`, with who has them now."""
        return self._pages(queries.LIST, search.variables(), "genericTasks", "a search for tasks", TIME_PAGE)

    def _pages(
        self, query: str, variables: Mapping[str, object], field: str, what: str, first: int
    ) -> Iterator[RawPage]:
        """The pages of a list. One may be empty and yet lead to another: the platform filters after it counted."""
        cursor: str | None = None
        empty = 0
        while True:
            page = self._ask(query, {**variables, "first": first, "after": cursor}, field, what, _Page)
            if page.entries is None:
                raise self.web.nonsense(what, "it has no entries")
            empty = 0 if page.entries else empty + 1
            if page.cursor is not None and empty > EMPTY_PAGES:
                raise self.web.nonsense(what, f"{empty} pages in a row are empty and yet another one is to follow")
            if page.cursor is not None and page.cursor == cursor:
                raise self.web.nonsense(what, "the next page is to be the same one again")
            yield RawPage(tuple(map(bytes, page.entries)), page.cacheTime)
            if page.cursor is None:
                return
            cursor = page.cursor

    def _ask(self, query: str, variables: Mapping[str, object], field: str, what: str, type_: type[T]) -> T:
        return self._ask_of_org(query, {"projectId": self.project, **variables}, field, what, type_)

    def _ask_of_org(self, query: str, variables: Mapping[str, object], field: str, what: str, type_: type[T]) -> T:
        """The field of the answer's data, as `type_`. What has `errors` has failed, whatever data came with them."""
        request = orjson.dumps({"query": query, "variables": {"orgId": self.org, **variables}})
        body = base64.b64encode(gzip.compress(request, mtime=0))
        data = self.web.ask(Ask(body=body), what, lambda answer: self._data(answer, what))
        raw = data.get(field)
        if raw is None or (bytes(raw) == b"null" and type_ is not msgspec.Raw):
            raise self.web.nonsense(what, f'it has no "{field}"')
        try:
            return msgspec.json.decode(raw, type=type_)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise self.web.nonsense(what, str(error)) from None

    def _data(self, answer: Answer, what: str) -> dict[str, msgspec.Raw]:
        if answer.status in {401, 403}:
            raise SourceError(
                "key",
                f"RedBrick AI at {self.web.host} does not accept the API key ({answer.status}): it is wrong, expired, "
                "or of somebody who may not see this organisation. Make a new one in RedBrick's settings",
            )
        if answer.status == 404:
            raise self.web.no_api()
        if answer.status == 413:
            raise SourceError("answer", f"RedBrick AI at {self.web.host} calls the answer about {what} too large (413)")
        if answer.status != 200:
            raise self.web.refused(what, answer.status, answer.said)
        response = self.web.decoded(answer.body, what, graphql.Response)
        if response.errors:
            said = self.web.shown(graphql.messages(response.errors))
            raise SourceError("refused", f"RedBrick AI at {self.web.host} failed to tell {what}: {said}")
        if response.data is None:
            raise self.web.nonsense(what, "it has neither data nor errors")
        return response.data


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat()
