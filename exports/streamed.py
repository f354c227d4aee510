"""Rows of large results: as they come, so that nothing holds all of them, or a batch of large ones at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.db import connection

FETCH = 1_000
"""Rows that the server sends at a time."""


def rows(sql: str, values: list[Any]) -> Iterator[tuple[Any, ...]]:
    """Rows of a statement as the server sends them."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql, values)
        while batch := cursor.fetchmany(FETCH):
            yield from batch


def batch(sql: str, values: list[Any], types: Sequence[str]) -> list[tuple[Any, ...]]:
    """All rows of a statement, by a binary COPY: for payloads a third of what a cursor takes, which has them as text.

    `types` are the columns', by PostgreSQL's names.
    """
    asked = f"COPY ({sql}) TO STDOUT (FORMAT BINARY)"
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(asked, values) as copy:
        copy.set_types(types)
        return list(copy.rows())
