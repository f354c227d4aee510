"""Asking a platform over HTTPS, again and again where that can help, and saying in words when it does not."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import IO, TypeVar
from urllib.parse import urlsplit

import httpx
import msgspec

from audit.sources.address import Guard, PinnedTransport, Resolve, resolve, tls_context
from audit.sources.base import SourceError
from audit.sources.values import decoded
from exportsite.text import short, visible_line

T = TypeVar("T")

ATTEMPTS = 5
FIRST_WAIT = 1.0
LONGEST_WAIT = 30.0
LONGEST_ASKED = 120.0
"""Seconds: a Retry-After beyond it is not waited for in full, since a run that seems dead helps nobody."""
STEP = httpx.Timeout(30.0, connect=10.0)
WHOLE = 300.0
"""Seconds for one whole answer, however steadily it trickles."""
MAX_ANSWER = 512 * 1024 * 1024
MAX_FILE = 8 * 1024 * 1024 * 1024
AT_A_TIME = 8
"""Requests to one platform at the same time, whoever asks."""

NOTHING_LOST = "What was read until then is kept; the next run goes on from there."


@dataclass(frozen=True, slots=True)
class Conditions:
    """How a platform may be reached. `sleep` gets seconds; raising from it ends the waiting."""

    allow_hosts: Collection[str] = ()
    ca_file: str | None = None
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    resolve: Resolve = resolve


@dataclass(frozen=True, slots=True)
class Ask:
    """A request that changes nothing at the platform: POST when it has a body, else GET.

    `path` is put after the platform's address; one that begins with https:// or http:// is an address of its own (of a
    file, usually signed) and gets the platform's headers only at the platform's own host. `query` follows in order.
    """

    path: str = ""
    body: bytes | None = None
    query: Sequence[tuple[str, str]] = ()
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that is neither "too many requests" nor a trouble of the server. Names of headers are in lower case."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def said(self) -> str:
        """How its text begins."""
        return self.body[:2000].decode(errors="replace")


class Again(Exception):
    """Raised by who reads an answer: it is not whole, so ask again."""


class Web:
    """One address of one platform. `secret` is kept out of every text that leaves this object.

    Several threads may ask: no more than AT_A_TIME at once, and none while the platform wants to be left alone.
    """

    def __init__(self, platform: str, url: str, headers: Mapping[str, str], secret: str, how: Conditions) -> None:
        self._guard = guard = Guard(how.allow_hosts, how.resolve)
        guard.check_url(url)
        self.platform = platform
        self.url = url
        self.host = urlsplit(url).hostname or ""
        self._headers = dict(headers)
        self._secrets = [secret]
        self._how = how
        self._turns = threading.BoundedSemaphore(AT_A_TIME)
        self._lock = threading.Lock()
        self._quiet = 0.0  # Until when, by the clock, nobody asks anything.
        self._client = httpx.Client(
            transport=PinnedTransport(guard, tls_context(how.ca_file)),
            timeout=STEP,
            follow_redirects=False,
            trust_env=False,
        )

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.platform} at {self.host}>"

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def shown(self, text: object) -> str:
        """Somebody else's text for one of ours: short, on one line, without secrets."""
        said = str(text)
        for secret in self._secrets:
            said = said.replace(secret, "…") if secret else said
        return visible_line(short(said, 300))

    def nonsense(self, what: str, why: str) -> SourceError:
        """The error for an answer that can't be what it should be."""
        return SourceError(
            "answer",
            f"the answer of {self.platform} at {self.host} about {what} makes no sense: {self.shown(why)}. What was "
            "read until then is kept, but this is not all. Sync again; if it stays so, the platform's API may have "
            "changed",
        )

    def no_api(self) -> SourceError:
        """The error for an address at which there is something else."""
        return SourceError(
            "address", f"there is no API of {self.platform} at {self.url} (404); check the address of the source"
        )

    def refused(self, what: str, status: int, said: str) -> SourceError:
        """The error for an answer that says no, in the platform's words."""
        return SourceError(
            "refused", f"{self.platform} at {self.host} refused to tell {what} ({status}): {self.shown(said)}"
        )

    def decoded(self, body: bytes, what: str, type_: type[T]) -> T:
        """An answer's JSON as `type_`. Raises SourceError for JSON of another shape, Again for what is none."""
        try:
            return decoded(body, type_)
        except msgspec.ValidationError as error:
            raise self.nonsense(what, str(error)) from None
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise Again(f"its answer is no JSON, or not all of it ({error})") from None

    def use(self, headers: Mapping[str, str], secret: str) -> None:
        """Send these headers from now on, besides the first ones; `secret` is kept out of every text as well."""
        with self._lock:
            self._headers = {**self._headers, **headers}
            self._secrets.append(secret)

    def ask(self, request: Ask, what: str, read: Callable[[Answer], T]) -> T:
        """Send the request, and what `read` makes of the answer. `what` names the request in errors ("its tasks").

        Repeats after 429 (as long as Retry-After asks, up to LONGEST_ASKED), 5xx, broken connections, answers that
        stop or never end, and `Again`.
        """
        parts: list[bytes] = []

        def begin() -> None:
            parts.clear()

        def taken(answer: Answer) -> T:
            return read(replace(answer, body=b"".join(parts)))

        return self._tried(request, what, parts.append, begin, taken, MAX_ANSWER)

    def fetch(self, url: str, what: str, into: IO[bytes]) -> int:
        """Write the file at this address into an empty file; how many bytes it has. Raises SourceError.

        A file that is not there, or may not be read, is an error, whatever its answer's body says.
        """

        def begin() -> None:
            into.seek(0)
            into.truncate()

        def taken(answer: Answer) -> int:
            if answer.status == 200:
                return into.tell()
            raise SourceError(
                "missing" if answer.status in (404, 410) else "refused",
                f"{self.platform} did not give {what}: {urlsplit(url).hostname} answered {answer.status}. "
                f"{NOTHING_LOST}",
            )

        return self._tried(Ask(url), what, into.write, begin, taken, MAX_FILE)

    def _tried(
        self,
        request: Ask,
        what: str,
        write: Callable[[bytes], object],
        begin: Callable[[], None],
        taken: Callable[[Answer], T],
        most: int,
    ) -> T:
        problem = ""
        busy = False
        for attempt in range(1, ATTEMPTS + 1):
            wait = min(FIRST_WAIT * 2 ** (attempt - 1), LONGEST_WAIT)
            all_wait = False
            try:
                begin()
                answer = self._once(request, write, most)
                if answer.status != 429 and answer.status < 500:
                    return taken(answer)
                busy = answer.status == 429
                problem = "it gets too many requests (429)" if busy else f"it answered {answer.status}"
                asked = _seconds(answer.headers.get("retry-after"))
                wait = wait if asked is None else min(max(asked, 0.0), LONGEST_ASKED)
                all_wait = busy or asked is not None
            except Again as error:
                busy, problem = False, str(error)
            except httpx.RequestError as error:
                self._raise_untrusted(error)
                busy, problem = False, self._described(error)
            if attempt < ATTEMPTS:
                self._wait(wait, all_wait)
        if busy:
            raise SourceError(
                "busy",
                f"{self.platform} at {self.host} did not let us read {what}: {problem}, after {ATTEMPTS} attempts. "
                f"{NOTHING_LOST} Sync less often, or ask the platform for a higher limit",
            ) from None
        raise SourceError(
            "unavailable",
            f"{self.platform} at {self.host} gave no answer about {what}: {problem}, after {ATTEMPTS} attempts. "
            f"{NOTHING_LOST} See whether the platform works and can be reached from this machine",
        ) from None

    def _wait(self, seconds: float, all_wait: bool) -> None:
        """Wait so long; with `all_wait` nobody else begins a request meanwhile."""
        if not all_wait:
            self._how.sleep(seconds)
            return
        until = self._how.clock() + seconds
        with self._lock:
            self._quiet = max(self._quiet, until)
        self._how.sleep(seconds)
        with self._lock:
            if self._quiet == until:
                self._quiet = 0.0

    def _once(self, request: Ask, write: Callable[[bytes], object], most: int) -> Answer:
        """The answer without its body, which went to `write`."""
        with self._turns:
            while self._quiet and (left := self._quiet - self._how.clock()) > 0:
                self._how.sleep(left)  # Another request was told to wait.
            return self._asked(request, write, most)

    def _asked(self, request: Ask, write: Callable[[bytes], object], most: int) -> Answer:
        url, headers = self._place(request)
        until = self._how.clock() + WHOLE
        method = "GET" if request.body is None else "POST"
        query = httpx.QueryParams(list(request.query)) if request.query else None
        with self._client.stream(method, url, params=query, content=request.body, headers=headers) as response:
            size = 0
            for part in response.iter_bytes():
                write(part)
                size += len(part)
                if size > most:
                    raise SourceError(
                        "answer",
                        f"{self.platform} at {self.host} sent an answer of more than {most >> 20} MiB. {NOTHING_LOST}",
                    )
                if self._how.clock() > until:
                    raise httpx.ReadTimeout(f"the answer was not whole after {WHOLE:.0f} seconds")
            return Answer(response.status_code, b"", {name.lower(): v for name, v in response.headers.items()})

    def _place(self, request: Ask) -> tuple[str, dict[str, str]]:
        """The request's address and headers."""
        if not request.path.startswith(("https://", "http://")):
            return self.url + request.path, {**self._headers, **request.headers}
        self._guard.check_url(request.path)
        own = urlsplit(request.path)[:2] == urlsplit(self.url)[:2]
        return request.path, {**(self._headers if own else {}), **request.headers}

    def _described(self, error: httpx.RequestError) -> str:
        if isinstance(error, httpx.ConnectTimeout):
            return "no connection came about in time"
        if isinstance(error, httpx.TimeoutException):
            return "the answer did not come in time"
        return self.shown(error) or "the connection broke"

    def _raise_untrusted(self, error: httpx.RequestError) -> None:
        if "CERTIFICATE_VERIFY_FAILED" in str(error):
            raise SourceError(
                "tls",
                f"the certificate of {self.host} is not trusted ({self.shown(error)}). If the server has a certificate "
                "of your own authority, give that authority's certificate with --ca-file",
            ) from None


def _seconds(header: str | None) -> float | None:
    """Retry-After in seconds (RFC 9110 section 10.2.3: seconds or a date); None when there is none that makes sense."""
    if header is None:
        return None
    if header.strip().isdecimal():
        return float(header)
    try:
        return (parsedate_to_datetime(header) - datetime.now(UTC)).total_seconds()
    except (TypeError, ValueError):
        return None
