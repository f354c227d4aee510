"""isahit lab's REST API, in its SDK's wire form (isahitlab 0.17.0); unlike the SDK it raises what is not whole.

The SDK logs in with an access id and a secret key, gets a token for some minutes, and asks for pages by their numbers.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar
from urllib.parse import quote, urlencode

import msgspec

from audit.sources.base import SourceError
from audit.sources.values import mended
from audit.sources.web import Again, Answer, Ask, Conditions, Web

T = TypeVar("T")
Query = Sequence[tuple[str, str]]

PLATFORM = "isahit lab"
CLOUD = "https://hub-api.isahit.com"
PAGE = 100
"""Tasks in a page, as the SDK asks for them."""
OPTIONAL = ("data", "data.mask", "jobs", "jobs.history", "metrics")
"""What a task comes with only when it is asked for."""
EARLY = 15.0
"""Seconds before a token's end at which a new one is asked for, as the SDK does."""

_LOGIN = "/api/user-manager/auth/login"
_PROJECTS = "/api/project-manager/projects"
_CONFIGURATION = "/api/project-configuration-manager/projects/{}/project-configuration"
_BATCHES = "/api/task-manager/batches"
_TASKS = "/api/task-manager/tasks"


class _Token(msgspec.Struct):
    access_token: str
    expires_in: float


class _Page(msgspec.Struct):
    docs: list[msgspec.Raw]
    totalDocs: int  # noqa: N815 - these are the wire's names
    page: int
    hasNextPage: bool  # noqa: N815
    nextPage: int | None = None  # noqa: N815


class _Refusal(msgspec.Struct):
    message: str | list[str] | None = None
    errorCode: str | int | None = None  # noqa: N815


class _Expired(Exception):
    """The platform does not know the token (401): a new one may help."""


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
        access, _, secret = key.partition(":")
        if not (access and secret and key.isprintable() and " " not in key):
            raise SourceError(
                "key",
                "this is no key of isahit lab: write the access id and the secret key with a colon between, without "
                "quotes and spaces",
            )
        self.project = project
        self._how = how or Conditions()
        self._login = urlencode({"access_id": access, "secret_key": secret}).encode()
        self._lock = threading.Lock()
        self._valid_until: float | None = None
        self.web = Web(PLATFORM, url, {"Accept": "application/json"}, secret, self._how)

    def __repr__(self) -> str:
        return f"<IsahitClient {self.web.host} project {self.project}>"

    def close(self) -> None:
        """Close all connections."""
        self.web.close()

    def configuration(self) -> bytes:
        """The project's configuration. Raises SourceError "missing" when the key sees no such project."""
        path = _CONFIGURATION.format(quote(self.project, safe=""))
        raw = bytes(self._ask(Ask(path), "the project's configuration", msgspec.Raw, self._no_project()))
        if not raw.startswith(b"{"):
            raise self._no_project()
        return raw

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
        query = self._whole_tasks()
        if since is not None:
            query = (*query, ("updatedAt", f">={since.astimezone(UTC):%Y-%m-%d %H:%M:%S}"))
        return self._pages(_TASKS, query, "its tasks")

    def task(self, task_id: str) -> bytes | None:
        """One task; None when the project has none of this id."""
        query = (*self._whole_tasks(), ("taskIds", task_id))
        found = next(self._pages(_TASKS, query, f"task {task_id}", 1)).items
        return found[0] if found else None

    def _whole_tasks(self) -> Query:
        return (("projectId", self.project), *(("optionalFields", name) for name in OPTIONAL))

    def _pages(self, path: str, query: Query, what: str, limit: int | None = None) -> Iterator[RawPage]:
        number = 1
        size = PAGE if limit is None else limit
        while True:
            paging = (("pagination", "true"), ("page", str(number)), ("limit", str(size)))
            clock, page = self._ask_page(Ask(path, query=(*paging, *query)), what)
            if page.page != number:
                raise self._nonsense(what, f"page {number} was asked for, page {page.page} came")
            if page.hasNextPage and not page.docs:
                raise self._nonsense(what, "a page is empty and yet another one is to follow it")
            if page.hasNextPage and page.nextPage != number + 1:
                raise self._nonsense(what, f"page {page.nextPage} is to follow page {number}")
            if not page.hasNextPage and number == 1 and page.totalDocs > 0 and not page.docs:
                raise self._nonsense(what, f"it counts {page.totalDocs} and sends none")
            yield RawPage(tuple(map(bytes, page.docs)), page.totalDocs, clock)
            if not page.hasNextPage:
                return
            number += 1

    def _ask_page(self, request: Ask, what: str) -> tuple[datetime | None, _Page]:
        missing = SourceError(
            "address", f"there is no API of isahit lab at {self.web.url} (404); check the address of the source"
        )
        return self._answered(request, what, lambda answer: (_clock(answer), self._read(answer, what, _Page, missing)))

    def _ask(self, request: Ask, what: str, type_: type[T], missing: SourceError) -> T:
        return self._answered(request, what, lambda answer: self._read(answer, what, type_, missing))

    def _answered(self, request: Ask, what: str, read: Callable[[Answer], T]) -> T:
        """What `read` makes of the answer, with a token that holds; one that was refused is replaced once."""
        token = self._token()
        try:
            return self.web.ask(request, what, read)
        except _Expired:
            self._renew(token)
        try:
            return self.web.ask(request, what, read)
        except _Expired:
            raise SourceError(
                "key",
                f"isahit lab at {self.web.host} gave a token for this key and does not accept it (401) when asked for "
                f"{what}: the key may not see this project. Make a new one in isahit lab's settings",
            ) from None

    def _token(self) -> float | None:
        """Log in when there is no token, or it is about to end; until when the one in use is valid."""
        with self._lock:
            if self._valid_until is None or self._how.clock() + EARLY >= self._valid_until:
                self._log_in()
            return self._valid_until

    def _renew(self, refused: float | None) -> None:
        """Log in again, unless somebody else did since that token was taken."""
        with self._lock:
            if self._valid_until == refused:
                self._log_in()

    def _log_in(self) -> None:
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        began = self._how.clock()
        token = self.web.ask(Ask(_LOGIN, self._login, headers=form), "a token", self._read_token)
        self.web.use({"Authorization": f"Bearer {token.access_token}"}, token.access_token)
        self._valid_until = began + token.expires_in

    def _read_token(self, answer: Answer) -> _Token:
        if answer.status in {401, 403}:
            raise SourceError(
                "key",
                f"isahit lab at {self.web.host} does not accept the access id and secret key ({answer.status}): they "
                "are wrong or were revoked. Make new ones in isahit lab's settings",
            )
        if answer.status == 404:
            raise SourceError(
                "address", f"there is no API of isahit lab at {self.web.url} (404); check the address of the source"
            )
        if answer.status != 201:  # As the SDK: a token comes with 201 Created, never with 200.
            raise self._refused(answer, "a token")
        return self._decoded(answer.body, "a token", _Token)

    def _read(self, answer: Answer, what: str, type_: type[T], missing: SourceError) -> T:
        if answer.status == 401:
            raise _Expired
        if answer.status == 403:
            raise SourceError(
                "key",
                f"isahit lab at {self.web.host} does not let this key read {what} (403): give the key's user access "
                "to the project, or use another key",
            )
        if answer.status == 404:
            raise missing
        if answer.status != 200:
            raise self._refused(answer, what)
        return self._decoded(answer.body, what, type_)

    def _refused(self, answer: Answer, what: str) -> SourceError:
        try:
            refusal = msgspec.json.decode(answer.body, type=_Refusal)
            said = f"{refusal.message or ''} {refusal.errorCode or ''}".strip()
        except (msgspec.DecodeError, UnicodeDecodeError):
            said = answer.body[:2000].decode(errors="replace")
        return SourceError(
            "refused",
            f"isahit lab at {self.web.host} refused to tell {what} ({answer.status}): {self.web.shown(said)}",
        )

    def _decoded(self, body: bytes, what: str, type_: type[T]) -> T:
        try:
            return _decode(body, type_)
        except msgspec.ValidationError as error:
            raise self._nonsense(what, str(error)) from None
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise Again(f"its answer is no JSON, or not all of it ({error})") from None

    def _no_project(self) -> SourceError:
        return SourceError(
            "missing",
            f"{self.web.host} has no project {self.project} that this key may see. The id is in the project's address "
            "in isahit lab; manage.py connect isahit --list shows those that the key may see",
        )

    def _nonsense(self, what: str, why: str) -> SourceError:
        return SourceError(
            "answer",
            f"the answer of isahit lab at {self.web.host} about {what} makes no sense: {self.web.shown(why)}. "
            "What was read until then is kept, but this is not all. Sync again; if it stays so, the platform's API "
            "may have changed",
        )


def _decode(body: bytes, type_: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=type_)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        if (whole := mended(body)) == body:
            raise
        return msgspec.json.decode(whole, type=type_)


def _clock(answer: Answer) -> datetime | None:
    """The server's time, to the second (RFC 9110 section 6.6.1)."""
    try:
        return parsedate_to_datetime(answer.headers["date"]).astimezone(UTC)
    except (KeyError, TypeError, ValueError):
        return None
