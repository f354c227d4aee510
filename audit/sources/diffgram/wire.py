"""How Diffgram is asked, and what its answers mean: HTTP Basic with a client id and secret, JSON both ways."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Any, TypeVar

import msgspec
import orjson

from audit.sources.base import SourceError
from audit.sources.values import http_date
from audit.sources.web import Again, Answer, Ask, Conditions, Web

T = TypeVar("T")

PLATFORM = "Diffgram"


class _Refusal(msgspec.Struct):
    log: dict[str, Any] | None = None
    error: Any = None


class Wire:
    """One project at one address, asked with one key. `clock` is the server's time at its newest answer."""

    def __init__(self, url: str, key: str, project: str, how: Conditions) -> None:
        client, _, secret = key.partition(":")
        if not (client and secret and key.isprintable() and " " not in key):
            raise SourceError(
                "key",
                "this is no key of Diffgram: write the client id and the client secret with a colon between, without "
                "quotes and spaces",
            )
        self.project = project
        self.clock: datetime | None = None
        basic = base64.b64encode(key.encode()).decode()
        headers = {"Authorization": f"Basic {basic}", "Accept": "application/json", "Content-Type": "application/json"}
        self.web = Web(PLATFORM, url, headers, secret, how)

    def ask(self, path: str, body: object, what: str, type_: type[T], query: dict[str, str] | None = None) -> T:
        """The answer as `type_`: to a POST, or to a GET when there is no body. Raises SourceError."""
        request = Ask(path, None if body is None else orjson.dumps(body), tuple((query or {}).items()))
        return self.web.ask(request, what, lambda answer: self._read(answer, what, type_))

    def no_project(self, said: str = "") -> SourceError:
        """For a project that the key does not see; `said` is what the platform says of it."""
        because = f" It says: {self.web.shown(said)}." if said else ""
        return SourceError(
            "missing",
            f'{self.web.host} has no project "{self.project}" that this key may see.{because} The id is in the '
            "project's address, after /project/",
        )

    def _read(self, answer: Answer, what: str, type_: type[T]) -> T:
        self.clock = http_date(answer.headers.get("date")) or self.clock
        if answer.status in {401, 403}:
            raise SourceError(
                "key",
                f"Diffgram at {self.web.host} does not let this key read {what} ({answer.status}): the client id and "
                f'secret are wrong, not of the project "{self.project}", or of the role Viewer, who may make no '
                "exports. Make new ones as an Editor in the project's settings",
            )
        if answer.status == 404:
            raise SourceError(
                "missing",
                f'Diffgram at {self.web.host} has no such address when asked for {what} of "{self.project}" (404): '
                "check the source's address and the project's id",
            )
        if answer.status == 400 and b"Export not ready yet" in answer.body:
            raise Again("its export is not ready yet")
        if answer.status != 200:
            raise self.web.refused(what, answer.status, _said(answer))
        return self.web.decoded(answer.body, what, type_)


def _said(answer: Answer) -> str:
    """What the platform says of an error: the texts of its log, else all of it."""
    try:
        found = msgspec.json.decode(answer.body, type=_Refusal)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return answer.said
    error = (found.log or {}).get("error") or found.error
    if isinstance(error, dict):
        return "; ".join(f"{name}: {value}" for name, value in error.items())
    return str(error) if error else answer.said
