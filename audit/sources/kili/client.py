"""What Kili is asked for: the project, its assets with their labels, members, issues and events.

A list comes by `skip` and `first` (there are no cursors); the platform's answers alias the list as `data`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from audit.sources.ahead import listed
from audit.sources.base import SourceError
from audit.sources.kili import queries
from audit.sources.kili.queries import Schema
from audit.sources.kili.wire import Refused, Wire
from audit.sources.web import Conditions

CLOUD = "https://cloud.kili-technology.com"
PAGE, VIDEO_PAGE = 50, 10
"""Assets with their labels in a page, as many as the SDK asks for; those of videos are large."""
ROWS = 100
"""Events, issues, members and projects in a page."""
AT_A_TIME = 8
"""Pages of a list that are asked for side by side."""


class _Type(msgspec.Struct):
    fields: list[dict[str, Any]] | None = None


class KiliClient:
    """Requests about one project; each item comes as its raw bytes. Raises SourceError, never ends early.

    `key` is an API key of Kili. It is in no error text, no representation and no log line.
    """

    def __init__(self, url: str, key: str, project: str, how: Conditions | None = None) -> None:
        self._wire = Wire(url, key, how or Conditions())
        self.web = self._wire.web
        self.project = project
        self.page = PAGE
        self._counted = 0
        self._schema: Schema | None = None

    def __repr__(self) -> str:
        return f"<KiliClient {self.web.host} project {self.project}>"

    @property
    def clock(self) -> datetime | None:
        """The platform's own time at its newest answer."""
        return self._wire.clock

    def close(self) -> None:
        """Close all connections."""
        self.web.close()

    def schema(self) -> Schema:
        """The fields of the types that are asked for; nothing of them where the installation does not tell."""
        if self._schema is None:
            try:
                data = self._wire.ask(queries.SCHEMA, {}, "what it can be asked for")
                types = {name: msgspec.json.decode(raw, type=_Type | None) for name, raw in data.items()}
            except (Refused, msgspec.DecodeError):
                types = {}
            self._schema = {
                name: frozenset(str(field.get("name")) for field in type_.fields)
                for name, type_ in types.items()
                if type_ is not None and type_.fields
            }
        return self._schema

    def offers(self, operation: str) -> bool:
        """Whether the installation has this query, as far as it tells."""
        known = self.schema().get("Query")
        return known is None or operation in known

    def project_settings(self) -> bytes:
        """The project. Raises SourceError "missing" when the key sees none of this id."""
        query = queries.listing("projects", self.schema())
        found = self._page(query, {"where": {"id": self.project}, "first": 1, "skip": 0}, "the project", 1)
        if not found:
            raise SourceError(
                "missing",
                f"{self.web.host} has no project {self.project} that this key may see. Its id is in the project's "
                "address: …/label/projects/<id>",
            )
        return found[0]

    def projects(self) -> Iterator[bytes]:
        """All projects that the key may see and that are not archived."""
        query = queries.listing("projects", self.schema(), "Found")
        for page in self._pages(query, {"archived": False}, "its projects", ROWS):
            yield from page

    def members(self) -> Iterator[bytes]:
        """All members of the project, those who were suspended included."""
        where = {"project": {"id": self.project}}
        for page in self._pages(queries.listing("projectUsers", self.schema()), where, "its members", ROWS):
            yield from page

    def count(self) -> int:
        """How many assets the project has."""
        raw = self._ask(queries.COUNT, {"where": self._where()}, "the number of its assets")
        try:
            self._counted = msgspec.json.decode(raw, type=int)
        except msgspec.DecodeError as error:
            raise self.web.nonsense("the number of its assets", str(error)) from None
        return self._counted

    def assets(
        self, where: Mapping[str, object] | None = None, *, without: frozenset[str] = frozenset()
    ) -> Iterator[tuple[bytes, ...]]:
        """All assets with their labels, by creation, or those that meet `where`."""
        query = queries.listing("assets", self.schema(), without=without)
        several = where is None and self._counted > self.page
        return self._pages(query, self._where(where), "its assets", self.page, several=several)

    def issues(self, assets: Sequence[str]) -> Iterator[bytes]:
        """The issues and questions of these assets."""
        where = {"project": {"id": self.project}, "assetIn": list(assets)}
        for page in self._pages(queries.listing("issues", self.schema()), where, "its issues", ROWS):
            yield from page

    def events(
        self, *, since: datetime | None = None, skip: int = 0, several: bool = False
    ) -> Iterator[tuple[bytes, ...]]:
        """Events of the project, oldest first: all, or those since the day of a moment.

        With `several` it is known that they are on more than one page.
        """
        where: dict[str, object] = {"projectId": self.project}
        if since is not None:
            where["createdAtGte"] = day(since)
        query = queries.events(self.schema())

        def page(number: int) -> tuple[bytes, ...]:
            pagination = {"skip": skip + number * ROWS, "first": ROWS}
            variables = {"where": where, "pagination": pagination, "order": "asc"}
            return self._page(query, variables, "its events", ROWS)

        return _listed(page, ROWS, several=several)

    def json_file(self, url: str, what: str) -> bytes:
        """The JSON at an address. Raises SourceError when it is not there, or not whole."""
        return self._wire.json_file(url, what)

    def _where(self, more: Mapping[str, object] | None = None) -> dict[str, object]:
        return {"project": {"id": self.project}, **(more or {})}

    def _pages(
        self, query: str, where: Mapping[str, object], what: str, first: int, *, several: bool = False
    ) -> Iterator[tuple[bytes, ...]]:
        return _listed(
            lambda number: self._page(query, {"where": where, "first": first, "skip": number * first}, what, first),
            first,
            several=several,
        )

    def _page(self, query: str, variables: Mapping[str, object], what: str, first: int) -> tuple[bytes, ...]:
        raw = self._ask(query, variables, what)
        try:
            found = msgspec.json.decode(raw, type=list[msgspec.Raw])
        except msgspec.DecodeError as error:
            raise self.web.nonsense(what, str(error)) from None
        if len(found) > first:
            raise self.web.nonsense(what, f"{len(found)} items came where at most {first} were asked for")
        return tuple(map(bytes, found))

    def _ask(self, query: str, variables: Mapping[str, object], what: str) -> bytes:
        raw = self._wire.ask(query, variables, what).get("data")
        if raw is None or bytes(raw) == b"null":
            raise self.web.nonsense(what, 'it has no "data" in its data')
        return bytes(raw)


def _listed(
    page: Callable[[int], tuple[bytes, ...]], first: int, *, several: bool = False
) -> Iterator[tuple[bytes, ...]]:
    """The pages of a list in its order, but empty ones.

    Asking side by side takes less time, in which fewer rows move from page to page.
    """
    found = listed(page, lambda found: len(found) >= first, AT_A_TIME, several=several)
    return (one for one in found if one)


def day(moment: datetime) -> str:
    """The day of a moment, in the only form in which Kili documents its filters of time."""
    return moment.astimezone(UTC).date().isoformat()
