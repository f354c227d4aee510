"""What every test gets: a database when it asks for one, and a home directory that is nobody else's."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db.backends.postgresql.operations import DatabaseOperations
from django.test import Client

from exportsite import postgres


@pytest.fixture(scope="session")
def private_server() -> Iterator[None]:
    """Hold the tests' own PostgreSQL, which pytest-xdist's workers share; nothing when DATABASE_URL names another."""
    if not os.environ.get("LABELTRAIL_PRIVATE_POSTGRES"):
        yield
        return
    with postgres.ensure(Path(os.environ["LABELTRAIL_TEST_HOME"]), durable=False):
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings(private_server: None, django_db_modify_db_settings_parallel_suffix: None) -> None:
    """pytest-django's place for what must happen before it makes the test database."""


@pytest.fixture(scope="session", autouse=True)
def _flush_past_guards() -> Iterator[None]:
    """Let tests with `transaction=True` empty the tables afterwards, although a trigger guards the log.

    Only the flush goes past the guard: a replica's session fires no ordinary triggers, and SET LOCAL ends with the
    transaction. It needs a superuser, which the private server's user is.
    """
    flush = DatabaseOperations.execute_sql_flush

    def unguarded(self: DatabaseOperations, sql_list: list[str]) -> None:
        flush(self, ["SET LOCAL session_replication_role = replica", *sql_list])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "execute_sql_flush", unguarded)
        yield


@pytest.fixture
def client(db: None) -> Client:
    """A browser in which somebody signed in who may do everything; tests/access is about everybody else."""
    signed_in = Client()
    signed_in.force_login(User.objects.create_superuser("root"))
    return signed_in


@pytest.fixture
def anonymous() -> Client:
    """A browser in which nobody signed in."""
    return Client()


@pytest.fixture
def artefacts(tmp_path: Path, settings: Any) -> Path:
    """The folder of finished files, for this test alone."""
    settings.LABELTRAIL_ARTEFACTS = tmp_path / "artefacts"
    return tmp_path / "artefacts"
