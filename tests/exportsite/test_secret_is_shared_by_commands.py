"""A worker takes only messages that are signed with its own secret: all commands on a home have the same."""

from __future__ import annotations

from pathlib import Path

from exportsite.launch import share_secret


def test_the_first_command_makes_it_and_the_next_finds_it(tmp_path: Path) -> None:
    first, second = {"LABELTRAIL_HOME": str(tmp_path / "home")}, {"LABELTRAIL_HOME": str(tmp_path / "home")}
    share_secret(first)
    share_secret(second)
    assert len(first["LABELTRAIL_SECRET_KEY"]) == 64
    assert first == second
    assert (tmp_path / "home" / "secret.key").stat().st_mode & 0o077 == 0


def test_one_that_is_given_stands(tmp_path: Path) -> None:
    given = {"LABELTRAIL_HOME": str(tmp_path), "LABELTRAIL_SECRET_KEY": "x" * 40}
    share_secret(given)
    assert given["LABELTRAIL_SECRET_KEY"] == "x" * 40
    assert list(tmp_path.iterdir()) == []


def test_production_has_to_give_its_own(tmp_path: Path) -> None:
    variables = {"LABELTRAIL_HOME": str(tmp_path), "LABELTRAIL_PRODUCTION": "1"}
    share_secret(variables)
    assert "LABELTRAIL_SECRET_KEY" not in variables
