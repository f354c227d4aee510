"""The migration that moves the keys of requests to the site keeps them, in both directions."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

BEFORE, AFTER = ("exports", "0002_runs"), ("exports", "0003_keys_moved")


def migrate(target: tuple[str, str]) -> None:
    MigrationExecutor(connection).migrate([target])


def rows(table: str) -> list[tuple[str, str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT path, key, resource::text FROM {table} ORDER BY key")
        return cursor.fetchall()


@pytest.fixture
def latest(transactional_db: None) -> Iterator[None]:
    """However the test ends, the next one finds all tables."""
    leaves = MigrationExecutor(connection).loader.graph.leaf_nodes()
    yield
    MigrationExecutor(connection).migrate(leaves)


def test_keys_are_kept(latest: None) -> None:
    migrate(BEFORE)
    made = str(uuid.uuid4())
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO exports_idempotencykey (path, key, body_sha256, resource, created_at) "
            "VALUES ('/api/v1/exports/', 'a', 'f00d', %s, now())",
            [made],
        )
        cursor.execute("DELETE FROM exportsite_idempotencykey")
    migrate(AFTER)
    assert rows("exportsite_idempotencykey") == [("/api/v1/exports/", "a", made)]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO exportsite_idempotencykey (path, key, body_sha256, resource, created_at) "
            "VALUES ('/api/v1/sync-runs/', 'b', 'f00d', '17', now())"
        )
    migrate(BEFORE)
    assert rows("exports_idempotencykey") == [("/api/v1/exports/", "a", made)], "those of syncs have no place there"
