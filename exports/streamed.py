"""Rows of large results as they come: nothing holds all of them."""

from __future__ import annotations

from collections.abc import Iterator
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
