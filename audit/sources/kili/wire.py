"""How Kili is asked, in its SDK's wire form, and what its answers mean: GraphQL, whose errors may come with any status.

Unlike the SDK it raises when an answer is not whole.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlsplit

import msgspec
import orjson

from audit.sources import graphql
from audit.sources.base import SourceError
from audit.sources.values import http_date, mended
from audit.sources.web import Again, Answer, Ask, Conditions, Web

PLATFORM = "Kili"
SDK_VERSION = "26.2.4"
"""The wire form we speak; sent as apollographql-client-version, as the SDK does."""
_PATH = "/api/label/v2/graphql"
# GraphQL's words for what this key or this installation does not have, as against what failed.
_CLOSED = re.compile(
    r"cannot query field|unknown (type|argument)|forbidden|not (allowed|authori[sz]ed|permitted|available|enabled)"
    r"|access denied|permission|do not have access",
    re.IGNORECASE,
)
_CLOSED_CODES = frozenset({"GRAPHQL_VALIDATION_FAILED", "FORBIDDEN", "ACCESS_DENIED"})
_KEY = re.compile(r"unauthenticated|api.?key|invalid token|authentication failed", re.IGNORECASE)


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


class Wire:
    """One installation, asked with one key. `clock` is the server's time at its newest answer."""

    def __init__(self, url: str, key: str, how: Conditions) -> None:
        if not (8 <= len(key) <= 512 and key.isascii() and key.isprintable() and " " not in key):
            raise SourceError(
                "key",
                f"this is no API key of Kili: it has {len(key)} characters, and a key has no spaces and nothing but "
                "letters, digits and hyphens. Copy it whole from Settings, API key, without quotes",
            )
        self.clock: datetime | None = None
        headers = {
            "Authorization": f"X-API-Key: {key}",
            "Accept": "application/json",
            "Content-Type": "application/json",
            "apollographql-client-name": "python-sdk",
            "apollographql-client-version": SDK_VERSION,
        }
        self.web = Web(PLATFORM, endpoint(url), headers, key, how)

    def ask(self, query: str, variables: Mapping[str, object], what: str) -> dict[str, msgspec.Raw]:
        """The data of the answer. What has `errors` has failed, whatever data came with them; raises SourceError."""
        body = orjson.dumps({"query": query, "variables": variables})
        return self.web.ask(Ask(body=body), what, lambda answer: self._read(answer, what))

    def json_file(self, url: str, what: str) -> bytes:
        """The JSON at an address. Raises SourceError when it is not there, or not whole."""

        def read(answer: Answer) -> bytes:
            if answer.status != 200:
                raise SourceError(
                    "missing" if answer.status in {404, 410} else "refused",
                    f"Kili keeps {what} at {urlsplit(url).hostname}, which answered {answer.status} instead of it. "
                    "What was read until then is kept; what is missing is not taken for empty",
                )
            try:
                return whole_json(answer.body)
            except orjson.JSONDecodeError as error:
                raise Again(f"{what} is no JSON, or not all of it ({error})") from None

        return self.web.ask(Ask(url), what, read)

    def _read(self, answer: Answer, what: str) -> dict[str, msgspec.Raw]:
        self.clock = http_date(answer.headers.get("date"))
        response = self._decoded(answer, what)
        if response.errors:
            said, codes = graphql.messages(response.errors), graphql.codes(response.errors)
            if "UNAUTHENTICATED" in codes or _KEY.search(said):
                raise self._bad_key(self.web.shown(said))
            raise Refused(
                f"Kili at {self.web.host} failed to tell {what}: {self.web.shown(said)}",
                closed=bool(codes & _CLOSED_CODES or _CLOSED.search(said)),
            )
        if response.data is None:
            raise self.web.nonsense(what, "it has neither data nor errors")
        return response.data

    def _decoded(self, answer: Answer, what: str) -> graphql.Response:
        """The answer, of which errors may come with a status of 400."""
        if answer.status in {401, 403}:
            raise self._bad_key(str(answer.status))
        if answer.status == 404:
            raise self.web.no_api()
        if answer.status not in {200, 400}:
            raise self.web.refused(what, answer.status, answer.said)
        try:
            return self.web.decoded(answer.body, what, graphql.Response)
        except Again:
            if answer.status == 400:
                raise self.web.refused(what, answer.status, answer.said) from None
            raise

    def _bad_key(self, said: str) -> SourceError:
        return SourceError(
            "key",
            f"Kili at {self.web.host} does not accept the API key ({said}): it is wrong, expired or revoked, or of "
            "somebody who may not see this project. Make a new one in Kili under Settings, API key",
        )


def whole_json(body: bytes) -> bytes:
    """The bytes, with U+FFFD for half characters, when they are JSON. Raises orjson.JSONDecodeError."""
    try:
        orjson.loads(body)
        return body
    except orjson.JSONDecodeError:
        orjson.loads(whole := mended(body))
        return whole
