"""A log, its archives, and the verifier called in this process: as from the command line, but faster."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import pytest

from exports import verify
from exports.archive.zipwriter import ZipWriter
from tests.exports.sealed import SealedLog, archive_of, worked_log


@dataclass
class Outcome:
    """Exit code and everything printed."""

    code: int
    text: str

    def row(self, state: str, what: str) -> str:
        """The text of the one row with this state and name."""
        found = [line[19:] for line in self.text.splitlines() if line.startswith(f"{state:5} {what:12} ")]
        assert len(found) == 1, self.text
        return found[0]


Run = Callable[..., Outcome]


@pytest.fixture(scope="session")
def run() -> Run:
    def call(path: Path, *options: object) -> Outcome:
        out = io.StringIO()
        with redirect_stdout(out), redirect_stderr(out):
            code = verify.main([str(path), *map(str, options)])
        return Outcome(code, out.getvalue())

    return call


@pytest.fixture(scope="session")
def log() -> SealedLog:
    return worked_log(24)


@pytest.fixture(scope="session")
def whole(log: SealedLog, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive with all entries. Tests write changed copies elsewhere."""
    return archive_of(log, tmp_path_factory.mktemp("whole") / "whole.zip")


@pytest.fixture(scope="session")
def selection(log: SealedLog, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of entries 1, 4, 7 and 10: some of task T1."""
    return archive_of(log, tmp_path_factory.mktemp("selection") / "s.zip", mode="selection", chosen=[1, 4, 7, 10])


@pytest.fixture
def rewrite(tmp_path: Path) -> Callable[..., Path]:
    """Write an archive's members again as Labeltrail's own writer does: all that is left to find is what changed."""

    def again(path: Path, change: Callable[[dict[str, bytes]], dict[str, bytes] | None]) -> Path:
        with zipfile.ZipFile(path) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        members = change(members) or members
        target = tmp_path / f"rewritten-{path.name}"
        with target.open("wb") as out:
            writer = ZipWriter(out)
            for name, data in members.items():
                writer.write(name, data)
            writer.close()
        return target

    return again
