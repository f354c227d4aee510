"""Diffgram's REST API, as its server speaks it (2024-10) and its SDK (0.15.0) asks it.

The platform has neither counts nor cursors: lists come by numbered pages of a stated size, exports are made on demand
and asked for until they are done. An answer that can't be all there is raises SourceError.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime
from urllib.parse import quote

import msgspec

from audit.sources.ahead import listed
from audit.sources.base import SourceError
from audit.sources.diffgram.wire import Wire
from audit.sources.web import Again, Conditions

CLOUD = "https://diffgram.com"
PAGE = 100
"""Tasks or jobs in a page."""
AT_A_TIME = 4
"""Pages of a list that are asked for side by side."""
FEED = 1000
"""Events that the platform tells at most at a time: the newest."""
DIRECTORIES = 10_000
FIRST_POLL = 0.1
POLL = 2.0
PATIENCE = 3600.0
"""Seconds before the first look at an export that is being made, between two later ones at most, and until it is given
up."""


class _Project(msgspec.Struct):
    project: msgspec.Raw = msgspec.Raw(b"null")


class _Lists(msgspec.Struct):
    """Lists of several answers, each under its own name."""

    directory_list: list[msgspec.Raw] | None = None
    labels_out: list[msgspec.Raw] | None = None
    attribute_group_list: list[msgspec.Raw] | None = None
    Job_list: list[msgspec.Raw] | None = None
    task_list: list[msgspec.Raw] | None = None
    event_list: list[msgspec.Raw] | None = None


class _Export(msgspec.Struct):
    id: int
    status: str | None = None
    status_text: str | None = None


class _Exports(msgspec.Struct):
    export: _Export


class _Id(msgspec.Struct):
    id: int


class DiffgramClient:
    """Requests of one project; each item comes as its raw bytes. `key` is a client id and secret with a colon between.

    The secret is in no error text and no representation.
    """

    def __init__(self, url: str, key: str, project: str, how: Conditions | None = None) -> None:
        self._how = how or Conditions()
        self.wire = Wire(url, key, project, self._how)
        self.project = project
        self._view = f"/api/project/{quote(project, safe='')}"
        self._own = f"/api/v1/project/{quote(project, safe='')}"
        self._walrus = f"/api/walrus/project/{quote(project, safe='')}"

    def __repr__(self) -> str:
        return f"<DiffgramClient {self.wire.web.host} project {self.project}>"

    @property
    def clock(self) -> datetime | None:
        """The server's time at its newest answer."""
        return self.wire.clock

    def close(self) -> None:
        """Close all connections."""
        self.wire.web.close()

    def settings(self) -> bytes:
        """The project with its members. Raises SourceError "missing" when the key sees none of this id."""
        answer = bytes(self.wire.ask(f"{self._view}/view", None, "the project", msgspec.Raw))
        if answer.startswith(b'"'):
            raise self.wire.no_project(self.wire.web.decoded(answer, "the project", str))
        found = self.wire.web.decoded(answer, "the project", _Project)
        if bytes(found.project) == b"null":
            raise self.wire.no_project()
        return bytes(found.project)

    def directories(self) -> list[bytes]:
        """The project's directories (datasets)."""
        what = "its directories"
        found = self._list(f"{self._own}/directory/list", {"limit": DIRECTORIES}, what, "directory_list")
        if len(found) >= DIRECTORIES:
            raise self.wire.web.nonsense(what, f"it has {DIRECTORIES:,} or more, and their pages can't be asked for")
        return found

    def schemas(self) -> list[int]:
        """The numbers of the project's label schemas."""
        found = self.wire.ask(f"{self._own}/labels-schema", None, "its label schemas", list[_Id])
        return [schema.id for schema in found]

    def labels(self, schema: int) -> list[bytes]:
        """The labels of a schema."""
        query = {"schema_id": str(schema)}
        return self._list(f"{self._view}/labels", None, "its labels", "labels_out", query)

    def attribute_groups(self, schema: int) -> list[bytes]:
        """The attribute groups of a schema, with their templates."""
        body = {"schema_id": schema, "mode": "from_project"}
        return self._list(f"{self._own}/attribute/template/list", body, "its attributes", "attribute_group_list")

    def jobs(self) -> Iterator[bytes]:
        """The project's jobs, whatever their status."""

        def ask(number: int) -> list[bytes]:
            metadata = {
                "limit": PAGE,
                "status": "All",
                "project_string_id": self.project,
                "page_number": number + 1,
            }
            return self._list("/api/v1/job/list", {"metadata": metadata}, "its jobs", "Job_list")

        for page in self._pages(ask, "its jobs"):
            yield from page

    def task_pages(self, job: int) -> Iterator[list[bytes]]:
        """The tasks of a job, but those that were archived, oldest first."""
        what = f"the tasks of job {job}"

        def ask(number: int) -> list[bytes]:
            body = {
                "job_id": job,
                "project_string_id": self.project,
                "mode_data": "list",
                "status": "all",
                "limit_count": PAGE,
                "page_number": number,
            }
            return self._list(f"/api/v1/job/{job}/task/list", body, what, "task_list")

        return self._pages(ask, what)

    def events(self, until: date | None = None) -> list[bytes]:
        """The newest events, or the newest until this day; at most FEED of them, newest first."""
        body: dict[str, object] = {"limit": FEED}
        if until is not None:
            body["date_to"] = until.isoformat()
        return self._list(f"{self._own}/event/list", body, "its events", "event_list")

    def export(self, *, job: int | None = None, task: int | None = None) -> dict[str, bytes]:
        """What an export of a job or a task holds: its top-level members. Files stand under their numbers."""
        what = f"an export of job {job}" if task is None else f"an export of task {task}"
        body = {
            "kind": "Annotations",
            "source": "job" if task is None else "task",
            "file_comparison_mode": "latest",
            "masks": False,
            "directory_id": None,
            "job_id": job,
            "task_id": task,
            "return_type": "data",
            "wait_for_export_generation": False,
            "ann_is_complete": None,
        }
        export = self.wire.ask(f"{self._walrus}/export/to_file", body, what, _Exports).export
        waited, wait = 0.0, FIRST_POLL
        while export.status != "complete":
            if export.status == "failed":
                said = self.wire.web.shown(export.status_text or "it does not say why")
                raise SourceError("refused", f"Diffgram failed to make {what}: {said}")
            if waited >= PATIENCE:
                raise SourceError(
                    "busy", f"Diffgram did not make {what} in {PATIENCE / 60:.0f} minutes. Sync again later"
                )
            wait = min(wait, POLL, PATIENCE - waited)
            self._how.sleep(wait)
            waited, wait = waited + wait, wait * 2
            export = self.wire.ask(f"{self._walrus}/export/{export.id}/status", None, what, _Exports).export
        link = {"id": export.id, "return_type": "data", "format": "JSON"}
        answer = bytes(self.wire.ask(f"{self._walrus}/export/link", link, what, msgspec.Raw))
        if answer.startswith(b'"'):  # Some servers send the file's text as a string.
            answer = self.wire.web.decoded(answer, what, str).encode()
        try:
            found = self.wire.web.decoded(answer, what, dict[str, msgspec.Raw])
        except Again as error:
            raise self.wire.web.nonsense(what, str(error)) from None
        return {name: bytes(raw) for name, raw in found.items()}

    def _list(self, path: str, body: object, what: str, name: str, query: dict[str, str] | None = None) -> list[bytes]:
        found: list[msgspec.Raw] | None = getattr(self.wire.ask(path, body, what, _Lists, query), name)
        if found is None:
            raise self.wire.web.nonsense(what, f'it has no "{name}"')
        return [bytes(raw) for raw in found]

    def _pages(self, ask: Callable[[int], list[bytes]], what: str) -> Iterator[list[bytes]]:
        """Pages until one is not full. A server that knows no pages sends the first one again."""
        before: list[bytes] = []
        for number, page in enumerate(listed(ask, lambda page: len(page) >= PAGE, AT_A_TIME)):
            if page and page == before:
                raise self.wire.web.nonsense(
                    what, f"page {number + 1} is page {number} again: the server knows no pages"
                )
            if len(page) > PAGE:
                raise self.wire.web.nonsense(what, f"a page has {len(page)} items, {PAGE} were asked for")
            yield page
            before = page
