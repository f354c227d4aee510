"""A connection to Diffgram's own PostgreSQL: read only, one snapshot for a whole pass.

Everything is read in one REPEATABLE READ, READ ONLY transaction, so that tables agree with each other; large answers
come through server-side cursors. Rows come as JSON texts, whatever columns the installation's version has.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import LiteralString
from urllib.parse import unquote, urlsplit

import httpx
import psycopg
from psycopg import errors

from audit.sources.address import Guard
from audit.sources.base import SourceError
from audit.sources.web import NOTHING_LOST, Conditions
from exportsite.text import short, visible_line

PORT = 5432
CONNECT_SECONDS = 10
TITLE = "Diffgram's database"
Parameters = Sequence[object] | Mapping[str, object]


class Database:
    """One database, connected when the first question is asked. `key` is a user and password with a colon between.

    The password is in no error text and no representation. Several threads may ask, one is answered at a time.
    """

    def __init__(self, url: str, key: str, how: Conditions) -> None:
        user, _, password = key.partition(":")
        if not (user and password and key.isprintable()):
            raise SourceError(
                "key", "this is no key of a database: write the user and the password with a colon between"
            )
        parts = urlsplit(url)
        try:
            port = parts.port or PORT
        except ValueError as error:
            raise SourceError("address", f"this is no address: {error}") from None
        name = unquote(parts.path.strip("/"))
        if parts.scheme not in ("postgresql", "postgres") or not parts.hostname or not name or "/" in name:
            raise SourceError(
                "address",
                f'"{visible_line(short(url, 200))}" is no address of a database; write it as '
                "postgresql://host:port/database",
            )
        if parts.username is not None or parts.password is not None:
            raise SourceError("address", "an address with a user or password in it is not used; leave them out")
        self.host, self._port, self.name = parts.hostname, port, name
        self._user, self._password = user, password
        self._guard = Guard(how.allow_hosts, how.resolve)
        self._ca_file = how.ca_file
        self._connection: psycopg.Connection[tuple[object, ...]] | None = None
        self._lock = threading.Lock()
        self._cursors = 0

    def __repr__(self) -> str:
        return f"<Database {self.name} at {self.host}>"

    def close(self) -> None:
        """End the snapshot and close the connection."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def rows(self, query: LiteralString, parameters: Parameters = ()) -> list[tuple[object, ...]]:
        """All rows of a small answer. Raises SourceError."""
        connection = self._connected()
        try:
            with connection.cursor() as cursor:
                return cursor.execute(query, parameters).fetchall()
        except psycopg.Error as error:
            raise self._described(error) from None

    def texts(self, query: LiteralString, parameters: Parameters = ()) -> list[bytes]:
        """The first column of a small answer, as bytes."""
        return [str(row[0]).encode() for row in self.rows(query, parameters)]

    def streamed(self, query: LiteralString, parameters: Parameters, size: int) -> Iterator[list[bytes]]:
        """The first column of a large answer, `size` rows at a time, through a server-side cursor."""
        connection = self._connected()
        with self._lock:
            self._cursors += 1
            name = f"labeltrail_{self._cursors}"
        try:
            with connection.cursor(name=name) as cursor:
                cursor.execute(query, parameters)
                while found := cursor.fetchmany(size):
                    yield [str(row[0]).encode() for row in found]
        except psycopg.Error as error:
            raise self._described(error) from None

    def has(self, table: str) -> bool:
        """Whether there is such a table."""
        return self.rows("SELECT to_regclass(%s)", [table])[0][0] is not None

    def clock(self) -> datetime:
        """When the snapshot was taken, by the server's clock."""
        found = self.rows("SELECT now()")[0][0]
        assert isinstance(found, datetime)
        return found.astimezone(UTC)

    def _connected(self) -> psycopg.Connection[tuple[object, ...]]:
        with self._lock:
            if self._connection is None:
                self._connection = self._connect()
            return self._connection

    def _connect(self) -> psycopg.Connection[tuple[object, ...]]:
        allowed = self._guard.allows(self.host)
        try:
            addresses = self._guard.addresses(self.host, self._port)
        except httpx.ConnectError as error:
            raise SourceError("unavailable", f"{TITLE} at {self.host} can't be found: {error}") from None
        # A server of one's own, in a network that one trusts, may have no certificate; any other must show one.
        tls = "prefer" if allowed and self._ca_file is None else "verify-full"
        try:
            connection = psycopg.connect(
                host=",".join([self.host] * len(addresses)),
                hostaddr=",".join(addresses),
                port=self._port,
                dbname=self.name,
                user=self._user,
                password=self._password,
                sslmode=tls,
                sslrootcert=self._ca_file or ("system" if tls == "verify-full" else ""),
                connect_timeout=CONNECT_SECONDS,
                application_name="labeltrail",
            )
        except psycopg.Error as error:
            raise self._described(error) from None
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        return connection

    def _described(self, error: psycopg.Error) -> SourceError:
        said = visible_line(short(str(error).replace(self._password, "…").strip(), 300))
        if isinstance(error, errors.InvalidPassword | errors.InvalidAuthorizationSpecification) or (
            "authentication failed" in said
        ):
            return SourceError("key", f"{TITLE} at {self.host} does not accept the user and password: {said}")
        if isinstance(error, errors.InvalidCatalogName) or ("database" in said and "does not exist" in said):
            return SourceError("missing", f'{self.host} has no database "{self.name}": {said}')
        if isinstance(error, errors.UndefinedTable | errors.UndefinedColumn):
            return SourceError(
                "missing", f'"{self.name}" at {self.host} is no database of Diffgram that we know: {said}'
            )
        if isinstance(error, errors.InsufficientPrivilege):
            return SourceError(
                "refused", f"{TITLE} at {self.host} does not let this user read: {said}. GRANT SELECT on its tables"
            )
        if "certificate" in said or "SSL" in said:
            return SourceError(
                "tls",
                f"the connection to {self.host} is not safe: {said}. If the server has a certificate of your own "
                "authority, give that authority's certificate with --ca-file",
            )
        return SourceError("unavailable", f"{TITLE} at {self.host} gave no answer: {said}. {NOTHING_LOST}")
