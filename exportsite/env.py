"""Settings from the environment: typed, and every missing or wrong value named in one error."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from exportsite import forks

T = TypeVar("T")

BASE_DIR = Path(__file__).resolve().parent.parent
"""The checkout: where manage.py is."""

CGROUP = Path("/sys/fs/cgroup")
"""Where a container sees its own limits (cgroups(7))."""

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off", ""}


class WrongSettings(Exception):
    """One or more environment variables are missing or wrong; the text names each."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("These settings are missing or wrong:\n" + "\n".join(f"  {problem}" for problem in problems))


class Env:
    """Reads variables one by one and remembers what was wrong; `check` raises once, with all of it."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self.variables = variables
        self.problems: list[str] = []

    def read(self, name: str, parse: Callable[[str], T], default: T, *, required: bool = False) -> T:
        """The parsed value of `name`; `default` when it is absent, or wrong: then the problem is kept for `check`."""
        raw = self.variables.get(name)
        if raw is None or raw == "":
            if required:
                self.problems.append(f"{name} is not set")
            return default
        try:
            return parse(raw)
        except ValueError as problem:
            self.problems.append(f"{name}={raw!r}: {problem}")
            return default

    def check(self) -> None:
        """Raise `WrongSettings` when anything read so far was missing or wrong."""
        if self.problems:
            raise WrongSettings(self.problems)


def boolean(raw: str) -> bool:
    """1, true, yes, on / 0, false, no, off, in any case."""
    word = raw.strip().lower()
    if word in TRUE:
        return True
    if word in FALSE:
        return False
    raise ValueError("expected one of 1, true, yes, on, 0, false, no, off")


def words(raw: str) -> list[str]:
    """A comma-separated list; blanks around the items do not count."""
    return [item for item in (part.strip() for part in raw.split(",")) if item]


def path(raw: str) -> Path:
    """An absolute path; `~` is the home directory."""
    return Path(raw).expanduser().absolute()


def home(variables: Mapping[str, str]) -> Path:
    """LABELTRAIL_HOME: data, keys and artefacts; `var/` in the checkout unless it is set."""
    return path(variables.get("LABELTRAIL_HOME") or str(BASE_DIR / "var"))


def cores(most: int) -> int:
    """How many cores this process may use, at most so many; 1 where none of the others could be forked safely."""
    return min(most, len(os.sched_getaffinity(0)), granted()) if forks.AVAILABLE else 1


def granted(cgroup: Path = CGROUP) -> int:
    """How many cores' time a container may take, rounded up: what the kernel grants to its group. Without a limit as
    many as there may be."""
    with suppress(OSError, ValueError):  # Version 2: "max 100000", or microseconds of how many.
        quota, period = (cgroup / "cpu.max").read_text().split()
        return _rounded_up(quota, period)
    with suppress(OSError, ValueError):  # Version 1: -1, or the same in two files.
        quota, period = ((cgroup / "cpu" / f"cpu.cfs_{name}_us").read_text() for name in ("quota", "period"))
        return _rounded_up(quota, period)
    return sys.maxsize


def _rounded_up(quota: str, period: str) -> int:
    if quota == "max" or int(quota) <= 0:
        return sys.maxsize
    return -(-int(quota) // int(period))


def integer(low: int, high: int) -> Callable[[str], int]:
    """A parser for whole numbers from `low` to `high`."""

    def parse(raw: str) -> int:
        try:
            number = int(raw)
        except ValueError:
            raise ValueError("expected a whole number") from None
        if not low <= number <= high:
            raise ValueError(f"expected a whole number from {low} to {high}")
        return number

    return parse


def host_name(raw: str) -> str:
    """A DNS name: letters, digits, hyphens and dots."""
    if not raw.isascii() or not all(part and part.replace("-", "a").isalnum() for part in raw.split(".")):
        raise ValueError("expected a host name such as trail.example.org")
    return raw.lower()


def long_secret(raw: str) -> str:
    """A secret of at least 40 characters."""
    if len(raw) < 40:
        raise ValueError("expected at least 40 characters")
    return raw


def database(raw: str) -> dict[str, object]:
    """`postgresql://user:password@host:port/name?option=value` as one entry of Django's DATABASES.

    A host that is a directory (percent-encoded, or `?host=/directory`) is a Unix socket's.
    """
    from urllib.parse import parse_qsl, unquote, urlsplit

    parts = urlsplit(raw)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ValueError("expected postgresql://user:password@host:port/name; PostgreSQL is the only database")
    name = unquote(parts.path.lstrip("/"))
    if not name:
        raise ValueError("names no database: expected postgresql://user:password@host:port/name")
    options = dict(parse_qsl(parts.query))
    host = options.pop("host", unquote(parts.hostname or ""))
    port = options.pop("port", str(parts.port or ""))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": port,
        "CONN_MAX_AGE": 600,
        "OPTIONS": options,
    }
