"""How isahit lab lets one in, and what its answers mean: access id and secret key give a token for some minutes."""

from __future__ import annotations

import threading
from datetime import datetime
from typing import TypeVar
from urllib.parse import urlencode

import msgspec

from audit.sources.base import SourceError
from audit.sources.values import http_date
from audit.sources.web import Answer, Ask, Conditions, Web

T = TypeVar("T")

PLATFORM = "isahit lab"
EARLY = 15.0
"""Seconds before a token's end at which a new one is asked for, as the SDK does."""
_LOGIN = "/api/user-manager/auth/login"


class _Token(msgspec.Struct):
    access_token: str
    expires_in: float


class _Refusal(msgspec.Struct):
    message: str | list[str] | None = None
    errorCode: str | int | None = None  # noqa: N815 - the wire's name


class _Expired(Exception):
    """The platform does not know the token (401): a new one may help."""


class Door:
    """One address of isahit lab, entered with one key. Several threads may ask."""

    def __init__(self, url: str, key: str, how: Conditions) -> None:
        access, _, secret = key.partition(":")
        if not (access and secret and key.isprintable() and " " not in key):
            raise SourceError(
                "key",
                "this is no key of isahit lab: write the access id and the secret key with a colon between, without "
                "quotes and spaces",
            )
        self._login = urlencode({"access_id": access, "secret_key": secret}).encode()
        self._clock = how.clock
        self._lock = threading.Lock()
        self._valid_until: float | None = None
        self.web = Web(PLATFORM, url, {"Accept": "application/json"}, secret, how)

    def ask(
        self, request: Ask, what: str, type_: type[T], missing: SourceError | None = None
    ) -> tuple[T, datetime | None]:
        """The answer as `type_`, and the server's time. Raises SourceError, `missing` where there is no such thing.

        A token that was refused is replaced once.
        """

        def read(answer: Answer) -> tuple[T, datetime | None]:
            return self._read(answer, what, type_, missing), http_date(answer.headers.get("date"))

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
            if self._valid_until is None or self._clock() + EARLY >= self._valid_until:
                self._log_in()
            return self._valid_until

    def _renew(self, refused: float | None) -> None:
        """Log in again, unless somebody else did since that token was taken."""
        with self._lock:
            if self._valid_until == refused:
                self._log_in()

    def _log_in(self) -> None:
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        began = self._clock()
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
            raise self.web.no_api()
        if answer.status != 201:  # As the SDK: a token comes with 201 Created, never with 200.
            raise self._refused(answer, "a token")
        return self.web.decoded(answer.body, "a token", _Token)

    def _read(self, answer: Answer, what: str, type_: type[T], missing: SourceError | None) -> T:
        if answer.status == 401:
            raise _Expired
        if answer.status == 403:
            raise SourceError(
                "key",
                f"isahit lab at {self.web.host} does not let this key read {what} (403): give the key's user access "
                "to the project, or use another key",
            )
        if answer.status == 404:
            raise missing or self.web.no_api()
        if answer.status != 200:
            raise self._refused(answer, what)
        return self.web.decoded(answer.body, what, type_)

    def _refused(self, answer: Answer, what: str) -> SourceError:
        try:
            refusal = msgspec.json.decode(answer.body, type=_Refusal)
            said = f"{refusal.message or ''} {refusal.errorCode or ''}".strip()
        except (msgspec.DecodeError, UnicodeDecodeError):
            said = answer.said
        return self.web.refused(what, answer.status, said)
