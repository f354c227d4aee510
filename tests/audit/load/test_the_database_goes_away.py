"""A load while the database is away ends with words, not with a traceback."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper

from audit.staging import Staging
from exportsite.exits import FAILED


@pytest.fixture
def events(tmp_path: Path) -> Path:
    path = tmp_path / "events.csv"
    path.write_text("case,activity,timestamp\nA,created,2026-03-02T08:00:00Z\n")
    return path


def test_when_it_is_not_there_at_the_start(db: None, events: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(self: BaseDatabaseWrapper) -> None:
        raise psycopg.OperationalError("connection refused\nIs the server running?")

    monkeypatch.setattr(BaseDatabaseWrapper, "connect", refused)
    with pytest.raises(CommandError) as caught:
        call_command("load", str(events), "--project", "Liver")
    assert caught.value.returncode == FAILED
    assert "The database can't be reached, or went away (connection refused)" in str(caught.value)
    assert "the same load adds the rest" in str(caught.value)


@pytest.mark.parametrize("error", [psycopg.OperationalError, psycopg.InterfaceError, OperationalError])
def test_when_it_goes_away_meanwhile(
    db: None, events: Path, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    def gone(self: Staging, name: str) -> bool:
        raise error("terminating connection due to administrator command")

    monkeypatch.setattr(Staging, "hold", gone)
    with pytest.raises(CommandError, match="terminating connection due to administrator command"):
        call_command("load", str(events), "--project", "Liver")
