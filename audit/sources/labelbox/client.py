"""Labelbox's GraphQL API, in its SDK's wire form; unlike the SDK it raises when an answer is not whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import IO, Any, TypeVar
from urllib.parse import urlsplit

import msgspec
import orjson

from audit.sources import graphql
from audit.sources.base import SourceError
from audit.sources.labelbox import wire
from audit.sources.web import Again, Answer, Ask, Conditions, Web

T = TypeVar("T")

PLATFORM = "Labelbox"
CLOUD = "https://api.labelbox.com"
SDK = "python-sdk 7.17.0"
"""The wire form we speak; sent as X-User-Agent, as the SDK does."""
PAGE = 100
"""Items in a page, the most that the API gives."""
ISSUE_PAGE = 50
"""Issues in a page: each comes with its comments."""
LARGE_PAGE = 8 * 1024 * 1024
"""Bytes of a page after which the next one is asked for with half as many items."""
SHORTEST_KEY = 16


class NotAllowed(SourceError):
    """The key is right, and its owner may not see this."""


class _Response(graphql.Response):
    message: Any = None


class _Connection(msgspec.Struct):
    nodes: list[msgspec.Raw] | None = None
    nextCursor: str | None = None  # noqa: N815 - these are the wire's names
    pageInfo: dict[str, Any] | None = None  # noqa: N815


def root(url: str) -> str:
    """The address without the path of the API, which people copy with it or without."""
    parts = urlsplit(url.strip())
    path = parts.path.rstrip("/")
    for known in (wire.GRAPHQL, wire.EXPERIMENTAL):
        path = path.removesuffix(known)
    return f"{parts.scheme.lower()}://{parts.netloc.lower()}{path}"


class LabelboxClient:
    """Requests about one project; each item comes as its raw bytes. Raises SourceError, never ends early.

    `key` is an API key of Labelbox. It is in no error text, no representation and no log line.
    """

    def __init__(self, url: str, key: str, project: str, how: Conditions | None = None, *, page: int = PAGE) -> None:
        if len(key) < SHORTEST_KEY or not key.isascii() or not key.isprintable() or " " in key:
            raise SourceError(
                "key",
                f"this is no API key of Labelbox: it has {len(key)} characters, a key is one long word of letters, "
                "digits, dots, dashes and underscores. Copy it whole, without quotes and spaces",
            )
        self.project = project
        self.page = page
        self.how = how or Conditions()
        headers = {
            "Authorization": f"Bearer {key}",
            "X-User-Agent": SDK,
            "Content-Type": "application/json",
            "Accept": "application/json",
        }
        self.web = Web(PLATFORM, root(url), headers, key, self.how)

    def __repr__(self) -> str:
        return f"<LabelboxClient {self.web.host} project {self.project}>"

    def close(self) -> None:
        """Close all connections."""
        self.web.close()

    def project_field(self, query: str, *path: str, what: str, experimental: bool = False) -> bytes:
        """What the project says in a field; `path` leads to it. Raises SourceError "missing" for an unknown project."""
        at = wire.EXPERIMENTAL if experimental else wire.GRAPHQL
        variables = {name: self.project for name in ("param_0", "projectId") if f"${name}" in query}
        return self.ask(query, variables, *path, what=what, at=at)

    def listed(self, query: str, variables: Mapping[str, object], *path: str, what: str) -> Iterator[bytes]:
        """All items of a list that is read by skipping (its query has two %d)."""
        skip = 0
        while True:
            raw = self.ask(query % (skip, self.page), variables, *path, what=what)
            items = self.decoded(raw, list[msgspec.Raw], what)
            yield from map(bytes, items)
            if len(items) < self.page:
                return
            skip += len(items)

    def connected(
        self, query: str, variables: Mapping[str, object], *path: str, what: str, at: str, first: int = 0
    ) -> Iterator[bytes]:
        """All items of a connection that is read by cursor; fewer at a time while they are large."""
        cursor: str | None = None
        size = most = first or self.page
        while True:
            raw = self.ask(query, {**variables, "first": size, "from": cursor}, *path, what=what, at=at)
            page = self.decoded(raw, _Connection, what)
            size = max(1, size // 2) if len(raw) > LARGE_PAGE else min(most, size * 2)
            if page.nodes is None:
                raise self.web.nonsense(what, "it has no nodes")
            yield from map(bytes, page.nodes)
            following = page.nextCursor if page.pageInfo is None else page.pageInfo.get("endCursor")
            if not following or (page.pageInfo is not None and not page.nodes):
                return  # A `pageInfo` may name an end on the last page, too: an empty one follows.
            if not page.nodes:
                raise self.web.nonsense(what, "a page is empty and yet another one is to follow it")
            if following == cursor:
                raise self.web.nonsense(what, "the next page is to be the same one again")
            cursor = following

    def label_versions(self, row: str | None = None) -> Iterator[bytes]:
        """All versions of labels, oldest first, or those of one data row."""
        where = {"projectId": self.project, **({} if row is None else {"dataRowId": row})}
        what = "versions of its labels"
        return self.connected(wire.LABEL_VERSIONS, {"where": where}, "labelVersions", what=what, at=wire.GRAPHQL)

    def issues(self, row: str | None = None) -> Iterator[bytes]:
        """All issues with their comments, or those of one data row."""
        where: dict[str, object] = {"type": "Issue", **({} if row is None else {"dataRow": {"id": row}})}
        variables = {"projectId": self.project, "where": where}
        path = ("project", "issues")
        return self.connected(
            wire.ISSUES, variables, *path, what="its issues", at=wire.EXPERIMENTAL, first=min(ISSUE_PAGE, self.page)
        )

    def slices(self) -> Iterator[bytes]:
        """The slices of the workspace."""
        what = "the slices of its workspace"
        raw = self.ask(wire.SLICES, {}, "catalogSavedQueries", what=what)
        yield from map(bytes, self.decoded(raw, list[msgspec.Raw], what))

    def fetch(self, url: str, what: str, into: IO[bytes]) -> int:
        """Write a file into an empty file; how many bytes it has. The key goes to Labelbox's own host alone."""
        return self.web.fetch(url, what, into)

    def ask(self, query: str, variables: Mapping[str, object], *path: str, what: str, at: str = wire.GRAPHQL) -> bytes:
        """The value that `path` leads to in the answer's data; `null` where it, and nothing above it, is null.

        An answer with `errors` has failed, whatever data came with them.
        """
        body = orjson.dumps({"query": query, "variables": variables})
        data = self.web.ask(Ask(at, body), what, lambda answer: self._data(answer, what))
        for place, name in enumerate(path, 1):
            raw = data.get(name)
            if raw is None:
                raise self.web.nonsense(what, f'it has no "{name}"')
            if place == len(path):
                return bytes(raw)
            if bytes(raw) == b"null":
                raise self.missing(what)
            data = self.decoded(bytes(raw), dict[str, msgspec.Raw], what)
        raise AssertionError("a path has at least one name")

    def decoded(self, raw: bytes, type_: type[T], what: str) -> T:
        """The value as `type_`. Raises SourceError."""
        try:
            return msgspec.json.decode(raw, type=type_)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise self.web.nonsense(what, str(error)) from None

    def _data(self, answer: Answer, what: str) -> dict[str, msgspec.Raw]:
        if answer.status in {401, 403}:
            raise self._unknown_key(f"({answer.status})")
        if answer.status == 404:
            raise self.web.no_api()
        try:
            response = self.web.decoded(answer.body, what, _Response)
        except Again:
            if answer.status != 200:
                raise self.web.refused(what, answer.status, answer.said) from None
            raise
        if response.errors:
            self._raise_errors(response.errors, what)
        if str(response.message or "").startswith("You have exceeded"):
            raise Again(self.web.shown(response.message))
        if answer.status != 200:
            raise self.web.refused(what, answer.status, str(response.message or ""))
        if response.data is None:
            raise self.web.nonsense(what, "it has neither data nor errors")
        return response.data

    def _raise_errors(self, errors: list[Any], what: str) -> None:
        codes, said = graphql.codes(errors), self.web.shown(graphql.messages(errors))
        if "AUTHENTICATION_ERROR" in codes:
            raise self._unknown_key(f"({said})")
        if "RESOURCE_NOT_FOUND" in codes:
            raise self.missing(what)
        if "AUTHORIZATION_ERROR" in codes:
            raise NotAllowed("refused", f"Labelbox at {self.web.host} does not let this key see {what}: {said}")
        if "INTERNAL_SERVER_ERROR" in codes:
            raise Again(f"it failed inside ({said})")
        raise SourceError("refused", f"Labelbox at {self.web.host} failed to tell {what}: {said}")

    def _unknown_key(self, said: str) -> SourceError:
        return SourceError(
            "key",
            f"Labelbox at {self.web.host} does not accept the API key {said}: it is wrong, expired or revoked. Make a "
            "new one in Labelbox's workspace settings",
        )

    def missing(self, what: str) -> SourceError:
        """A project that is not there for this key."""
        return SourceError(
            "missing",
            f"Labelbox at {self.web.host} does not tell {what}: it knows no project {self.project}, or not for this "
            "key. The project's id is in its address: app.labelbox.com/projects/<id>",
        )
