"""isahit lab's REST API, in its SDK's wire form (isahitlab 0.17.0); unlike the SDK it raises what is not whole.

Pages are asked for by their numbers, as the SDK does. Rows that shift meanwhile are found by the sync, which counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

import msgspec

from audit.sources.ahead import answers
from audit.sources.base import SourceError
from audit.sources.isahit.door import Door
from audit.sources.isahit.search import TaskSearch
from audit.sources.web import Ask, Conditions

Query = Sequence[tuple[str, str]]

CLOUD = "https://hub-api.isahit.com"
PAGE = 100
"""Tasks in a page, as the SDK asks for them."""
AT_A_TIME = 4
"""Pages that are asked for side by side."""
OPTIONAL = ("data", "data.mask", "jobs", "jobs.history", "metrics")
"""What a task comes with only when it is asked for."""

_PROJECTS = "/api/project-manager/projects"
_CONFIGURATION = "/api/project-configuration-manager/projects/{}/project-configuration"
_BATCHES = "/api/task-manager/batches"
_TASKS = "/api/task-manager/tasks"


class _Page(msgspec.Struct):
    docs: list[msgspec.Raw]
    totalDocs: int  # noqa: N815 - these are the wire's names
    page: int
    hasNextPage: bool  # noqa: N815
    nextPage: int | None = None  # noqa: N815


@dataclass(frozen=True, slots=True)
class RawPage:
    """A page's items, each in the very bytes of the answer, and the server's own time where it said so."""

    items: tuple[bytes, ...]
    total: int
    clock: datetime | None = None


class IsahitClient:
    """Requests of one project; each item comes as its raw bytes. Raises SourceError, never ends early.

    `key` is an access id and a secret key with a colon between. The secret is in no error text and no representation.
    """

    def __init__(self, url: str, key: str, project: str, how: Conditions | None = None) -> None:
        self.project = project
        self._door = Door(url, key, how or Conditions())
        self.web = self._door.web

    def __repr__(self) -> str:
        return f"<IsahitClient {self.web.host} project {self.project}>"

    def close(self) -> None:
        """Close all connections."""
        self.web.close()

    def configuration(self) -> bytes:
        """The project's configuration. Raises SourceError "missing" when the key sees no such project."""
        missing = SourceError(
            "missing",
            f"{self.web.host} has no project {self.project} that this key may see. The id is in the project's address "
            "in isahit lab; manage.py connect isahit --list shows those that the key may see",
        )
        request = Ask(_CONFIGURATION.format(quote(self.project, safe="")))
        raw, _ = self._door.ask(request, "the project's configuration", msgspec.Raw, missing)
        if not bytes(raw).startswith(b"{"):
            raise missing
        return bytes(raw)

    def projects(self, only: str | None = None) -> Iterator[bytes]:
        """The projects that the key may see, or the one with this id."""
        query = () if only is None else (("ids", only),)
        for page in self._pages(_PROJECTS, query, "its projects"):
            yield from page.items

    def batches(self) -> Iterator[bytes]:
        """The project's batches."""
        for page in self._pages(_BATCHES, (("projectId", self.project),), "its batches"):
            yield from page.items

    def count(self) -> int:
        """How many tasks the project has."""
        return next(self._pages(_TASKS, (("projectId", self.project),), "the number of its tasks", 1)).total

    def task_pages(self, since: datetime | None = None) -> Iterator[RawPage]:
        """All tasks with data, masks, jobs, their history and metrics, or those that were updated since then (UTC)."""
        changed = None if since is None else f"{since.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
        return self.search_pages(TaskSearch(updated_at_gte=changed))

    def search_pages(self, search: TaskSearch) -> Iterator[RawPage]:
        """The tasks that the SDK's `tasks()` would find, each with all that there is of it."""
        return self._pages(_TASKS, self._search(search), "its tasks")

    def task(self, task_id: str) -> bytes | None:
        """One task; None when the project has none of this id."""
        query = self._search(TaskSearch(task_id_in=(task_id,)))
        found = next(self._pages(_TASKS, query, f"task {task_id}", 1)).items
        return found[0] if found else None

    def _search(self, search: TaskSearch) -> Query:
        optional = (("optionalFields", name) for name in OPTIONAL)
        return (("projectId", self.project), *search.query(), *optional, *search.times())

    def _pages(self, path: str, query: Query, what: str, limit: int | None = None) -> Iterator[RawPage]:
        """The first page, then as many side by side as it counts, then whatever came beyond it meanwhile."""
        size = PAGE if limit is None else limit

        def ask(number: int) -> tuple[RawPage, bool]:
            paging = (("pagination", "true"), ("page", str(number)), ("limit", str(size)))
            page, clock = self._door.ask(Ask(path, query=(*paging, *query)), what, _Page)
            self._check(page, number, what)
            return RawPage(tuple(map(bytes, page.docs)), page.totalDocs, clock), page.hasNextPage

        first, more = ask(1)
        yield first
        counted = -(-first.total // size) if more else 1
        for _, (page, more) in answers(ask, range(2, counted + 1), AT_A_TIME):
            yield page
            if not more:
                return
        number = max(counted, 1)
        while more:
            number += 1
            page, more = ask(number)
            yield page

    def _check(self, page: _Page, number: int, what: str) -> None:
        """Raise SourceError for a page that can't be the one that was asked for."""
        why: str | None = None
        if page.page != number:
            why = f"page {number} was asked for, page {page.page} came"
        elif page.hasNextPage and not page.docs:
            why = "a page is empty and yet another one is to follow it"
        elif page.hasNextPage and page.nextPage != number + 1:
            why = f"page {page.nextPage} is to follow page {number}"
        elif not page.hasNextPage and number == 1 and page.totalDocs > 0 and not page.docs:
            why = f"it counts {page.totalDocs} and sends none"
        if why is not None:
            raise self._door.web.nonsense(what, why)
