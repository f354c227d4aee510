"""Kili's GraphQL API, in its SDK's wire form; unlike the SDK it raises when an answer is not whole.

A list comes by `skip` and `first` (there are no cursors); the platform's answers alias the list as `data`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit

import msgspec
import orjson

from audit.sources.ahead import listed
from audit.sources.base import SourceError
from audit.sources.kili import queries
from audit.sources.kili.queries import Schema
from audit.sources.values import mended
from audit.sources.web import Again, Answer, Ask, Conditions, Web

T = TypeVar("T")

PLATFORM = "Kili"
CLOUD = "https://cloud.kili-technology.com"
SDK_VERSION = "26.2.4"
"""The wire form we speak; sent as apollographql-client-version, as the SDK does."""
PAGE, VIDEO_PAGE = 50, 10
"""Assets with their labels in a page, as many as the SDK asks for; those of videos are large."""
ROWS = 100
"""Events, issues, members and projects in a page."""
AT_A_TIME = 8
"""Pages of a list that are asked for side by side."""
_PATH = "/api/label/v2/graphql"
# GraphQL's words for what this key or this installation does not have, as against what failed.
_CLOSED = re.compile(
    r"cannot query field|unknown (type|argument)|forbidden|not (allowed|authori[sz]ed|permitted|available|enabled)"
    r"|access denied|permission|do not have access",
    re.IGNORECASE,
)
_CLOSED_CODES = frozenset({"GRAPHQL_VALIDATION_FAILED", "FORBIDDEN", "ACCESS_DENIED"})
_KEY = re.compile(r"unauthenticated|api.?key|invalid token|authentication failed", re.IGNORECASE)


class _Response(msgspec.Struct):
    data: dict[str, msgspec.Raw] | None = None
    errors: list[Any] | None = None


class _Type(msgspec.Struct):
    fields: list[dict[str, Any]] | None = None


class Refused(SourceError):
    """GraphQL `errors`. `closed`: the key or the installation does not have this at all."""

    def __init__(self, text: str, *, closed: bool) -> None:
        super().__init__("refused", text)
        self.closed = closed


def endpoint(url: str) -> str:
    """Where the API of an installation is: `/api/label/v2/graphql`; an address that ends in /graphql is taken as it
    is."""
    parts = urlsplit(url.strip())
    root = f"{parts.scheme.lower()}://{parts.netloc.lower()}"
    path = parts.path.rstrip("/")
    return f"{root}{path}" if path.endswith("/graphql") else f"{root}{_PATH}"


class KiliClient:
    """Requests about one project; each item comes as its raw bytes. Raises SourceError, never ends early.

    `key` is an API key of Kili. It is in no error text, no representation and no log line.
    """

    def __init__(self, url: str, key: str, project: str, how: Conditions | None = None) -> None:
        if not (8 <= len(key) <= 512 and key.isascii() and key.isprintable() and " " not in key):
            raise SourceError(
                "key",
                f"this is no API key of Kili: it has {len(key)} characters, and a key has no spaces and nothing but "
                "letters, digits and hyphens. Copy it whole from Settings, API key, without quotes",
            )
        self.project = project
        self.page = PAGE
        self.clock: datetime | None = None
        self._counted = 0
        self._schema: Schema | None = None
        headers = {
            "Authorization": f"X-API-Key: {key}",
            "Accept": "application/json",
            "Content-Type": "application/json",
            "apollographql-client-name": "python-sdk",
            "apollographql-client-version": SDK_VERSION,
        }
        self.web = Web(PLATFORM, endpoint(url), headers, key, how or Conditions())

    def __repr__(self) -> str:
        return f"<KiliClient {self.web.host} project {self.project}>"

    def close(self) -> None:
        """Close all connections."""
        self.web.close()

    def schema(self) -> Schema:
        """The fields of the types that are asked for; nothing of them where the installation does not tell."""
        if self._schema is None:
            try:
                data = self._data(queries.SCHEMA, {}, "what it can be asked for")
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

        def read(answer: Answer) -> bytes:
            if answer.status != 200:
                raise SourceError(
                    "missing" if answer.status in {404, 410} else "refused",
                    f"Kili keeps {what} at {urlsplit(url).hostname}, which answered {answer.status} instead of it. "
                    "What was read until then is kept; the label is not taken for an empty one",
                )
            try:
                return whole_json(answer.body)
            except orjson.JSONDecodeError as error:
                raise Again(f"{what} is no JSON, or not all of it ({error})") from None

        return self.web.ask(Ask(url), what, read)

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
        raw = self._data(query, variables, what).get("data")
        if raw is None or bytes(raw) == b"null":
            raise self.web.nonsense(what, 'it has no "data" in its data')
        return bytes(raw)

    def _data(self, query: str, variables: Mapping[str, object], what: str) -> dict[str, msgspec.Raw]:
        body = orjson.dumps({"query": query, "variables": variables})
        return self.web.ask(Ask(body=body), what, lambda answer: self._read(answer, what))

    def _read(self, answer: Answer, what: str) -> dict[str, msgspec.Raw]:
        self._note_clock(answer)
        response = self._decoded(answer, what)
        if response is not None and response.errors:
            said = "; ".join(_message(error) for error in response.errors[:3])
            codes = {_code(error) for error in response.errors}
            if "UNAUTHENTICATED" in codes or _KEY.search(said):
                raise self._bad_key(self.web.shown(said))
            raise Refused(
                f"Kili at {self.web.host} failed to tell {what}: {self.web.shown(said)}",
                closed=bool(codes & _CLOSED_CODES or _CLOSED.search(said)),
            )
        if response is None or response.data is None:
            raise self.web.nonsense(what, "it has neither data nor errors")
        return response.data

    def _decoded(self, answer: Answer, what: str) -> _Response | None:
        """The answer, of which errors may come with a status of 400."""
        if answer.status in {401, 403}:
            raise self._bad_key(str(answer.status))
        if answer.status == 404:
            raise SourceError(
                "address", f"there is no API of Kili at {self.web.url} (404); check the address of the source"
            )
        if answer.status not in {200, 400}:
            raise self._refused(answer, what)
        try:
            return _response(answer.body)
        except msgspec.ValidationError as error:
            raise self.web.nonsense(what, str(error)) from None
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            if answer.status == 400:
                raise self._refused(answer, what) from None
            raise Again(f"its answer is no JSON, or not all of it ({error})") from None

    def _note_clock(self, answer: Answer) -> None:
        """The platform's own time, which its answers have in a header."""
        try:
            self.clock = parsedate_to_datetime(answer.headers.get("date", "")).astimezone(UTC)
        except (TypeError, ValueError, OverflowError):
            self.clock = None

    def _bad_key(self, said: str) -> SourceError:
        return SourceError(
            "key",
            f"Kili at {self.web.host} does not accept the API key ({said}): it is wrong, expired or revoked, or of "
            "somebody who may not see this project. Make a new one in Kili under Settings, API key",
        )

    def _refused(self, answer: Answer, what: str) -> SourceError:
        said = self.web.shown(answer.body[:2000].decode(errors="replace"))
        return SourceError("refused", f"Kili at {self.web.host} refused to tell {what} ({answer.status}): {said}")


def _listed(
    page: Callable[[int], tuple[bytes, ...]], first: int, *, several: bool = False
) -> Iterator[tuple[bytes, ...]]:
    """The pages of a list in its order, but empty ones.

    Asking side by side takes less time, in which fewer rows move from page to page.
    """
    found = listed(page, lambda found: len(found) >= first, AT_A_TIME, several=several)
    return (one for one in found if one)


def _response(body: bytes) -> _Response:
    try:
        return msgspec.json.decode(body, type=_Response)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        if (whole := mended(body)) == body:
            raise
        return msgspec.json.decode(whole, type=_Response)


def whole_json(body: bytes) -> bytes:
    """The bytes, with U+FFFD for half characters, when they are JSON. Raises orjson.JSONDecodeError."""
    try:
        orjson.loads(body)
        return body
    except orjson.JSONDecodeError:
        orjson.loads(whole := mended(body))
        return whole


def day(moment: datetime) -> str:
    """The day of a moment, in the only form in which Kili documents its filters of time."""
    return moment.astimezone(UTC).date().isoformat()


def _message(error: object) -> str:
    found = error.get("message") if isinstance(error, dict) else error
    return str(found)


def _code(error: object) -> str:
    extensions = error.get("extensions") if isinstance(error, dict) else None
    return str(extensions.get("code")) if isinstance(extensions, dict) else ""
